// Turns of one room by hand: a state, who is present, and a clock that a test sets.

import { ClaimCurve } from '../../src/admission/claim-curve.ts';
import { applyChange } from '../../src/queue/apply-change.ts';
import { Bitmap } from '../../src/queue/bitmap.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import { newRoomState, type RoomState } from '../../src/queue/room-state.ts';
import { type EnteringClaims, Turn } from '../../src/queue/turn.ts';

export const startMs = 1_800_000_000_000;

export const testRules: RoomRules = {
  id: 'sale',
  opensAtMs: null,
  startsAtMs: null,
  endsAtMs: null,
  pacePerMinute: 600,
  activeCap: 100,
  claimWindowMs: 10_000,
  graceTimeMs: 2_000,
  passIdleMs: 60_000,
  passMaxMs: 300_000,
  ticketLifetimeMs: 7 * 86_400_000,
};

export class RoomTurns {
  readonly rules: RoomRules;
  readonly state: RoomState = newRoomState();
  readonly entering: EnteringClaims = new Map();
  readonly changes: RoomChange[] = [];
  readonly claimCurve: ClaimCurve;
  present = new Set<number>();
  nowMs = startMs;
  #passes = 0;

  /** Stands open unless told otherwise. */
  constructor(rules: Partial<RoomRules> = {}, isOpen = true) {
    this.rules = { ...testRules, ...rules };
    this.claimCurve = new ClaimCurve(this.rules.claimWindowMs, 0);
    if (isOpen) this.apply({ kind: 'phase', phase: 'open', atMs: startMs - 60_000 });
  }

  apply(change: RoomChange): void {
    applyChange(this.state, change, this.rules);
    this.changes.push(change);
  }

  /** Decides with a turn at this instant and gives what `decide` gives. */
  turn<Result>(decide: (turn: Turn) => Result, callerSinceMs = 0): Result {
    const turn = new Turn({
      state: this.state,
      rules: this.rules,
      nowMs: this.nowMs,
      callerSinceMs,
      present: { places: Bitmap.of(this.present), drawn: this.state.draw?.seed ? (this.state.draw.drawn ?? 0) : 0 },
      entering: this.entering,
      newPassId: () => {
        this.#passes += 1;
        return `pass-${this.#passes}`;
      },
      claimCurve: this.claimCurve,
    });
    const result = decide(turn);
    this.changes.push(...turn.changes);
    return result;
  }
}
