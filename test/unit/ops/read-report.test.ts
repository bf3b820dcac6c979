// A report of days of history beside a loop that has other things to do.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { historyLogOf, type Sample, sampleOf, samplesMax } from '../../../src/ops/history-log.ts';
import { readReport, reportDesk } from '../../../src/ops/report/read-report.ts';
import type { LogRecord, OperatorsStore } from '../../../src/store/operators-store.ts';
import { standRoom } from '../../integration/ops/ops-stand.ts';
import { memoryOperators } from '../../support/memory-operators.ts';

const startMs = Date.parse('2027-05-09T01:00:00Z');
const room = { ...sampleOf(await standRoom().report()), handedOut: 7 };
const shop = { answers: 100, errors: 10, signatures: 5, p50Ms: 20, p90Ms: 90, inFlight: 3 };
const quality = { calls: 4, p50WaitMs: 60_000, p90WaitMs: 90_000, told: 4, asTold: 3 };

/** A store with so many samples of one room, oldest at position 0. */
function storeWith(samples: number): OperatorsStore {
  const bodies = Array.from({ length: samples }, (_, index) => {
    const sample: Sample = { atMs: startMs + index * 10_000, gateway: 'one', shop, quality, room };
    return JSON.stringify(sample);
  });
  return {
    ...memoryOperators(),
    async readRecords(log, before, limit) {
      if (log !== historyLogOf('sale')) return [];
      const end = before ?? bodies.length;
      const page = bodies.slice(Math.max(0, end - limit), end).map((body, index): LogRecord => {
        return { position: Math.max(0, end - limit) + index, body };
      });
      return page.reverse();
    },
  };
}

test('[OP147] while a report of a full history is made the event loop turns', async () => {
  const store = storeWith(samplesMax);
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  const startedAtMs = performance.now();
  const { html, csv } = await readReport(store, 'sale', startMs);
  const tookMs = performance.now() - startedAtMs;
  lag.disable();
  // Made here it would be nearly all of the time; how long a machine takes is its own matter.
  expect(lag.max / 1e6 / tookMs).toBeLessThan(0.3);
  expect([html.includes('How it went'), csv.split('\r\n').length]).toEqual([true, samplesMax + 2]);
}, 30_000);

test('[OP147] who wants the same report at the same time gets the same one, and a failure is told to all of them', async () => {
  let reads = 0;
  const store = storeWith(10);
  const counting: OperatorsStore = {
    ...store,
    readRecords: (...given) => {
      reads += given[0] === 'audit' ? 1 : 0;
      return store.readRecords(...given);
    },
  };
  const desk = reportDesk(counting, () => startMs);
  const [one, other] = await Promise.all([desk('sale'), desk('sale')]);
  expect([reads, one]).toEqual([1, other]);
  const broken = reportDesk({ ...store, readRecords: () => Promise.reject(new Error('away')) }, () => startMs);
  const failed = await Promise.allSettled([broken('sale'), broken('sale'), broken('other')]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
});
