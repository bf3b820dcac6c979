// A clock that stands still while fans could not act: paused, shop failing, nobody calling.
// Deadlines kept on it stand still with it. Leaves when to hold and release to the room.

export type HeldClock = {
  /** How much time is held back for good. */
  readonly heldMs: number;
  /** Since when the clock stands still; null while it runs. */
  readonly heldSinceMs: number | null;
  /** Up to this instant the account is closed: no span before it is ever held back a second time. Absent: none yet. */
  readonly settledToMs?: number;
};

export const runningClock: HeldClock = { heldMs: 0, heldSinceMs: null };

/**
 * What the clock shows: time that passed without the held spans. It never runs backwards over hold and release, and
 * when the outside clock is set back it stands until that has caught up with the last hold, release or skip.
 */
export function readClock(clock: HeldClock, nowMs: number): number {
  return (clock.heldSinceMs ?? notBeforeSettled(clock, nowMs)) - clock.heldMs;
}

/** Stops the clock; a clock that stands already is left as it is. */
export function holdClock(clock: HeldClock, nowMs: number): HeldClock {
  if (clock.heldSinceMs !== null) return clock;
  return { ...clock, heldSinceMs: notBeforeSettled(clock, nowMs) };
}

/** Lets the clock run on from where it stood; a clock that runs already is left as it is. */
export function releaseClock(clock: HeldClock, nowMs: number): HeldClock {
  const { heldMs, heldSinceMs } = clock;
  if (heldSinceMs === null) return clock;
  const releasedAtMs = Math.max(nowMs, heldSinceMs);
  return { heldMs: heldMs + releasedAtMs - heldSinceMs, heldSinceMs: null, settledToMs: releasedAtMs };
}

/**
 * Holds a past span back after the fact, for time in which nobody was there to serve. What was held or skipped before is
 * not counted again. Afterwards the clock shows what it showed at `fromMs`, plus what ran since `toMs`.
 */
export function skipSpan(clock: HeldClock, fromMs: number, toMs: number): HeldClock {
  const { heldMs, heldSinceMs } = clock;
  const startMs = notBeforeSettled(clock, fromMs);
  const endMs = heldSinceMs === null ? toMs : Math.min(toMs, heldSinceMs);
  if (!(endMs > startMs)) return clock;
  return { heldMs: heldMs + endMs - startMs, heldSinceMs, settledToMs: endMs };
}

function notBeforeSettled(clock: HeldClock, instantMs: number): number {
  return clock.settledToMs === undefined ? instantMs : Math.max(instantMs, clock.settledToMs);
}
