// How late the event loop comes to its timers, counted since the start: however many read it, none takes it from another.
import type { HistogramCounts } from './counts.ts';
import { LatencyTally } from './operation-metrics.ts';

const periodMs = 20;
const boundsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** Watches until stopped. */
export function watchLoopLag(): { readonly lag: HistogramCounts; stop(): void } {
  const lag = new LatencyTally(boundsMs);
  let lastAtMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    // A timer may come a fraction of a millisecond early.
    lag.add(Math.max(0, nowMs - lastAtMs - periodMs));
    lastAtMs = nowMs;
  }, periodMs).unref();
  return { lag, stop: () => clearInterval(timer) };
}
