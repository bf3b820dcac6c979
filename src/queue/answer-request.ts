// What a device or an operator asks of the caller, and the answer. Pure: changes go onto the turn.

import type { ShopCounts } from '../admission/shop-condition.ts';
import type { ShopReport } from '../admission/shop-report.ts';
import { isCleanNews } from '../admission/signature-trust.ts';
import type { Replaced } from './replaced.ts';
import type { Hold, OperatorSettings, Phase } from './room-change.ts';
import { type RoomState, trimmedBelow } from './room-state.ts';
import { type SettingsProblem, settingsProblem } from './settings-problem.ts';
import { admitStraight, mayWalkStraight, type WalkIn } from './take-turn.ts';
import type { Turn } from './turn.ts';

export type RoomRequest =
  /** The called device takes its turn. A missed device says "I am here" with it. */
  | { readonly kind: 'claim'; readonly place: number }
  /** The called device needs more time to claim; `had`: how many extensions its call had when it asked. */
  | { readonly kind: 'extend'; readonly place: number; readonly had?: number }
  /** A device at the door of a room where nobody waits. */
  | (WalkIn & { readonly kind: 'enter' })
  | { readonly kind: 'leave'; readonly place: number }
  | { readonly kind: 'end-pass'; readonly passId: string; readonly cause: 'shop' | 'left' | 'revoked' }
  | { readonly kind: 'use-passes'; readonly passIds: readonly string[]; readonly atCheckout?: readonly string[] }
  /** How the shop answered a gateway since it told this last. */
  | { readonly kind: 'shop-seen'; readonly report: ShopReport }
  /** A gateway surely sees the shop without these error signatures. */
  | { readonly kind: 'signatures-clean'; readonly signatures: string }
  /** Somebody who watches the shop, by name, tells how it was at an instant. */
  | {
      readonly kind: 'shop-signal';
      readonly source: string;
      readonly atMs: number;
      readonly isOverloaded?: boolean;
      readonly badShare?: number;
      readonly latencyMs?: number;
    }
  /** The operator takes the pass of each of these places away. */
  | (Steering & { readonly kind: 'revoke'; readonly places: readonly number[] })
  /** The operator lets these in now, ahead of the line, within pace and cap. */
  | (Steering & { readonly kind: 'let-in'; readonly places: readonly number[] })
  | (Steering & { readonly kind: 'settings'; readonly settings: OperatorSettings })
  /** `by` names the gateway that sees the reason, and `seen` what it saw; without `by` it is the operator. */
  | (Steering & {
      readonly kind: 'hold';
      readonly hold: Hold;
      readonly on: boolean;
      readonly by?: string;
      readonly seen?: ShopCounts;
    })
  | (Steering & { readonly kind: 'phase'; readonly phase: Phase })
  /** The operator enters the public figure that the room announced for its draw. */
  | (Steering & { readonly kind: 'figure'; readonly value: string });

/** Sealing and revealing a draw go with the others: they are answered by the flow. */
type PureRequest = Exclude<RoomRequest, { readonly kind: 'phase' | 'figure' | 'shop-seen' | 'shop-signal' }>;

type Steering = {
  /** Done only while the room's revision is this one; absent: in any case. */
  readonly ifRevision?: number;
  /** The answer carries what the request replaced. */
  readonly tellsReplaced?: true;
};

export type RoomAnswer =
  /** `fresh`: it is this request that let the device in; false if it was inside before. */
  | { readonly kind: 'admitted'; readonly passId: string; readonly fresh: boolean }
  /** The gate is busy: the turn is kept while the device asks again. */
  | { readonly kind: 'entering' }
  /** Back in line, ahead of everybody behind its place. */
  | { readonly kind: 'returned' }
  | { readonly kind: 'not-called' }
  /** Called, and has had all the time that can be had. */
  | { readonly kind: 'no-more-time' }
  /** Others are first, or a limit says no. */
  | { readonly kind: 'wait' }
  /** The pass of this place has ended. */
  | { readonly kind: 'left' }
  | { readonly kind: 'done'; readonly replaced?: Replaced }
  /** Somebody else steered the room since the operator looked; nothing was done. */
  | { readonly kind: 'changed-meanwhile' }
  /** An operator asked for what is not possible now, or with `problem` makes no sense; the reason is for operators. */
  | { readonly kind: 'refused'; readonly reason: string; readonly problem?: SettingsProblem };

/**
 * The answer to an operator who asks for a room as it was before it was steered again; null: it is as it was seen, or he
 * does not mind. A request that is asked again because its answer was lost finds the room one step on, and as it asked
 * for: that was itself. // ST184
 */
export function answerOutdated({ state }: Turn, request: RoomRequest): RoomAnswer | null {
  if (!('ifRevision' in request) || request.ifRevision === undefined) return null;
  if (request.ifRevision === state.revision) return null;
  const isDone = request.ifRevision + 1 === state.revision && isAsAsked(state, request);
  return { kind: isDone ? 'done' : 'changed-meanwhile' };
}

function isAsAsked({ settings, holds, phase }: RoomState, request: RoomRequest): boolean {
  if (request.kind === 'hold') return holds.has(request.hold) === request.on;
  if (request.kind === 'phase') return phase === request.phase;
  if (request.kind !== 'settings') return false;
  const withSettings = (asked: OperatorSettings) =>
    JSON.stringify({ ...settings, ...asked, autopilot: { ...settings.autopilot, ...asked.autopilot } });
  return withSettings(request.settings) === withSettings({});
}

/** Answers a request, or returns `gate` for one that waits: a claim at the claim gate, a device at the door for the pace. */
export function answerRequest(turn: Turn, request: PureRequest): RoomAnswer | 'gate' {
  const { state, nowMs } = turn;
  switch (request.kind) {
    case 'claim':
      return answerClaim(turn, request.place);
    case 'enter': {
      const known = state.passOfPlace.get(request.place);
      if (known !== undefined) return { kind: 'admitted', passId: known, fresh: false };
      if (state.comebacks.has(request.place)) turn.record({ kind: 'returned', places: [request.place] });
      const passId = admitStraight(turn, request);
      if (passId !== null) return { kind: 'admitted', passId, fresh: true };
      return mayWalkStraight(turn, request.place) ? 'gate' : { kind: 'wait' };
    }
    case 'extend':
      return answerExtend(turn, request);
    case 'leave':
      return answerLeave(turn, request.place);
    case 'end-pass':
      if (state.passes.has(request.passId)) {
        turn.record({ kind: 'pass-ended', passIds: [request.passId], cause: request.cause });
      }
      return { kind: 'done' };
    case 'use-passes': {
      const passIds = request.passIds.filter(passId => state.passes.has(passId));
      const atCheckout =
        request.atCheckout?.filter(passId => state.passes.get(passId)?.isAtCheckout === undefined) ?? [];
      const checkout = atCheckout.length > 0 ? { atCheckout } : {};
      if (passIds.length > 0) turn.record({ kind: 'used', passIds, atMs: nowMs, ...checkout });
      return { kind: 'done' };
    }
    case 'signatures-clean':
      if (isCleanNews(state.cleanSignatures, request.signatures, nowMs)) turn.record({ ...request, atMs: nowMs });
      return { kind: 'done' };
    case 'revoke':
      return answerRevoke(turn, request.places);
    case 'let-in':
      return answerLetIn(turn, request.places);
    case 'settings': {
      const problem = settingsProblem(state, turn.rules, request.settings, nowMs);
      if (problem !== null) return { kind: 'refused', reason: `${problem.field} ${problem.detail}`, problem };
      turn.record({ kind: 'settings', settings: request.settings, atMs: nowMs });
      return { kind: 'done' };
    }
    case 'hold':
      if (state.holds.has(request.hold) !== request.on) {
        turn.record({ kind: 'hold', hold: request.hold, on: request.on, atMs: nowMs });
      }
      return { kind: 'done' };
  }
}

function answerClaim(turn: Turn, place: number): RoomAnswer | 'gate' {
  const { state } = turn;
  const passId = state.passOfPlace.get(place);
  if (passId !== undefined) return { kind: 'admitted', passId, fresh: false };
  const call = state.calls.get(place);
  if (call !== undefined) {
    if (!turn.entering.has(place)) turn.claimCurve.claimed(call.calledWindowMs);
    turn.entering.set(place, turn.nowMs);
    return 'gate';
  }
  if (state.missed.has(place)) {
    turn.record({ kind: 'returned', places: [place] });
    return { kind: 'returned' };
  }
  return state.called.has(place) || place < trimmedBelow(state) ? { kind: 'left' } : { kind: 'not-called' };
}

/** CL70 */
function answerExtend(turn: Turn, { place, had }: Extract<RoomRequest, { kind: 'extend' }>): RoomAnswer {
  const call = turn.state.calls.get(place);
  if (call === undefined) return { kind: 'not-called' };
  // Asked again because the answer was lost: the device has what it asked for. // ST184
  if (had !== undefined && (call.extensions ?? 0) > had) return { kind: 'done' };
  if ((call.extensions ?? 0) >= (turn.rules.claimExtensions ?? 0)) return { kind: 'no-more-time' };
  turn.record({ kind: 'extended', place });
  return { kind: 'done' };
}

function answerLeave(turn: Turn, place: number): RoomAnswer {
  const { state } = turn;
  turn.entering.delete(place);
  const passId = state.passOfPlace.get(place);
  if (passId !== undefined) turn.record({ kind: 'pass-ended', passIds: [passId], cause: 'left' });
  else if (state.comebacks.has(place)) turn.record({ kind: 'comeback-over', places: [place] });
  else if (state.calls.has(place) || state.missed.has(place)) turn.record({ kind: 'withdrawn', places: [place] });
  return { kind: 'done' };
}

/** CL68. Whose pass has ended already is as it was asked for: a request may come again because its answer was lost. */
function answerRevoke(turn: Turn, places: readonly number[]): RoomAnswer {
  const { passOfPlace, comebacks, called, calls } = turn.state;
  const hasEnded = (place: number) => (called.has(place) && !calls.has(place)) || place < trimmedBelow(turn.state);
  const without = places.filter(place => !passOfPlace.has(place) && !comebacks.has(place) && !hasEnded(place));
  if (without.length > 0) return { kind: 'refused', reason: `place ${without.join(', ')} never had a pass` };
  const passIds = places.flatMap(place => passOfPlace.get(place) ?? []);
  const returning = places.filter(place => comebacks.has(place));
  if (passIds.length > 0) turn.record({ kind: 'pass-ended', passIds, cause: 'revoked' });
  if (returning.length > 0) turn.record({ kind: 'comeback-over', places: returning });
  return { kind: 'done' };
}

function answerLetIn(turn: Turn, places: readonly number[]): RoomAnswer {
  const { phase, passOfPlace, calls } = turn.state;
  if (phase !== 'open' || !turn.knowsLine)
    return { kind: 'refused', reason: 'the sale is not on, or places are not known yet' };
  const tooOld = places.filter(place => place < trimmedBelow(turn.state));
  if (tooOld.length > 0) return { kind: 'refused', reason: `the ticket of place ${tooOld.join(', ')} is too old` };
  const invited = places.filter(place => !passOfPlace.has(place) && calls.get(place)?.isInvited !== true);
  if (invited.length > 0) turn.record({ kind: 'invited', places: invited, atMs: turn.nowMs });
  return { kind: 'done' };
}
