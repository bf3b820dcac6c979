// Micro-benchmark of the line's primitives: what a million places cost in time and memory. Run it with --expose-gc for
// the memory figures. Prints one line a figure; leaves keeping results to loadtest/README.md.
import { Bitmap } from '../src/queue/bitmap.ts';
import { LineOrder } from '../src/queue/line-order.ts';
import { emptyBucket, planTake } from '../src/queue/pace-bucket.ts';
import { Presence } from '../src/queue/presence.ts';

const places = 1_000_000;
const roundsMax = 50;
const nowMs = 1_800_000_000_000;

/** The median of several rounds, in ms; the result of each round is used so that it is not optimised away. */
function medianMs(round: () => number): number {
  const timesMs: number[] = [];
  let used = 0;
  for (let index = 0; index < roundsMax; index++) {
    const startMs = performance.now();
    used += round();
    timesMs.push(performance.now() - startMs);
  }
  if (Number.isNaN(used)) throw new Error('a round gave no number');
  return timesMs.sort((left, right) => left - right)[roundsMax >> 1] ?? 0;
}

function onceMs(action: () => void): number {
  const startMs = performance.now();
  action();
  return performance.now() - startMs;
}

function heldBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function print(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(58)} ${value.toFixed(3).padStart(12)} ${unit}`);
}

function benchLine(): void {
  const present = new Bitmap();
  const called = new Bitmap();
  const missed = new Bitmap();
  for (let place = 0; place < places; place++) {
    if (place % 5 !== 0) present.add(place);
    if (place < places / 10) called.add(place);
    if (place % 1_000 === 1) missed.add(place);
  }
  const line = LineOrder.of(present, [called, missed]);
  print(
    'LineOrder.of, 1,000,000 places, 2 sets taken out',
    medianMs(() => LineOrder.of(present, [called, missed]).total),
    'ms',
  );
  const ranksMs = medianMs(() => {
    let sum = 0;
    for (let index = 0, place = 1; index < places; index++, place = (place * 48_271) % places)
      sum += line.rankOf(place);
    return sum;
  });
  print('rankOf, scattered places', (ranksMs * 1_000) / places, 'µs');
  const placesMs = medianMs(() => {
    let sum = 0;
    for (let rank = 0; rank < line.total; rank += 7) sum += line.placeAt(rank) ?? 0;
    return sum;
  });
  print('placeAt', (placesMs * 1_000 * 7) / line.total, 'µs');
  print('lowest(100)', medianMs(() => line.lowest(100).length) * 1_000, 'µs');
  print(
    'Bitmap.toBytes, 1,000,000 places',
    medianMs(() => present.toBytes().length),
    'ms',
  );
  const bytes = present.toBytes();
  print(
    'Bitmap.fromBytes',
    medianMs(() => Bitmap.fromBytes(bytes).count),
    'ms',
  );
  print('Bitmap bytes per place', bytes.length / places, 'B');
}

function benchPresence(devices: number): void {
  const beforeBytes = heldBytes();
  const presence = new Presence({ graceTimeMs: 90_000 });
  const attachMs = onceMs(() => {
    for (let number = 0; number < devices; number++) presence.attach(number * 3);
  });
  print(`presence: memory per attached device, ${devices} devices`, (heldBytes() - beforeBytes) / devices, 'B');
  print('presence: attach', (attachMs * 1_000) / devices, 'µs');
  const detachMs = onceMs(() => {
    for (let number = 0; number < devices; number++) presence.detach(number * 3, nowMs);
  });
  print('presence: detach', (detachMs * 1_000) / devices, 'µs');
  let expired = 0;
  const expireMs = onceMs(() => {
    expired = presence.expire(nowMs + 91_000).length;
  });
  print('presence: expire, per expired device', (expireMs * 1_000) / expired, 'µs');
}

function benchPace(): void {
  let bucket = emptyBucket;
  const takesMs = medianMs(() => {
    let taken = 0;
    for (let tick = 0; tick < 100_000; tick++) {
      const plan = planTake(bucket, { pacePerMinute: 6_000, burstMs: 50, nowMs: nowMs + tick * 5, wanted: 10 });
      bucket = plan.bucket;
      taken += plan.taken;
    }
    return taken;
  });
  print('planTake', (takesMs * 1_000) / 100_000, 'µs');
}

benchLine();
for (const devices of [1_000, 19_000, 100_000, 300_000, 1_000_000]) benchPresence(devices);
benchPace();
