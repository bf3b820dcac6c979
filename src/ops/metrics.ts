// Every metric of Junban in one table, and the only importer of prom-client. Values are pulled when Prometheus asks, out
// of counters that others keep as plain numbers: counting an event never comes through here.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { GatewayCounts, HistogramCounts } from './counts.ts';
import { gatewayMetrics } from './gateway-metrics.ts';
import { watchLoopLag } from './loop-lag.ts';
import type { Labels, ProcessCounts, Row, RowFacts } from './metric-row.ts';
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
  const registry = new PulledRegistry();
  for (const row of table) declare(registry, row);
  const loop = watchLoopLag();
  const gc = watchGarbage();
  return {
    contentType: registry.contentType,
    async scrape() {
      registry.pull(await collect(), { version, lag: loop.lag, gcMs: gc.ms });
      return registry.metrics();
    },
    stop() {
      loop.stop();
      gc.stop();
    },
  };
}

/** Refuses names, labels and doubles that Prometheus would refuse. */
function declare(registry: Registry, { name, help, labels, type }: Row): void {
  const facts = { name, help, labelNames: labels, registers: [registry] };
  if (type === 'gauge') new Gauge(facts);
  else if (type === 'counter') new Counter(facts);
  else new Histogram(facts);
}

/**
 * Writes what was pulled as it is: all numbers are new at each scrape, and to file each of them by its labels first, and
 * to read it out again, takes prom-client most of the time that a scrape may take. OP117
 */
class PulledRegistry extends Registry {
  #texts: readonly string[] = [];

  pull(counts: GatewayCounts, ownProcess: ProcessCounts): void {
    this.#texts = table.map(
      row => `# HELP ${row.name} ${row.help}\n# TYPE ${row.name} ${row.type}${linesOf(row, counts, ownProcess)}`,
    );
  }

  override async metrics(): Promise<string> {
    return `${this.#texts.join('\n\n')}\n`;
  }
}

function linesOf(row: Row, counts: GatewayCounts, ownProcess: ProcessCounts): string {
  let lines = '';
  if (row.type === 'histogram') {
    for (const { labels, value } of row.read(counts, ownProcess)) lines += histogramLines(row.name, labels, value);
    return lines;
  }
  for (const { labels, value } of row.read(counts, ownProcess)) {
    lines += `\n${row.name}${braced(labelText(labels))} ${valueText(value)}`;
  }
  return lines;
}

function histogramLines(name: string, labels: Labels, { boundsMs, counts, sumMs }: HistogramCounts): string {
  const own = labelText(labels);
  const before = own === '' ? '' : `${own},`;
  let [lines, total] = ['', 0];
  for (const [index, count] of counts.entries()) {
    total += count;
    const boundMs = boundsMs[index];
    lines += `\n${name}_bucket{${before}le="${boundMs === undefined ? '+Inf' : boundMs / 1_000}"} ${total}`;
  }
  return `${lines}\n${name}_sum${braced(own)} ${valueText(sumMs / 1_000)}\n${name}_count${braced(own)} ${total}`;
}

const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`);

function labelText(labels: Labels): string {
  let text = '';
  for (const name in labels) text += `${text === '' ? '' : ','}${name}="${escaped(labels[name] ?? '')}"`;
  return text;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };
const escaped = (value: string): string =>
  /[\\"\n]/.test(value) ? value.replace(/[\\"\n]/g, character => escapes[character] ?? '') : value;

function valueText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
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
