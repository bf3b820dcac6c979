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
