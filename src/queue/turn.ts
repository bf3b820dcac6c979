// One turn of the caller: a draft of the room state, the changes decided so far, and what decisions look at. Nothing
// leaves a turn before its changes are committed.

import type { ClaimCurve } from '../admission/claim-curve.ts';
import { applyChange } from './apply-change.ts';
import { Bitmap } from './bitmap.ts';
import { readClock } from './held-clock.ts';
import { LineOrder } from './line-order.ts';
import type { RoomChange } from './room-change.ts';
import type { RoomRules } from './room-rules.ts';
import { type RoomState, trimmedBelow } from './room-state.ts';

/** Claims that wait at the gate: by place, when the device was last heard or answered. Lost in a crash; calls are not. */
export type EnteringClaims = Map<number, number>;

/** The places of all present devices, and how many of the numbers were drawn in the order they were indexed by. */
export type PresentPlaces = { readonly places: Bitmap; readonly drawn: number };

export class Turn {
  readonly state: RoomState;
  readonly rules: RoomRules;
  readonly nowMs: number;
  /** Since when this caller is the caller. What devices told an earlier one may be lost, so they get time to tell it anew. */
  readonly callerSinceMs: number;
  /** Until then devices come back after a restart, and nobody may be called past those who are on the way. */
  readonly gathersUntilMs: number;
  readonly entering: EnteringClaims;
  readonly newPassId: () => string;
  /** What is known of how called devices behave. */
  readonly claimCurve: ClaimCurve;
  readonly changes: RoomChange[] = [];
  readonly #indexed: PresentPlaces;
  #present: Bitmap | null = null;
  #line: LineOrder | null = null;

  constructor(of: {
    readonly state: RoomState;
    readonly rules: RoomRules;
    readonly nowMs: number;
    readonly present: PresentPlaces;
    readonly callerSinceMs: number;
    readonly gathersUntilMs?: number;
    readonly entering: EnteringClaims;
    readonly newPassId: () => string;
    readonly claimCurve: ClaimCurve;
  }) {
    this.state = of.state;
    this.rules = of.rules;
    this.nowMs = of.nowMs;
    this.#indexed = of.present;
    this.callerSinceMs = of.callerSinceMs;
    this.gathersUntilMs = of.gathersUntilMs ?? 0;
    this.entering = of.entering;
    this.newPassId = of.newPassId;
    this.claimCurve = of.claimCurve;
  }

  record(change: RoomChange): void {
    applyChange(this.state, change, this.rules);
    this.changes.push(change);
    if (changesLine(change)) this.#line = null;
    if (change.kind === 'sealed' || change.kind === 'trimmed') this.#present = null;
  }

  /** Whether present devices are known by their places in the room's order; until a draw is computed they are not. */
  get knowsLine(): boolean {
    return this.#indexed.drawn === (this.state.draw?.drawn ?? 0);
  }

  /** The places of all present devices; none while they are known in another order than the room's. */
  present(): Bitmap {
    this.#present ??= this.#presentNow();
    return this.#present;
  }

  #presentNow(): Bitmap {
    if (!this.knowsLine) return new Bitmap();
    const { places } = this.#indexed;
    const below = trimmedBelow(this.state);
    if (places.base >= below) return places;
    const kept = places.clone();
    kept.trimBelow(below);
    return kept;
  }

  /** Who is in line now: present, and neither called nor missed. */
  line(): LineOrder {
    this.#line ??= LineOrder.of(this.present(), [this.state.called, this.state.missed]);
    return this.#line;
  }

  /** Whether it may be that devices in front are not known to be there yet. */
  get isGathering(): boolean {
    return this.nowMs < this.gathersUntilMs;
  }

  /** The room's window clock at this instant. */
  get windowNowMs(): number {
    return readClock(this.state.windowClock, this.nowMs);
  }

  /** How many of the open calls will be claimed: those at the gate, and of the others that are there the likely part. */
  claimsExpected(): number {
    const present = this.present();
    const { windowNowMs, claimCurve } = this;
    let expected = 0;
    for (const { place, calledWindowMs, extensions } of this.state.calls.values()) {
      // Who asked for more time means to come.
      if (this.entering.has(place) || extensions !== undefined) expected += 1;
      else if (present.has(place)) expected += claimCurve.willClaim(windowNowMs - calledWindowMs);
    }
    return expected;
  }
}

function changesLine(change: RoomChange): boolean {
  return change.kind !== 'used' && change.kind !== 'settings' && change.kind !== 'hold' && change.kind !== 'checkpoint';
}
