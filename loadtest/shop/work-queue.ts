// The shop's bottleneck: a bounded first-in-first-out queue in front of workers that start so many requests a second
// (the knee) and no more. Below the knee nobody waits; beyond it the queue, and with it the latency, grows by itself.
import type { SeededRandom } from '../seeded-random.ts';

export type WorkOutcome =
  | { readonly kind: 'done'; readonly waitedMs: number }
  | { readonly kind: 'timedOut' }
  | { readonly kind: 'refused' };

export interface WorkQueue {
  /** Settles when the work is done, when it waited too long, or at once when the queue is full. Never rejects. */
  run(): Promise<WorkOutcome>;
  /** Moves the knee; what already waits is served at the new rate. */
  setRequestsPerSecond(requestsPerSecond: number): void;
  requestsPerSecond(): number;
  /** How many requests wait for a worker now. */
  depth(): number;
  /** Refuses what waits and stops all timers. */
  stop(): void;
}

export interface WorkQueueOptions {
  readonly requestsPerSecond: number;
  readonly random: SeededRandom;
  /** A request that waits longer than this for a worker is given up. Default 5,000. */
  readonly waitMsMax?: number;
  /** How many may wait; one more is refused at once. Default 1,000. */
  readonly depthMax?: number;
}

/** What one request costs once a worker has it. */
const serviceMsLeast = 10;
const serviceMsMost = 20;
/** Idle workers take a burst at once: as many requests as the knee allows in this time. */
const burstMs = 50;

interface Waiting {
  readonly sinceMs: number;
  readonly settle: (outcome: WorkOutcome) => void;
}

export function openWorkQueue(options: WorkQueueOptions): WorkQueue {
  const waitMsMax = options.waitMsMax ?? 5_000;
  const depthMax = options.depthMax ?? 1_000;
  const waiting: Waiting[] = [];
  const inService = new Set<NodeJS.Timeout>();
  let requestsPerSecond = options.requestsPerSecond;
  let workersFreeAtMs = 0;
  let wakeUp: NodeJS.Timeout | undefined;
  let stopped = false;

  const start = (job: Waiting, nowMs: number): void => {
    workersFreeAtMs = Math.max(workersFreeAtMs, nowMs) + 1_000 / requestsPerSecond;
    const timer = setTimeout(
      () => {
        inService.delete(timer);
        job.settle({ kind: 'done', waitedMs: nowMs - job.sinceMs });
      },
      options.random.between(serviceMsLeast, serviceMsMost),
    );
    inService.add(timer);
  };

  const pump = (): void => {
    clearTimeout(wakeUp);
    wakeUp = undefined;
    for (let job = waiting[0]; job !== undefined; job = waiting[0]) {
      const nowMs = performance.now();
      const givenUpAtMs = job.sinceMs + waitMsMax;
      const startsAtMs = workersFreeAtMs - burstMs;
      if (nowMs < givenUpAtMs && nowMs < startsAtMs) {
        wakeUp = setTimeout(pump, Math.ceil(Math.min(givenUpAtMs, startsAtMs) - nowMs));
        return;
      }
      waiting.shift();
      if (nowMs >= givenUpAtMs) job.settle({ kind: 'timedOut' });
      else start(job, nowMs);
    }
  };

  return {
    run: () => {
      if (stopped || waiting.length >= depthMax) return Promise.resolve({ kind: 'refused' });
      return new Promise(settle => {
        waiting.push({ sinceMs: performance.now(), settle });
        if (wakeUp === undefined) pump();
      });
    },
    setRequestsPerSecond: next => {
      requestsPerSecond = next;
      workersFreeAtMs = Math.min(workersFreeAtMs, performance.now() + 1_000 / next);
      pump();
    },
    requestsPerSecond: () => requestsPerSecond,
    depth: () => waiting.length,
    stop: () => {
      stopped = true;
      clearTimeout(wakeUp);
      for (const timer of inService) clearTimeout(timer);
      inService.clear();
      for (const job of waiting.splice(0)) job.settle({ kind: 'refused' });
    },
  };
}
