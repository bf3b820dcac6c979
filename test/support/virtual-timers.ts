// Puts the timers of Node on a virtual clock, for code that is not given one: adapters of the store.

import type { VirtualClock } from './virtual-clock.ts';

type Timer = { readonly stop: () => void; unref(): Timer; ref(): Timer };

/** `performance.now` goes by the clock as well. Returns what puts everything back as it was. */
export function useVirtualTimers(clock: VirtualClock): () => void {
  const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis;
  const { now } = performance;
  const beganAtMs = clock.nowMs();
  const timerOf = (stop: () => void): Timer => {
    const timer: Timer = { stop, unref: () => timer, ref: () => timer };
    return timer;
  };
  const stop = (timer: Timer | undefined) => timer?.stop();
  Object.assign(globalThis, {
    setTimeout: (act: () => void, delayMs = 0) => timerOf(clock.after(delayMs, act)),
    setInterval: (act: () => void, periodMs = 1) => timerOf(clock.every(periodMs, act)),
    setImmediate: (act: () => void) => timerOf(clock.after(0, act)),
    clearTimeout: stop,
    clearInterval: stop,
  });
  performance.now = () => clock.nowMs() - beganAtMs;
  return () => {
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate });
    performance.now = now;
  };
}
