// How a change alters a room. The same function on every gateway and in every recovery; what happens to a room is decided
// elsewhere (take-turn.ts, answer-request.ts), and what stands in it is room-state.ts.

import { endClimb, recordClimb } from '../estimate/pace-climb.ts';
import { type AutopilotState, freshAutopilot } from './autopilot-rules.ts';
import { holdClock, readClock, releaseClock, skipSpan } from './held-clock.ts';
import { changePace, type PaceBucket, planTake } from './pace-bucket.ts';
import { callPaceIn, paceOf } from './pace-in-force.ts';
import { applyPassEnded, applyUsed, endComebacks, useComebacks } from './pass-changes.ts';
import type { Hold, OperatorSettings, RoomChange } from './room-change.ts';
import { paceBurstMs, type RoomRules } from './room-rules.ts';
import type { Checkpoint, RoomState } from './room-state.ts';

/** Alters `state` by one change. The same changes in the same order make the same state, on every gateway. */
export function applyChange(state: RoomState, change: RoomChange, rules: RoomRules): void {
  state.version += 1;
  if (isSteering(change)) state.revision += 1;
  switch (change.kind) {
    case 'called':
      return applyCalled(state, change.places, change.atMs, rules);
    case 'no-show':
      state.totals.noShows += change.places.length;
      takeBackCalls(state, change.places);
      for (const place of change.places) state.missed.add(place);
      return;
    case 'extended':
      return applyExtended(state, change.place);
    case 'withdrawn':
      takeBackCalls(state, change.places);
      for (const place of change.places) state.missed.delete(place);
      return;
    case 'returned':
      state.totals.returners += change.places.length;
      for (const place of change.places) state.missed.delete(place);
      return useComebacks(state, change.places);
    case 'admitted':
      return applyAdmitted(state, change, rules);
    case 'used':
      return applyUsed(state, change);
    case 'pass-ended':
      return applyPassEnded(state, change);
    case 'comeback-over':
      return endComebacks(state, change.places);
    case 'invited':
      return applyInvited(state, change.places, change.atMs);
    case 'autopilot':
      return applyAutopilot(state, change, rules);
    case 'hold':
      return applyHold(state, change.hold, change.on, change.atMs);
    case 'unattended':
      state.windowClock = skipSpan(state.windowClock, change.fromMs, change.toMs);
      state.passClock = skipSpan(state.passClock, change.fromMs, change.toMs);
      return;
    case 'settings':
      return applySettings(state, change.settings, change.atMs, rules);
    case 'no-show-share':
      return keepBuckets(state, change.atMs, rules, () => {
        state.noShowShare = change.share;
      });
    case 'signatures-clean':
      state.cleanSignatures = { signatures: change.signatures, atMs: change.atMs };
      return;
    case 'phase':
      state.phase = change.phase;
      state.phaseAtMs = change.atMs;
      return;
    case 'checkpoint':
      return applyCheckpoint(state, change, rules);
    case 'trimmed':
      state.called.trimBelow(change.below);
      state.missed.trimBelow(change.below);
      state.cameBack.trimBelow(change.below);
      return;
    case 'committed':
    case 'sealed':
    case 'revealed':
      return applyDrawChange(state, change);
    default:
      return refuseKind(change);
  }
}

/** Stores refuse what is stored by a later version; here it must not be taken for anything else. */
function refuseKind(change: never): never {
  throw new Error(`a change of a kind that nobody knows: ${JSON.stringify(change)}`);
}

/** What operators turn, or the times for them. */
function isSteering(change: RoomChange): boolean {
  return (
    change.kind === 'settings' || change.kind === 'phase' || (change.kind === 'hold' && change.hold !== 'shop-failing')
  );
}

type DrawChange = Extract<RoomChange, { kind: 'committed' | 'sealed' | 'revealed' }>;

function applyDrawChange(state: RoomState, change: DrawChange): void {
  if (change.kind === 'committed') {
    const { secret, commitment, announced = { kind: 'none' }, waitMs = 0 } = change;
    const open = { drawn: null, startsAtMs: null, sealedAtMs: null, seed: null, randomness: null };
    state.draw = { secret, commitment, announced, waitMs, ...open };
    return;
  }
  if (state.draw === null) throw new Error(`a draw cannot be ${change.kind} before it was committed`);
  if (change.kind === 'sealed') {
    const { drawn, startsAtMs, atMs } = change;
    state.draw = { ...state.draw, drawn, startsAtMs, sealedAtMs: atMs };
  } else {
    state.draw = { ...state.draw, seed: change.seed, randomness: change.randomness };
  }
}

function applyCalled(state: RoomState, places: readonly number[], atMs: number, rules: RoomRules): void {
  const calledWindowMs = readClock(state.windowClock, atMs);
  for (const place of places) {
    state.called.add(place);
    state.calls.set(place, { place, calledWindowMs });
    state.frontier = Math.max(state.frontier, place + 1);
  }
  state.totals.called += places.length;
  state.callBucket = spend(state.callBucket, places.length, atMs, callPaceIn(state, rules));
}

/** Calls out of order: what others may expect of the frontier and of the pace of calls does not change. */
function applyInvited(state: RoomState, places: readonly number[], atMs: number): void {
  const calledWindowMs = readClock(state.windowClock, atMs);
  for (const place of places) {
    state.missed.delete(place);
    state.called.add(place);
    state.calls.set(place, { place, calledWindowMs, isInvited: true });
  }
  state.totals.called += places.length;
  useComebacks(state, places);
}

function applyAutopilot(state: RoomState, change: AutopilotState, rules: RoomRules): void {
  const { pacePerMinute, cause, reason, atMs, isNew } = change;
  const isFirst = state.autopilot.pacePerMinute === null;
  keepBuckets(state, atMs, rules, () => {
    state.autopilot = { pacePerMinute, cause, reason, atMs, ...(isNew === true ? { isNew } : {}) };
  });
  if (isFirst || state.climb !== null) state.climb = recordClimb(state.climb, paceOf(state, rules), atMs);
}

function applyExtended(state: RoomState, place: number): void {
  const call = state.calls.get(place);
  // The call keeps its turn in the order of the calls.
  if (call !== undefined) state.calls.set(place, { ...call, extensions: (call.extensions ?? 0) + 1 });
}

function takeBackCalls(state: RoomState, places: readonly number[]): void {
  for (const place of places) {
    state.calls.delete(place);
    state.called.delete(place);
  }
}

type Admitted = Extract<RoomChange, { kind: 'admitted' }>;

function applyAdmitted(state: RoomState, change: Admitted, rules: RoomRules): void {
  const passNowMs = readClock(state.passClock, change.atMs);
  for (const { place, passId } of change.passes) {
    state.calls.delete(place);
    state.missed.delete(place);
    state.called.add(place);
    state.frontier = Math.max(state.frontier, place + 1);
    const unshown = change.straight === true ? { isUnshown: true as const } : {};
    const brief = change.isBrief === true ? { isBrief: true as const } : {};
    state.passes.set(passId, { passId, place, startedPassMs: passNowMs, usedPassMs: passNowMs, ...unshown, ...brief });
    state.passOfPlace.set(place, passId);
  }
  state.totals.admitted += change.passes.length;
  const pacePerMinute = paceOf(state, rules);
  state.claimBucket = spend(state.claimBucket, change.passes.length, change.atMs, pacePerMinute);
  if (change.straight) {
    state.totals.called += change.passes.length;
    state.callBucket = spend(state.callBucket, change.passes.length, change.atMs, callPaceIn(state, rules));
  }
}

function applySettings(state: RoomState, settings: OperatorSettings, atMs: number, rules: RoomRules): void {
  const { autopilot, ...others } = settings;
  keepBuckets(state, atMs, rules, () => {
    state.settings = { ...state.settings, ...others };
    if (autopilot !== undefined)
      state.settings = { ...state.settings, autopilot: { ...state.settings.autopilot, ...autopilot } };
    // A pace that is set by hand is where the autopilot goes on from.
    if (settings.pacePerMinute !== undefined) {
      state.autopilot = freshAutopilot;
      state.climb = endClimb(state.climb);
    }
  });
}

/** Lets a change of the paces take effect from that instant on: what was waited or earned before counts as it was. */
function keepBuckets(state: RoomState, nowMs: number, rules: RoomRules, change: () => void): void {
  const [fromPace, fromCallPace] = [paceOf(state, rules), callPaceIn(state, rules)];
  change();
  const rescaled = (bucket: PaceBucket, fromPacePerMinute: number, toPacePerMinute: number) =>
    changePace(bucket, { fromPacePerMinute, toPacePerMinute, burstMs: paceBurstMs, nowMs });
  state.claimBucket = rescaled(state.claimBucket, fromPace, paceOf(state, rules));
  state.callBucket = rescaled(state.callBucket, fromCallPace, callPaceIn(state, rules));
}

function spend(bucket: PaceBucket, wanted: number, nowMs: number, pacePerMinute: number): PaceBucket {
  return planTake(bucket, { pacePerMinute, burstMs: paceBurstMs, nowMs, wanted }).bucket;
}

function applyCheckpoint(state: RoomState, { handedOut, atMs }: Checkpoint, rules: RoomRules): void {
  const tooOld = state.checkpoints.filter(each => each.atMs <= atMs - rules.ticketLifetimeMs);
  state.checkpoints = [...state.checkpoints.slice(Math.max(0, tooOld.length - 1)), { handedOut, atMs }];
}

function applyHold(state: RoomState, hold: Hold, on: boolean, atMs: number): void {
  const holds = new Set(state.holds);
  if (on) holds.add(hold);
  else holds.delete(hold);
  state.holds = holds;
  state.windowClock = holds.size > 0 ? holdClock(state.windowClock, atMs) : releaseClock(state.windowClock, atMs);
  const shopStands = holds.has('shop-failing') || holds.has('shop-down');
  state.passClock = shopStands ? holdClock(state.passClock, atMs) : releaseClock(state.passClock, atMs);
}
