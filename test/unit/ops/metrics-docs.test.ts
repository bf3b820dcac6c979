// The table in the documentation against the registry it is made from; and that rules and dashboards ask only for what
// there is.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { dashboards } from '../../../deploy/grafana/build-dashboards.ts';
import { metricsTable, openMetrics } from '../../../src/ops/metrics.ts';
import { metricsDocument } from '../../../src/ops/metrics-document.ts';
import { countsOf, standRoom } from '../../integration/ops/ops-stand.ts';

const root = resolve(import.meta.dirname, '../../..');
const fileText = (path: string): string => readFileSync(resolve(root, path), 'utf8');

test('[OP83] the table of metrics in the documentation is the registry’s own', () => {
  // Write it anew with: node src/ops/metrics-document.ts
  expect(fileText('docs/metrics.md')).toBe(metricsDocument());
});

const metrics = openMetrics({ collect: () => countsOf([standRoom()]), version: '0.1.0' });
afterAll(() => metrics.stop());

/** By name of a series: its labels, and of each the values that a scrape has. */
const known = new Map<string, Map<string, Set<string>>>();
for (const { name, type, labels } of metricsTable()) {
  const parts = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  for (const part of parts) {
    const all = part === '_bucket' ? [...labels, 'le'] : labels;
    known.set(`${name}${part}`, new Map(all.map(label => [label, new Set<string>()])));
  }
}
for (const line of (await metrics.scrape()).split('\n')) {
  const [, name = '', labels = ''] = /^(junban_\w+)\{(.*)\} /.exec(line) ?? [];
  for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) known.get(name)?.get(label)?.add(value);
}

/** What Prometheus adds, and names that a set-up gives. */
const foreign = ['instance', 'job'];
const ownNames = ['room', 'instance', 'job', 'token', 'caller', 'le'];

/** What an expression asks for and nobody answers. */
function unknownIn(expression: string): readonly string[] {
  return [...expression.matchAll(/\b(junban_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', matchers = '']) => {
    const labels = known.get(name);
    if (labels === undefined) return [name];
    return [...matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"([^"]*)"/g)].flatMap(([, label = '', asked = '']) => {
      if (foreign.includes(label)) return [];
      const values = labels.get(label);
      if (values === undefined) return [`${name}{${label}}`];
      if (ownNames.includes(label)) return [];
      return asked.split('|').flatMap(value => (values.has(value) ? [] : [`${name}{${label}="${value}"}`]));
    });
  });
}

describe('what is asked for', () => {
  const rules = fileText('deploy/prometheus/junban.rules.yml');

  test('[OP202] is noticed when nobody answers it', () => {
    expect(
      unknownIn('max(junban_gone) + junban_call_limit{limt="cap"} + junban_call_limit{limit=~"cap|none"}'),
    ).toEqual(['junban_gone', 'junban_call_limit{limt}', 'junban_call_limit{limit="none"}']);
  });

  test.each([
    ['the rules', rules],
    ['their tests', fileText('deploy/prometheus/junban.rules.test.yml')],
  ])('[OP202] %s ask for metrics and labels that there are', (_, text) => {
    // A runbook names a metric as a whole, without the parts of a histogram.
    const asked = text.split('\n').filter(line => !/^ *(summary|runbook):/.test(line));
    expect(unknownIn(asked.join('\n'))).toEqual([]);
  });

  test('[OP202] runbooks name metrics that there are', () => {
    const runbooks = rules.split('\n').filter(line => /^ *runbook:/.test(line));
    const names = metricsTable().map(({ name }) => name);
    const named = runbooks.flatMap(line => line.match(/\bjunban_\w+/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(name => !names.includes(name))).toEqual([]);
  });

  test.each(dashboards)('[OP202] the dashboard $title asks for metrics and labels that there are', ({ panels }) => {
    const asked = panels.flatMap(({ queries }) => queries.map(({ expr }) => expr));
    expect(asked.flatMap(unknownIn)).toEqual([]);
  });
});
