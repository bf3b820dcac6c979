// Records how a room calls, change by change: how fast, at which pace, and since when its active cap holds it back. From
// it comes the speed to expect of the line; the reckoning is the estimate's.

import { growthPerSecondAtFirst } from '../admission/autopilot.ts';
import { beginMeasuring, newSpeedRecord, recordCalls, recordPace, steadyPace } from '../estimate/calling-speed.ts';
import { cappedSince, newCapRecord, recordCap } from '../estimate/cap-record.ts';
import { type Climb, climbAt } from '../estimate/pace-climb.ts';
import { cappedSpeed, type LineSpeed, lineSpeed } from '../estimate/wait-range.ts';
import { autopilotRules, callsExpectedPerMinute, capOf, isFull, isStanding } from '../queue/pace-in-force.ts';
import type { RoomChange } from '../queue/room-change.ts';
import type { RoomRules } from '../queue/room-rules.ts';
import type { RoomState } from '../queue/room-state.ts';

/** How a room calls at an instant. */
type Calling = { readonly perMinute: number; readonly cap: number; readonly isStanding: boolean };

export class SpeedRecorder {
  readonly #rules: RoomRules;
  #record = newSpeedRecord;
  #cap = newCapRecord;

  constructor(rules: RoomRules) {
    this.#rules = rules;
  }

  /** How a room calls before the next change. */
  callingIn(state: RoomState): Calling {
    return {
      perMinute: callsExpectedPerMinute(state, this.#rules),
      cap: capOf(state, this.#rules),
      isStanding: isStanding(state, this.#rules),
    };
  }

  /** A change was made: `before` is how the room called until then, `state` what came of it. Returns how it calls now. */
  changed(change: RoomChange, before: Calling, state: RoomState, nowMs: number): Calling {
    const now = this.callingIn(state);
    if (change.kind === 'called') this.#record = recordCalls(this.#record, change.places.length, change.atMs);
    if (change.kind === 'admitted' && change.straight) this.#record = recordCalls(this.#record, 1, change.atMs);
    // Another cap holds back from now on, or no more.
    if (now.cap !== before.cap) this.#cap = newCapRecord;
    if (change.kind === 'settings' || change.kind === 'autopilot' || change.kind === 'no-show-share') {
      const known = this.#record.paces === undefined ? recordPace(this.#record, before.perMinute, 0) : this.#record;
      this.#record = recordPace(known, now.perMinute, change.atMs, change.kind === 'settings');
    }
    // What was measured before, and while nobody was called, says nothing of how it goes on.
    if (before.isStanding && !now.isStanding) this.#record = beginMeasuring(nowMs, this.#record);
    return now;
  }

  /** Whether the active cap is reached. */
  noteCap(state: RoomState, nowMs: number): void {
    this.#cap = recordCap(this.#cap, isFull(state, this.#rules), nowMs);
  }

  /** The line was read. An empty one says nothing about how fast a full one moves. */
  lineRead(isEmpty: boolean, wasEmpty: boolean, nowMs: number): void {
    if (isEmpty) this.#record = { ...this.#record, sinceMs: null, buckets: [] };
    else if (wasEmpty) this.#record = beginMeasuring(nowMs, this.#record);
  }

  /** The speed to expect of the line; null: it stands. */
  speedOf(state: RoomState, nowMs: number): LineSpeed | null {
    if (isStanding(state, this.#rules)) return null;
    const climb = this.#climbAt(state, nowMs);
    const paceNow = callsExpectedPerMinute(state, this.#rules);
    // The mean of a pace that climbs lies behind it.
    const pacePerMinute = climb === null ? steadyPace(this.#record, paceNow, nowMs) : paceNow;
    const cappedSinceMs = this.cappedSinceMs(nowMs);
    return cappedSinceMs === null
      ? lineSpeed(this.#record, pacePerMinute, nowMs, climb)
      : cappedSpeed(this.#record, pacePerMinute, cappedSinceMs, nowMs);
  }

  /** Since when the active cap, and not the pace, holds the line back; null: it does not. */
  cappedSinceMs(nowMs: number): number | null {
    return cappedSince(this.#cap, nowMs);
  }

  #climbAt(state: RoomState, nowMs: number): Climb | null {
    const { stepPercent, maxPerMinute, mode } = autopilotRules(state, this.#rules);
    const { climb, autopilot } = state;
    if (climb === null || mode !== 'on') return null;
    const firstGrowthPerMs = growthPerSecondAtFirst(stepPercent) / 1_000;
    return climbAt(climb, { firstGrowthPerMs, mostPerMinute: maxPerMinute, isNew: autopilot.isNew === true }, nowMs);
  }
}
