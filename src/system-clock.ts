// The machine's own clock and timers, wired in by main.ts.

import type { Clock } from './flow/clock.ts';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
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
