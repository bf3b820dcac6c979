// The thread of check-round.ts: verifies one round and tells.

import { parentPort, workerData } from 'node:worker_threads';
import { verifyRound } from '../draw/drand-round.ts';

parentPort?.postMessage(verifyRound(workerData.chain, workerData.round));
