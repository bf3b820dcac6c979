// The worker thread of draw-order.ts: computes one list of places, hands its buffer over and ends.

import { parentPort, workerData } from 'node:worker_threads';
import { bytesOfHex } from './hex.ts';
import { drawPlaces } from './permute.ts';

const { drawn, seedHex } = workerData as { readonly drawn: number; readonly seedHex: string };
const places = drawPlaces(drawn, bytesOfHex(seedHex));
parentPort?.postMessage(places, [places.buffer]);
