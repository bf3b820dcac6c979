// The list of a draw of a million: time on one core against the bare hashes it cannot do without, memory, and the lag of
// the event loop while a worker computes it. node loadtest/bench-draw.ts [--save]

import { fork } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { drawOrder } from '../src/draw/draw-order.ts';
import { bytesOfHex } from '../src/draw/hex.ts';
import { drawPlaces, placeOf } from '../src/draw/permute.ts';
import { PlaceOrder } from '../src/flow/place-order.ts';
import { atMost, report } from './bench-figures.ts';

const drawn = 1_000_000;
const seedHex = '09'.repeat(32);
const seed = bytesOfHex(seedHex);
const rounds = 7;

function medianMs(action: () => void): number {
  const timesMs = Array.from({ length: rounds }, () => {
    const startMs = performance.now();
    action();
    return performance.now() - startMs;
  });
  return timesMs.sort((one, other) => one - other)[rounds >> 1] ?? 0;
}

/** The floor: every hash of the list once, 90 rounds of one for each 256 of half the positions, and nothing else. */
function hashOnly(): void {
  const message = new Uint8Array(37);
  const hashes = 90 * Math.ceil(drawn / 2 / 256);
  for (let index = 0; index < hashes; index += 1) {
    message[33] = index;
    message[34] = index >>> 8;
    hash('sha256', message, 'binary');
  }
}

type Watched = {
  readonly timeMs: number;
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  readonly peakBytes: number;
};

/** One order, watched from the event loop of this process: a thread's memory is the process's. */
async function watchOrder(count: number): Promise<Watched> {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 2);
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  const startMs = performance.now();
  const { places, numbers } = await drawOrder(count, seedHex);
  const order = new PlaceOrder(places, numbers);
  const timeMs = performance.now() - startMs;
  peak = Math.max(peak, process.memoryUsage().rss);
  lag.disable();
  clearInterval(sampler);
  if (order.placeOf(order.numberAt(0)) !== 0) throw new Error('the order is none');
  return { timeMs, lagP99Ms: lag.percentile(99) / 1e6, lagMaxMs: lag.max / 1e6, peakBytes: peak - before };
}

/** In a process of its own: what an earlier one left behind would hide what this one takes. */
async function watchApart(count: number): Promise<Watched> {
  const child = fork(import.meta.filename, [`--watch=${count}`], { execArgv: ['--expose-gc'] });
  const [watched]: [Watched] = (await once(child, 'message')) as [Watched];
  return watched;
}

const [, watched] = /--watch=(\d+)/.exec(process.argv.join(' ')) ?? [];
if (watched !== undefined) {
  // Small lists first, as at a gateway that has lived for a while.
  await drawOrder(1_000, seedHex);
  process.send?.(await watchOrder(Number(watched)));
  process.exit();
}

/** The first count that needs a thread: its two lists are 1 MB. */
const threadMin = 131_073;
const thread = await watchApart(threadMin);
const worker = await watchApart(drawn);
/** The most that is computed without a thread. */
const slices = await watchApart(threadMin - 1);
const floorMs = medianMs(hashOnly);
const listMs = medianMs(() => drawPlaces(drawn, seed));
const oneMs = medianMs(() => {
  for (let number = 0; number < 1_000; number += 1) placeOf(number, drawn, seed);
});
const common = { floor: null, budget: null };
report(
  'bench-draw',
  [
    { what: 'list of a million on one core', unit: 'ms', value: listMs, floor: floorMs, budget: atMost(2_500) },
    { what: 'event loop lag p99 meanwhile', unit: 'ms', value: worker.lagP99Ms, floor: null, budget: atMost(50) },
    { what: 'event loop lag, longest', unit: 'ms', value: worker.lagMaxMs, ...common },
    {
      what: 'memory for the order both ways, beyond that of its thread',
      unit: 'MB',
      value: (worker.peakBytes - thread.peakBytes) / 1e6,
      floor: null,
      budget: atMost(16),
    },
    {
      what: 'memory of the thread itself for the second that it lives',
      unit: 'MB',
      value: thread.peakBytes / 1e6,
      ...common,
    },
    { what: 'order of a million both ways, by its thread, all in', unit: 'ms', value: worker.timeMs, ...common },
    { what: 'order of 131,072 in slices of the event loop', unit: 'ms', value: slices.timeMs, ...common },
    { what: 'event loop lag, longest, in slices', unit: 'ms', value: slices.lagMaxMs, floor: null, budget: atMost(50) },
    { what: 'one place', unit: 'ms', value: oneMs / 1_000, ...common },
  ],
  { drawn },
);
