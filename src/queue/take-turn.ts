// What the caller decides on every turn, in this order: calls that lapsed, passes that ended, claims let in, devices
// called. Pure: it looks at the turn only and records changes on it.

import { type CallLimit, planCalls } from '../admission/plan-calls.ts';
import { readClock } from './held-clock.ts';
import { planTake } from './pace-bucket.ts';
import { callPaceIn, capOf, paceOf } from './pace-in-force.ts';
import { greatestPassMs, idleMsOf } from './pass-changes.ts';
import { type PassEnd, phases } from './room-change.ts';
import { claimTurnMs, paceBurstMs, useReportMs } from './room-rules.ts';
import { scheduleOf, trimmedBelow, windowOfCallMs } from './room-state.ts';
import type { Turn } from './turn.ts';

/** Takes back calls that were not claimed within the claim window; a device that is entering keeps its call. */
export function takeBackLapsedCalls(turn: Turn): void {
  const { state, rules, nowMs, entering } = turn;
  // A claim that waited at the gate of an earlier caller is not known here: its device gets the time to ask again.
  const isNew = nowMs - turn.callerSinceMs <= claimTurnMs;
  for (const [place, askedAtMs] of entering) {
    if (!state.calls.has(place) || (!isNew && nowMs - askedAtMs > claimTurnMs)) entering.delete(place);
  }
  if (isNew) return;
  const windowNowMs = readClock(state.windowClock, nowMs);
  const lapsed: number[] = [];
  for (const call of state.calls.values()) {
    // In the order of the calls: behind one that is too young even without more time, all are.
    if (windowNowMs - call.calledWindowMs < rules.claimWindowMs) break;
    const isOver = windowNowMs - call.calledWindowMs >= windowOfCallMs(call, rules);
    if (isOver && !entering.has(call.place)) lapsed.push(call.place);
  }
  if (lapsed.length > 0) turn.record({ kind: 'no-show', places: lapsed });
}

/** Ends passes that were idle too long or reached their greatest length, and ways back that nobody used in time. */
export function endLapsedPasses(turn: Turn): void {
  const { state, rules, nowMs } = turn;
  const passNowMs = readClock(state.passClock, nowMs);
  const lapsed: Record<Extract<PassEnd, 'idle' | 'max'>, string[]> = { idle: [], max: [] };
  for (const pass of state.passes.values()) {
    if (passNowMs - pass.startedPassMs >= greatestPassMs(pass, rules)) lapsed.max.push(pass.passId);
    else if (passNowMs - pass.usedPassMs >= idleMsOf(pass, rules) + useReportMs(rules)) lapsed.idle.push(pass.passId);
  }
  for (const cause of ['idle', 'max'] as const) {
    const passIds = lapsed[cause];
    const mayReturn = rules.comebackMs === undefined ? {} : { mayReturnAtMs: nowMs };
    if (passIds.length > 0) turn.record({ kind: 'pass-ended', passIds, cause, ...mayReturn });
  }
  const over = [...state.comebacks].filter(([, endedPassMs]) => passNowMs - endedPassMs >= (rules.comebackMs ?? 0));
  if (over.length > 0) turn.record({ kind: 'comeback-over', places: over.map(([place]) => place) });
}

/** Lets in the claims that wait at the gate: exactly the pace and the free slots, first called first. */
export function admitEntering(turn: Turn): void {
  const { state, nowMs, entering } = turn;
  const wanted = Math.min(entering.size, freeSlots(turn));
  if (wanted <= 0 || !isCalling(turn)) return;
  const pacePerMinute = paceOf(state, turn.rules);
  const { taken } = planTake(state.claimBucket, { pacePerMinute, burstMs: paceBurstMs, nowMs, wanted });
  const passes: { place: number; passId: string }[] = [];
  for (const place of inOrderOfEntry(turn)) {
    if (passes.length >= taken) break;
    if (entering.delete(place)) passes.push({ place, passId: turn.newPassId() });
  }
  if (passes.length > 0) turn.record({ kind: 'admitted', passes, atMs: nowMs });
}

/** Whom the operator let in, then the others as they were called. */
function* inOrderOfEntry({ state, entering }: Turn): Generator<number> {
  for (const place of [...entering.keys()]) if (state.calls.get(place)?.isInvited === true) yield place;
  yield* state.calls.keys();
}

/** A device at the door. `isBrief`: of the pass it would get. */
export type WalkIn = { readonly place: number; readonly isBrief?: true };

/** Lets a device walk straight through: nobody waits before it and every limit allows it. The pass id, or null. */
export function admitStraight(turn: Turn, { place, isBrief }: WalkIn): string | null {
  if (!mayWalkStraight(turn, place)) return null;
  const { state, nowMs } = turn;
  const take = { burstMs: paceBurstMs, nowMs, wanted: 1 };
  const pacePerMinute = paceOf(state, turn.rules);
  const callPacePerMinute = callPaceIn(state, turn.rules);
  if (planTake(state.callBucket, { ...take, pacePerMinute: callPacePerMinute }).taken === 0) return null;
  if (planTake(state.claimBucket, { ...take, pacePerMinute }).taken === 0) return null;
  const passId = turn.newPassId();
  const brief = isBrief === true ? { isBrief } : {};
  turn.record({ kind: 'admitted', passes: [{ place, passId }], atMs: nowMs, straight: true, ...brief });
  return passId;
}

/** Nobody waits before it, and it is the pace at most that it has to wait for. */
export function mayWalkStraight(turn: Turn, place: number): boolean {
  const { state } = turn;
  // A line that is not known is not an empty one.
  if (!turn.knowsLine || turn.isGathering) return false;
  if (!isCalling(turn) || state.settings.draining === true || turn.entering.size > 0 || place < trimmedBelow(state))
    return false;
  if (state.called.has(place) || state.missed.has(place)) return false;
  return turn.line().rankOf(place) === 0 && freeSlots(turn) - turn.claimsExpected() > 0;
}

/** Notes what was learned of no-shows once it moves: calling then follows it, on every gateway and after a change of caller. */
export function learnNoShows(turn: Turn): void {
  const { state, nowMs, claimCurve } = turn;
  claimCurve.advance(turn.windowNowMs);
  const share = Math.round(claimCurve.noShowShare * 100) / 100;
  if (Math.abs(share - state.noShowShare) < noShowStep && (share > 0 || state.noShowShare === 0)) return;
  turn.record({ kind: 'no-show-share', share, atMs: nowMs });
}

/** Smaller movements are noise. */
const noShowStep = 0.015;

/** Calls the lowest places in line, as many as the plan allows, and tells what limited it. */
export function callNext(turn: Turn): CallLimit | 'not-calling' {
  const { state, rules, nowMs, claimCurve } = turn;
  if (!isCalling(turn)) return 'not-calling';
  if (state.settings.draining === true) return 'draining';
  if (turn.isGathering) return 'gathering';
  const callPacePerMinute = callPaceIn(state, rules);
  const wanted = Math.max(1, Math.ceil((callPacePerMinute * paceBurstMs) / 60_000) + 1);
  const take = { pacePerMinute: callPacePerMinute, burstMs: paceBurstMs, nowMs, wanted };
  const { taken } = planTake(state.callBucket, take);
  if (taken === 0) return 'pace';
  const { count, limit } = planCalls({
    inLine: turn.line().total,
    paceAllows: taken,
    outstanding: state.calls.size,
    claimsExpected: turn.claimsExpected(),
    entering: turn.entering.size,
    active: state.passes.size,
    activeCap: capOf(state, rules),
    pacePerMinute: paceOf(state, rules),
    callPacePerMinute,
    claimWindowMs: rules.claimWindowMs,
    noShowShare: state.noShowShare,
    claimDelayMs: claimCurve.claimDelayMs,
  });
  if (count > 0) {
    turn.record({ kind: 'called', places: turn.line().lowest(count), atMs: nowMs });
    claimCurve.called(count, turn.windowNowMs);
  }
  return limit;
}

/** The sale is on, nothing holds it, and a drawn order is known. */
export function isCalling(turn: Turn): boolean {
  const { phase, holds, draw } = turn.state;
  return phase === 'open' && holds.size === 0 && (draw === null || !draw.drawn || draw.seed !== null);
}

function freeSlots(turn: Turn): number {
  return capOf(turn.state, turn.rules) - turn.state.passes.size;
}

/** The phase that the times ask for, or null if it stands as it should. Times before the last change do not count. */
export function phaseDue(turn: Turn): 'lobby' | 'open' | 'ended' | null {
  const { state, rules, nowMs } = turn;
  const { opensAtMs, startsAtMs, endsAtMs } = scheduleOf(state, rules);
  const starts = startsAtMs ?? (opensAtMs === null ? 0 : null);
  const due = [
    ['ended', endsAtMs],
    ['open', starts],
    ['lobby', opensAtMs],
  ] as const;
  for (const [phase, atMs] of due) {
    if (atMs === null || atMs > nowMs) continue;
    const isAhead = phases.indexOf(phase) > phases.indexOf(state.phase);
    return isAhead && atMs > (state.phaseAtMs === 0 ? -1 : state.phaseAtMs) ? phase : null;
  }
  return null;
}
