// The list of places without holding the event loop: long lists are computed in a worker thread. The one file of draw/
// that starts anything; the thread ends by itself.

import { Worker } from 'node:worker_threads';
import { bytesOfHex } from './hex.ts';
import { drawnMax, drawPlaces } from './permute.ts';

/** Up to here the list takes about a millisecond and a thread would take longer to start. */
const inlineMax = 4_096;

/** The thread needs little beside its list, which lies outside the heap. */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 };

/** The place of every number below `drawn`, indexed by number. Rejects if the seed or the count is not one. */
export async function drawOrder(drawn: number, seedHex: string): Promise<Uint32Array> {
  if (!(drawn > inlineMax && drawn <= drawnMax)) return drawPlaces(drawn, bytesOfHex(seedHex));
  const worker = new Worker(new URL('./draw-worker.ts', import.meta.url), {
    workerData: { drawn, seedHex },
    resourceLimits,
  });
  return new Promise((resolve, reject) => {
    worker.once('message', (places: Uint32Array) => resolve(places));
    worker.once('error', reject);
    worker.once('exit', code => reject(new Error(`the draw's thread ended with code ${code} before its list`)));
  });
}
