// Verifies a drand round in a thread of its own: the first pairing takes some 130 ms, which the event loop of a gateway
// full of devices does not have. The thread ends by itself.

import { Worker } from 'node:worker_threads';
import type { DrandChain, DrandRound } from '../draw/drand-chain.ts';

/** The tables of the pairing are the most that it needs. */
const resourceLimits = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 64 };

/** Whether the chain's key signed this round. Rejects if the thread could not tell. */
export function isGenuineRound(chain: DrandChain, round: DrandRound): Promise<boolean> {
  const worker = new Worker(new URL('./check-round-worker.ts', import.meta.url), {
    workerData: { chain, round },
    resourceLimits,
  });
  return new Promise((resolve, reject) => {
    worker.once('message', (isGenuine: boolean) => resolve(isGenuine));
    worker.once('error', reject);
    worker.once('exit', code => reject(new Error(`the check of a round ended with code ${code} before it could tell`)));
  });
}
