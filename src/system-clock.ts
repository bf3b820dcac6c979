// The machine's own clock and timers, wired in by main.ts.

import type { Clock } from './flow/clock.ts';

/** While it is ahead of the machine's clock it runs slower by this part, until both agree again. */
const slower = 0.01;

/**
 * Epoch milliseconds that go on where the machine's clock is set back: by `steadyMs`, which nobody can set, a little
 * slower until the two agree. Where that clock is set ahead (the machine slept, or did not know the time) they follow at
 * once. // LN110
 */
export function steadyTime(wallMs: () => number, steadyMs: () => number): () => number {
  let saidMs = wallMs();
  let readAtMs = steadyMs();
  return () => {
    const [setMs, nowMs] = [wallMs(), steadyMs()];
    const passedMs = nowMs - readAtMs;
    readAtMs = nowMs;
    // Both are read one after the other, and one in whole milliseconds: a difference of one is none.
    const isAhead = saidMs + passedMs > setMs + 1;
    saidMs = Math.max(setMs, saidMs + passedMs * (isAhead ? 1 - slower : 1));
    return Math.floor(saidMs);
  };
}

const nowMs = steadyTime(
  () => Date.now(),
  () => performance.now(),
);

export const systemClock: Clock = {
  nowMs,
  after(delayMs, act) {
    if (delayMs === 0) {
      const immediate = setImmediate(act);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(act, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, act) {
    const timer = setInterval(act, periodMs);
    return () => clearInterval(timer);
  },
};
