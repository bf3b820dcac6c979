// One turn of the caller: a draft of the room state, the changes decided so far, and what decisions look at. Nothing
// leaves a turn before its changes are committed.

import type { Bitmap } from './bitmap.ts';
import { LineOrder } from './line-order.ts';
import type { RoomChange } from './room-change.ts';
import type { RoomRules } from './room-rules.ts';
import { applyChange, type RoomState } from './room-state.ts';

/** Claims that wait at the gate: by place, when the device asked last. Lost in a crash; the calls behind it are not. */
export type EnteringClaims = Map<number, number>;

export class Turn {
  readonly state: RoomState;
  readonly rules: RoomRules;
  readonly nowMs: number;
  /** The places of all present devices. */
  readonly present: Bitmap;
  readonly entering: EnteringClaims;
  readonly newPassId: () => string;
  readonly changes: RoomChange[] = [];
  #line: LineOrder | null = null;

  constructor(of: {
    readonly state: RoomState;
    readonly rules: RoomRules;
    readonly nowMs: number;
    readonly present: Bitmap;
    readonly entering: EnteringClaims;
    readonly newPassId: () => string;
  }) {
    this.state = of.state;
    this.rules = of.rules;
    this.nowMs = of.nowMs;
    this.present = of.present;
    this.entering = of.entering;
    this.newPassId = of.newPassId;
  }

  record(change: RoomChange): void {
    applyChange(this.state, change, this.rules);
    this.changes.push(change);
    if (changesLine(change)) this.#line = null;
  }

  /** Who is in line now: present, and neither called nor missed. */
  line(): LineOrder {
    this.#line ??= LineOrder.of(this.present, [this.state.called, this.state.missed]);
    return this.#line;
  }

  /** Calls whose devices are there to claim them. */
  outstandingPresent(): number {
    let count = 0;
    for (const place of this.state.calls.keys()) if (this.present.has(place)) count += 1;
    return count;
  }
}

function changesLine(change: RoomChange): boolean {
  return change.kind !== 'used' && change.kind !== 'settings' && change.kind !== 'hold';
}
