// Every metric of Junban in one table, and the only importer of prom-client. Values are pulled when Prometheus asks, out
// of counters that others keep as plain numbers: counting an event never comes through here.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { GatewayCounts, HistogramCounts } from './counts.ts';
import { gatewayMetrics } from './gateway-metrics.ts';
import { watchLoopLag } from './loop-lag.ts';
import type { Labels, ProcessCounts, Row, RowFacts, Sample } from './metric-row.ts';
import { operationMetrics } from './operation-metrics.ts';
import { qualityMetrics } from './quality-metrics.ts';
import { roomMetrics } from './room-metrics.ts';

export type MetricsNeeds = {
  /** Called once for every scrape. */
  readonly collect: () => GatewayCounts | Promise<GatewayCounts>;
  readonly version: string;
};

export type Metrics = {
  readonly contentType: string;
  /** The Prometheus text of this instant. */
  scrape(): Promise<string>;
  stop(): void;
};

const table: readonly Row[] = [...roomMetrics, ...qualityMetrics, ...gatewayMetrics, ...operationMetrics];

/** For the documentation and its test. What the scopes mean stands in metric-row.ts. */
export function metricsTable(): readonly (RowFacts & { readonly type: Row['type'] })[] {
  return table.map(({ name, type, help, labels, scope }) => ({ name, type, help, labels, scope }));
}

/** OP14, OP15. Watches the event loop until stopped. */
export function openMetrics({ collect, version }: MetricsNeeds): Metrics {
  const registry = new Registry();
  const pulls = table.map(row => registerRow(registry, row));
  const loop = watchLoopLag();
  const gc = watchGarbage();
  return {
    contentType: registry.contentType,
    async scrape() {
      const counts = await collect();
      for (const pull of pulls) pull(counts, { version, lag: loop.lag, gcMs: gc.ms });
      return registry.metrics();
    },
    stop() {
      loop.stop();
      gc.stop();
    },
  };
}

type Pull = (counts: GatewayCounts, ownProcess: ProcessCounts) => void;

function registerRow(registry: Registry, row: Row): Pull {
  const facts = { name: row.name, help: row.help, labelNames: row.labels, registers: [registry] };
  switch (row.type) {
    case 'gauge': {
      const gauge = new Gauge(facts);
      return (counts, ownProcess) => {
        gauge.reset();
        // Without labels a reset is a sample of 0, which would be a claim.
        if (row.labels.length === 0) gauge.remove();
        for (const { labels, value } of row.read(counts, ownProcess)) gauge.set(labels, value);
      };
    }
    case 'counter': {
      const counter = new Counter(facts);
      return (counts, ownProcess) => {
        counter.reset();
        for (const { labels, value } of row.read(counts, ownProcess)) counter.inc(labels, value);
      };
    }
    case 'histogram': {
      const histogram = new PulledHistogram(facts);
      return (counts, ownProcess) => {
        histogram.pulled = row
          .read(counts, ownProcess)
          .flatMap(({ labels, value }) => histogramSamples(row.name, labels, value));
      };
    }
  }
}

type HistogramSample = Sample & { readonly metricName: string };

/** A histogram whose buckets were counted elsewhere; prom-client's own can only count one observation at a time. */
class PulledHistogram extends Histogram {
  readonly #facts: Pick<RowFacts, 'name' | 'help'>;
  pulled: readonly HistogramSample[] = [];

  constructor(facts: ConstructorParameters<typeof Histogram>[0]) {
    super(facts);
    this.#facts = facts;
  }

  /** What the registry reads in preference to `get`. */
  async getForPromString() {
    const { name, help } = this.#facts;
    return { name, help, type: 'histogram', aggregator: 'sum', values: this.pulled };
  }
}

function histogramSamples(
  name: string,
  labels: Labels,
  { boundsMs, counts, sumMs }: HistogramCounts,
): HistogramSample[] {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    const boundMs = boundsMs[index];
    const le = boundMs === undefined ? '+Inf' : String(boundMs / 1_000);
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sumMs / 1_000 },
    { metricName: `${name}_count`, labels, value: total },
  ];
}

const garbageKinds: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak',
};

function watchGarbage(): { readonly ms: Readonly<Record<string, number>>; stop(): void } {
  const ms: Record<string, number> = { minor: 0, major: 0, incremental: 0, weak: 0 };
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      const kind = garbageKinds[kindOf(entry)];
      if (kind !== undefined) ms[kind] = (ms[kind] ?? 0) + entry.duration;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return { ms, stop: () => observer.disconnect() };
}

function kindOf(entry: object): number {
  const detail: unknown = 'detail' in entry ? entry.detail : null;
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? Number(detail.kind) : 0;
}
