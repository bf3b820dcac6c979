// What a gateway that becomes the caller takes from the history: when those joined who already wait.
import { afterEach, expect, test, vi } from 'vitest';
import { ShopOutcomeTally } from '../../../src/ops/counts.ts';
import { HistoryLog, sampleOf, samplePeriodMs } from '../../../src/ops/history-log.ts';
import { recordHistory } from '../../../src/ops/record-history.ts';
import { WaitTally } from '../../../src/ops/wait-tally.ts';
import { standRoom } from '../../integration/ops/ops-stand.ts';
import { memoryOperators } from '../../support/memory-operators.ts';

afterEach(() => {
  vi.useRealTimers();
});

const report = await standRoom().report();
const shop = { answers: 0, errors: 0, signatures: 0, p50Ms: null, p90Ms: null, inFlight: 0 };
const quality = { calls: 0, p50WaitMs: null, p90WaitMs: null, told: 0, asTold: 0 };

test('[OP82] waits go on over a change of the caller, from the first device on', async () => {
  const startMs = Date.parse('2027-05-09T01:00:00Z');
  vi.useFakeTimers({ now: startMs + 60_000, toFake: ['setInterval', 'clearInterval', 'Date'] });
  const history = new HistoryLog(memoryOperators());
  for (const [seconds, handedOut] of [
    [10, 5],
    [20, 9],
  ] as const) {
    const room = { ...sampleOf(report), handedOut };
    await history.add('sale', { atMs: startMs + seconds * 1_000, gateway: 'before', shop, quality, room });
  }
  const waits = new WaitTally();
  const room = {
    id: 'sale',
    isCaller: true,
    shop: new ShopOutcomeTally(),
    shopInFlight: 0,
    waits,
    report: async () => report,
  };
  const lost: unknown[] = [];
  const stop = recordHistory({
    history,
    gateway: 'now',
    rooms: () => [room],
    nowMs: () => Date.now(),
    onLost: (_, error) => lost.push(error),
  });
  await vi.advanceTimersByTimeAsync(samplePeriodMs);
  for (const number of [0, 4, 8]) waits.called(number, startMs + 100_000);
  stop();
  expect([lost, waits.waits.sumMs]).toEqual([[], 90_000 + 90_000 + 80_000]);
});

test('[OP193] a room that was changed between two samples counts anew, and its waits go on', async () => {
  vi.useFakeTimers({ now: 0, toFake: ['setInterval', 'clearInterval', 'Date'] });
  const operators = memoryOperators();
  const history = new HistoryLog(operators);
  const opened = () => {
    const shop = new ShopOutcomeTally();
    return { id: 'sale', isCaller: true, shop, shopInFlight: 0, waits: new WaitTally(), report: async () => report };
  };
  let room = opened();
  const lost: unknown[] = [];
  const stop = recordHistory({
    history,
    gateway: 'this',
    rooms: () => [room],
    nowMs: () => Date.now(),
    onLost: (_, error) => lost.push(error),
  });
  for (let count = 0; count < 5; count += 1)
    room.shop.add({ kind: 'answered', status: 500, signature: false, firstByteMs: 1 });
  await vi.advanceTimersByTimeAsync(samplePeriodMs);
  room = opened();
  room.shop.add({ kind: 'answered', status: 200, signature: false, firstByteMs: 1 });
  const { readRecords } = operators;
  operators.readRecords = () => Promise.reject(new Error('the store is away'));
  await vi.advanceTimersByTimeAsync(samplePeriodMs);
  operators.readRecords = readRecords;
  await vi.advanceTimersByTimeAsync(samplePeriodMs);
  stop();
  const samples = await history.since('sale', 0);
  expect(samples.map(each => [each.shop.answers, each.shop.errors])).toEqual([
    [5, 5],
    [1, 0],
    [0, 0],
  ]);
  expect(lost).toEqual([new Error('the store is away')]);
  // Seven numbers were handed out by the first sample, ten seconds after the beginning.
  room.waits.called(0, 60_000);
  expect(room.waits.waits.sumMs).toBe(50_000);
});

test('[OP209] a gateway that is not the caller keeps what it saw of the shop, and nothing when it saw nothing', async () => {
  vi.useFakeTimers({ now: 0, toFake: ['setInterval', 'clearInterval', 'Date'] });
  const history = new HistoryLog(memoryOperators());
  const shop = new ShopOutcomeTally();
  const room = {
    ...{ id: 'sale', isCaller: false, shop, shopInFlight: 0, waits: new WaitTally() },
    report: async () => report,
  };
  const stop = recordHistory({
    ...{ history, gateway: 'this', rooms: () => [room], nowMs: () => Date.now() },
    onLost: (_, error) => {
      throw error;
    },
  });
  await vi.advanceTimersByTimeAsync(samplePeriodMs);
  shop.add({ kind: 'answered', status: 200, signature: false, firstByteMs: 1 });
  await vi.advanceTimersByTimeAsync(2 * samplePeriodMs);
  stop();
  expect((await history.since('sale', 0)).map(each => [each.atMs, each.shop.answers])).toEqual([
    [2 * samplePeriodMs, 1],
  ]);
});
