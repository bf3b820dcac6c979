// What the embedded store gives: numbers and commits a second, and how far it holds up the event loop meanwhile. Prints
// one line a figure beside its floor in the same run; keeping results is left to loadtest/README.md.

import { fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RoomChange } from '../src/queue/room-change.ts';
import { EmbeddedStore } from '../src/store/embedded/embedded-store.ts';

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'junban-bench-store-'));
const nowMs = () => Date.now();

function print(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(66)} ${value.toFixed(value < 100 ? 2 : 0).padStart(12)} ${unit}`);
}

function called(place: number): RoomChange {
  return { kind: 'called', places: Array.from({ length: 10 }, (_, index) => place + index), atMs: nowMs() };
}

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1_048_576;
}

/** The floor: one small write and one fsync after the other. */
function benchFsync(): void {
  const file = openSync(join(folder, 'floor'), 'w');
  const block = Buffer.alloc(4_096);
  const startMs = performance.now();
  let writes = 0;
  for (; performance.now() - startMs < 1_000; writes++) {
    writeSync(file, block);
    fsyncSync(file);
  }
  print('floor: 4 KB write + fsync, one after the other', writes, 'per second');
}

/** `perSecond` numbers a second in turns of a millisecond, as joins come. */
async function benchNumbers(store: EmbeddedStore, perSecond: number, seconds: number): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const startMb = heapMb();
  delay.enable();
  const startMs = performance.now();
  let taken = 0;
  let waited = 0;
  let busyMs = 0;
  let longestMs = 0;
  const work: Promise<unknown>[] = [];
  for (let nowAtMs = startMs; nowAtMs - startMs < seconds * 1_000; nowAtMs = performance.now()) {
    const due = ((nowAtMs - startMs) * perSecond) / 1_000;
    const turnAtMs = performance.now();
    for (; taken < due; taken++) {
      const first = store.takeNumbers('flood', 1);
      if (typeof first === 'number') continue;
      waited++;
      work.push(first.then(() => (longestMs = Math.max(longestMs, performance.now() - turnAtMs))));
    }
    busyMs += performance.now() - turnAtMs;
    await nextTurn();
  }
  await Promise.all(work);
  delay.disable();
  print(`numbers taken, ${perSecond} per second asked for`, taken / seconds, 'per second');
  print('  of these waited for the disk', waited, 'in all');
  print('  longest wait', longestMs, 'ms');
  print('  CPU of the caller per number', (busyMs * 1_000) / taken, 'µs');
  print('  event loop delay p99', delay.percentile(99) / 1e6, 'ms');
  print('  memory grown', heapMb() - startMb, 'MB');
}

async function benchSync(store: EmbeddedStore): Promise<void> {
  const rounds = 2_000_000;
  await store.takeNumbers('sync', 1_000_000);
  let done = 0;
  const startMs = performance.now();
  for (let index = 0; index < rounds; index++) {
    if (typeof store.takeNumbers('sync', 1) === 'number') done++;
    if (index % 1_000 === 0) await nextTurn();
  }
  print('numbers taken as fast as it goes', (rounds * 1_000) / (performance.now() - startMs), 'per second');
  print('  of these at once', (done * 100) / rounds, '%');
}

async function benchCommits(store: EmbeddedStore, rooms: number): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let commits = 0;
  const latenciesMs: number[] = [];
  const startMs = performance.now();
  const caller = async (room: string) => {
    const { epoch } = await store.lead(room);
    for (let version = 0; performance.now() - startMs < 3_000; version++) {
      const askedAtMs = performance.now();
      const { kind } = await store.commit(room, epoch, version, [called(version)]);
      if (kind !== 'committed') throw new Error('a commit was fenced');
      latenciesMs.push(performance.now() - askedAtMs);
      commits++;
      if (version % 2_000 === 1_999) await store.compact(room, epoch, version + 1, new Uint8Array(100_000));
    }
  };
  await Promise.all(Array.from({ length: rooms }, (_, index) => caller(`room-${rooms}-${index}`)));
  delay.disable();
  latenciesMs.sort((left, right) => left - right);
  print(`durable commits, ${rooms} at a time`, commits / 3, 'per second');
  print('  latency p50', latenciesMs[latenciesMs.length >> 1] ?? 0, 'ms');
  print('  latency p99', latenciesMs[Math.floor(latenciesMs.length * 0.99)] ?? 0, 'ms');
  print('  event loop delay p99', delay.percentile(99) / 1e6, 'ms');
}

const store = await EmbeddedStore.open(folder, { nowMs });
try {
  benchFsync();
  await benchSync(store);
  await benchNumbers(store, 20_000, 3);
  await benchNumbers(store, 200_000, 5);
  await benchCommits(store, 1);
  await benchCommits(store, 64);
  console.log('both at once:');
  await Promise.all([benchNumbers(store, 200_000, 4), benchCommits(store, 16)]);
} finally {
  await store.close();
  rmSync(folder, { recursive: true });
}
