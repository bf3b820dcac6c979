// The text that Prometheus gets, over real HTTP and judged by Prometheus' own tool (Debian: prometheus).
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { metricsTable } from '../../../src/ops/metrics.ts';
import { openStand, type Stand, standRoom } from './ops-stand.ts';

let stand: Stand;
beforeEach(async () => {
  stand = await openStand({ rooms: [standRoom('first'), standRoom('second')] });
});
afterEach(() => stand.close());

test('[OP14] promtool has nothing to say about the metrics', async () => {
  const { status, headers, body } = await stand.call('GET', '/metrics', undefined, {});
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
  if (checked.error !== undefined) {
    throw new Error(`promtool cannot be run (${checked.error.message}): install Debian's package "prometheus"`);
  }
  expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', '']);
});

test('[OP14] every metric of the table is in the text, with its type and help, and no other is', async () => {
  const { body } = await stand.call('GET', '/metrics', undefined, {});
  const described = [...body.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)];
  const inText = described.map(([, name, help, type]) => ({ name, help, type }));
  expect(inText).toEqual(metricsTable().map(({ name, help, type }) => ({ name, help, type })));
  for (const { name, labels } of metricsTable()) {
    const samples = [...body.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?(?:{(.*)})? \\S+$`, 'gm'))];
    expect(samples, name).not.toEqual([]);
    for (const [, text = ''] of samples) {
      const names = [...text.matchAll(/(\w+)="/g)].map(([, label]) => label).filter(label => label !== 'le');
      expect(names.sort(), name).toEqual([...labels].sort());
    }
  }
});
