// How changes alter the passes of a room: used, ended, and the way back of somebody whose time ran out. Who gets a pass
// is left to apply-change.ts, when one ends to take-turn.ts.

import { readClock } from './held-clock.ts';
import type { RoomChange } from './room-change.ts';
import type { RoomRules } from './room-rules.ts';
import type { RoomState } from './room-state.ts';

/** A pass that is alive. Instants are on the pass clock. */
export type Pass = {
  readonly passId: string;
  readonly place: number;
  readonly startedPassMs: number;
  readonly usedPassMs: number;
  /** It was used on a path of the checkout: it may last longer. */
  readonly isAtCheckout?: boolean;
  /** It came of walking straight in, and nobody has shown it since. */
  readonly isUnshown?: true;
  /** Nobody has shown it since, and nothing says that its device keeps cookies: it was no person who opened a page. */
  readonly isBrief?: true;
};

/** So long after walking in a brief pass ends, where it would not end sooner. */
const briefIdleMs = 60_000;

/** How long a pass may be idle. // PS121 */
export function idleMsOf({ isBrief }: Pick<Pass, 'isBrief'>, { passIdleMs }: RoomRules): number {
  return isBrief === true ? Math.min(passIdleMs, briefIdleMs) : passIdleMs;
}

/** How long a pass may last in all, however much it is used. */
export function greatestPassMs(pass: Pass, rules: RoomRules): number {
  return rules.passMaxMs + (pass.isAtCheckout === true ? (rules.checkoutExtraMs ?? 0) : 0);
}

/** When a pass ends if it is not used again; moves along while the pass clock is held. */
export function passEndsAtMs(state: RoomState, pass: Pass, rules: RoomRules, nowMs: number): number {
  return Math.min(idleEndsAtMs(state, pass, rules, nowMs), greatestEndsAtMs(state, pass, rules, nowMs));
}

function idleEndsAtMs(state: RoomState, pass: Pass, rules: RoomRules, nowMs: number): number {
  return nowMs + idleMsOf(pass, rules) - (readClock(state.passClock, nowMs) - pass.usedPassMs);
}

/** When a pass ends however much it is used. */
export function greatestEndsAtMs(state: RoomState, pass: Pass, rules: RoomRules, nowMs: number): number {
  return nowMs + greatestPassMs(pass, rules) - (readClock(state.passClock, nowMs) - pass.startedPassMs);
}

type Used = Extract<RoomChange, { kind: 'used' }>;

export function applyUsed(state: RoomState, { passIds, atCheckout = [], atMs }: Used): void {
  const usedPassMs = readClock(state.passClock, atMs);
  for (const passId of passIds) {
    const pass = state.passes.get(passId);
    if (pass === undefined) continue;
    const isNews = pass.usedPassMs < usedPassMs || pass.isUnshown === true;
    if (isNews) state.passes.set(passId, usedAt(pass, usedPassMs));
  }
  for (const passId of atCheckout) {
    const pass = state.passes.get(passId);
    if (pass !== undefined && pass.isAtCheckout !== true) state.passes.set(passId, { ...pass, isAtCheckout: true });
  }
}

/** The pass as a use at this instant makes it. */
export function usedAt({ isUnshown: _unshown, isBrief: _brief, ...pass }: Pass, usedPassMs: number): Pass {
  return { ...pass, usedPassMs };
}

type PassEnded = Extract<RoomChange, { kind: 'pass-ended' }>;

export function applyPassEnded(state: RoomState, { passIds, mayReturnAtMs }: PassEnded): void {
  for (const passId of passIds) {
    const pass = state.passes.get(passId);
    if (pass === undefined) continue;
    state.passes.delete(passId);
    if (state.passOfPlace.get(pass.place) === passId) state.passOfPlace.delete(pass.place);
    state.totals.ended += 1;
    if (mayReturnAtMs === undefined || !mayComeBack(state, pass)) continue;
    // As if the call had been missed: "I am here" brings the device back ahead of everybody behind its place.
    state.called.delete(pass.place);
    state.missed.add(pass.place);
    state.comebacks.set(pass.place, readClock(state.passClock, mayReturnAtMs));
  }
}

/** Whoever did something with the pass, once; the request with which a device walks in is something. // PS120 */
function mayComeBack(state: RoomState, pass: Pass): boolean {
  const wasUsed = pass.usedPassMs > pass.startedPassMs || pass.isUnshown === true;
  return wasUsed && !state.cameBack.has(pass.place);
}

/** The device said "I am here": its one way back is used. */
export function useComebacks(state: RoomState, places: readonly number[]): void {
  for (const place of places) if (state.comebacks.delete(place)) state.cameBack.add(place);
}

/** The way back was not used in time: the turn is over, as it is after any pass. */
export function endComebacks(state: RoomState, places: readonly number[]): void {
  for (const place of places) {
    if (!state.comebacks.delete(place)) continue;
    state.missed.delete(place);
    state.called.add(place);
  }
}
