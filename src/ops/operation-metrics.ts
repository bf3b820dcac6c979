// The metrics of what the gateway depends on: the store by operation, how fresh pushed numbers are, garbage collection,
// webhooks.
import type { GatewayCounts, HistogramCounts } from './counts.ts';
import { number, one, type Row, samplesOf } from './metric-row.ts';

export const operationMetrics: readonly Row[] = [
  number(
    'counter',
    'gateway',
    'junban_webhook_messages_total',
    ['outcome'],
    'Webhooks delivered, tries that failed, and messages that were given up (dead).',
    ({ webhooks }) => samplesOf('outcome', webhooks.outcomes),
  ),
  number(
    'gauge',
    'room',
    'junban_webhook_waiting_messages',
    [],
    'Webhooks that wait to be sent or sent again, at whichever gateway.',
    ({ webhooks }) => one(webhooks.waiting),
  ),
  {
    name: 'junban_store_operation_seconds',
    type: 'histogram',
    labels: ['operation'],
    scope: 'gateway',
    help: 'How long the store took, by operation; presence is what gateways tell each other, documents and logs are the operators’.',
    read: ({ storeOperations }: GatewayCounts) =>
      Object.entries(storeOperations).map(([operation, { latency }]) => ({ labels: { operation }, value: latency })),
  },
  number(
    'counter',
    'gateway',
    'junban_store_errors_total',
    ['operation'],
    'Operations that the store did not answer well.',
    ({ storeOperations }) =>
      samplesOf(
        'operation',
        Object.fromEntries(Object.entries(storeOperations).map(([name, { errors }]) => [name, errors])),
      ),
  ),
  {
    name: 'junban_push_delay_seconds',
    type: 'histogram',
    labels: ['room'],
    scope: 'gateway',
    help: 'From news of the line to the end of the sweep that told every device here.',
    read: ({ rooms }: GatewayCounts) =>
      rooms.map(({ report, pushDelay }) => ({ labels: { room: report.room }, value: pushDelay })),
  },
  number(
    'counter',
    'gateway',
    'junban_gc_pause_seconds_total',
    ['kind'],
    'Time spent collecting garbage, by kind.',
    (_, { gcMs }) =>
      samplesOf('kind', Object.fromEntries(Object.entries(gcMs).map(([kind, ms]) => [kind, ms / 1_000]))),
  ),
];

/** Counts durations into a histogram of its own. */
export class LatencyTally implements HistogramCounts {
  readonly boundsMs: readonly number[];
  readonly counts: number[];
  sumMs = 0;

  constructor(boundsMs: readonly number[]) {
    this.boundsMs = boundsMs;
    this.counts = new Array<number>(boundsMs.length + 1).fill(0);
  }

  add(valueMs: number): void {
    const found = this.boundsMs.findIndex(boundMs => valueMs <= boundMs);
    const slot = found < 0 ? this.boundsMs.length : found;
    this.counts[slot] = (this.counts[slot] ?? 0) + 1;
    this.sumMs += valueMs;
  }
}
