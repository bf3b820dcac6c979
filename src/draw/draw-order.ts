// The drawn order of all numbers without holding the event loop: long lists are computed in a worker thread, shorter ones
// in slices between which others get the loop. The one file of draw/ that starts anything; the thread ends by itself.

import { setImmediate as rest } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { bytesOfHex } from './hex.ts';
import { drawInSteps, drawnMax, numbersByPlace } from './permute.ts';

/** Both ways. */
export type DrawnOrder = {
  /** The place of every number. */
  readonly places: Uint32Array;
  /** The number at every place. */
  readonly numbers: Uint32Array;
};

/** Up to here the list takes less than a thread takes to start: 30 ms against 60 to 100. */
const slicedMax = 131_072;
const sliceMs = 4;

/** The thread needs little beside its lists, which lie outside the heap. */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 };

/** Rejects if the seed or the count is not one. */
export async function drawOrder(drawn: number, seedHex: string): Promise<DrawnOrder> {
  return drawn > slicedMax && drawn <= drawnMax ? orderByThread(drawn, seedHex) : orderInSlices(drawn, seedHex);
}

async function orderInSlices(drawn: number, seedHex: string): Promise<DrawnOrder> {
  const steps = drawInSteps(drawn, bytesOfHex(seedHex));
  let sinceMs = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return { places: step.value, numbers: numbersByPlace(step.value) };
    if (performance.now() - sinceMs < sliceMs) continue;
    await rest();
    sinceMs = performance.now();
  }
}

function orderByThread(drawn: number, seedHex: string): Promise<DrawnOrder> {
  const worker = new Worker(new URL('./draw-worker.ts', import.meta.url), {
    workerData: { drawn, seedHex },
    resourceLimits,
  });
  return new Promise((resolve, reject) => {
    worker.once('message', (order: DrawnOrder) => resolve(order));
    worker.once('error', reject);
    worker.once('exit', code => reject(new Error(`the draw's thread ended with code ${code} before its list`)));
  });
}
