// The worker thread of draw-order.ts: computes one order, hands its buffers over and ends.

import { parentPort, workerData } from 'node:worker_threads';
import type { DrawnOrder } from './draw-order.ts';
import { bytesOfHex } from './hex.ts';
import { drawPlaces, numbersByPlace } from './permute.ts';

const { drawn, seedHex } = workerData as { readonly drawn: number; readonly seedHex: string };
const places = drawPlaces(drawn, bytesOfHex(seedHex));
const numbers = numbersByPlace(places);
const order: DrawnOrder = { places, numbers };
parentPort?.postMessage(order, [places.buffer, numbers.buffer]);
