// The shop's bottleneck on a clock that the test moves: rate, queueing, time-outs, bound, moving the knee.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { seededRandom } from '../../../loadtest/seeded-random.ts';
import { openWorkQueue, type WorkOutcome, type WorkQueue } from '../../../loadtest/shop/work-queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function runMany(work: WorkQueue, count: number): WorkOutcome[] {
  const outcomes: WorkOutcome[] = [];
  for (let started = 0; started < count; started += 1) void work.run().then(outcome => outcomes.push(outcome));
  return outcomes;
}

const doneOf = (outcomes: readonly WorkOutcome[]): number => outcomes.filter(({ kind }) => kind === 'done').length;

test('a lone request takes 10 to 20 ms and waits for nobody', async () => {
  const work = openWorkQueue({ requestsPerSecond: 10, random: seededRandom(1) });
  const outcomes = runMany(work, 1);
  await vi.advanceTimersByTimeAsync(9);
  expect(outcomes).toEqual([]);
  await vi.advanceTimersByTimeAsync(11);
  expect(outcomes).toEqual([{ kind: 'done', waitedMs: 0 }]);
});

test('beyond the knee work is done at the knee, in order of arrival, and the wait grows', async () => {
  const work = openWorkQueue({ requestsPerSecond: 100, random: seededRandom(2) });
  const outcomes = runMany(work, 300);
  await vi.advanceTimersByTimeAsync(1_000);
  // 1 s of work, and the burst that idle workers took at once.
  expect(doneOf(outcomes)).toBeGreaterThanOrEqual(99);
  expect(doneOf(outcomes)).toBeLessThanOrEqual(107);
  await vi.advanceTimersByTimeAsync(2_100);
  const waits = outcomes.map(outcome => (outcome.kind === 'done' ? outcome.waitedMs : Number.NaN));
  expect(waits).toHaveLength(300);
  expect(waits.at(0)).toBe(0);
  expect(waits.at(-1)).toBeGreaterThan(2_800);
});

test('work that waited too long is given up and takes no worker from what comes after it', async () => {
  const work = openWorkQueue({ requestsPerSecond: 10, random: seededRandom(3), waitMsMax: 1_000 });
  const outcomes = runMany(work, 50);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(outcomes.filter(({ kind }) => kind === 'timedOut').length).toBe(50 - doneOf(outcomes));
  expect(doneOf(outcomes)).toBeLessThanOrEqual(12);
  expect(work.depth()).toBe(0);
  const after = runMany(work, 1);
  await vi.advanceTimersByTimeAsync(200);
  expect(doneOf(after)).toBe(1);
});

test('a full queue refuses at once', async () => {
  const work = openWorkQueue({ requestsPerSecond: 1, random: seededRandom(4), depthMax: 3 });
  const outcomes = runMany(work, 10);
  await vi.advanceTimersByTimeAsync(0);
  expect(outcomes.filter(({ kind }) => kind === 'refused')).toHaveLength(6);
  expect(work.depth()).toBe(3);
});

test('the knee moves while work waits', async () => {
  const work = openWorkQueue({ requestsPerSecond: 1, random: seededRandom(5), waitMsMax: 60_000 });
  const outcomes = runMany(work, 100);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(doneOf(outcomes)).toBeLessThanOrEqual(3);
  work.setRequestsPerSecond(1_000);
  await vi.advanceTimersByTimeAsync(200);
  expect(doneOf(outcomes)).toBe(100);
});

test('stopping refuses what waits and leaves no timer', async () => {
  const work = openWorkQueue({ requestsPerSecond: 10, random: seededRandom(6) });
  const outcomes = runMany(work, 20);
  work.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(outcomes.length).toBeGreaterThanOrEqual(19);
  expect(vi.getTimerCount()).toBe(0);
});
