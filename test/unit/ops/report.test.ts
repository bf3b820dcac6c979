// The report after the sale, from samples: numbers, incidents, and texts of others shown as text.
import { expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/ops/audit-log.ts';
import { type Sample, sampleOf } from '../../../src/ops/history-log.ts';
import { mergeSamples } from '../../../src/ops/merge-samples.ts';
import { reportCsv, reportHtml } from '../../../src/ops/report/build-report.ts';
import { standRoom } from '../../integration/ops/ops-stand.ts';

const startMs = Date.parse('2027-05-09T01:00:00Z');
const report = await standRoom().report();

function sample(index: number, change: Partial<Sample['room'] & object> = {}, gateway = 'one'): Sample {
  return {
    atMs: startMs + index * 10_000,
    gateway,
    shop: { answers: 100, errors: 10, signatures: 5, p50Ms: 20, p90Ms: gateway === 'one' ? 90 : 120, inFlight: 3 },
    quality: { calls: gateway === 'one' ? 4 : 0, p50WaitMs: 60_000, p90WaitMs: 90_000, told: 4, asTold: 3 },
    room: gateway === 'one' ? { ...sampleOf(report), handedOut: index * 50, admitted: index * 20, ...change } : null,
  };
}

const samples = [
  sample(0),
  sample(1),
  sample(1, {}, 'two'),
  sample(2, { shopFailing: true }),
  sample(3, { shopFailing: true }),
  sample(30, { paused: true }),
];

test('[OP113] samples of several gateways are one row a period: counts added, the room once, rates since the row before', () => {
  const rows = mergeSamples(samples);
  expect(rows.length).toBe(5);
  expect(rows[1]).toMatchObject({
    shop: { answers: 200, errors: 20, p90Ms: 120 },
    quality: { p50WaitMs: 60_000 },
    joinsPerMinute: 300,
    admissionsPerMinute: 120,
  });
});

test('[OP114] the page has the numbers, the incidents and the deeds, and needs nothing from anywhere', () => {
  const audit: AuditRecord = {
    ...{
      id: 'a',
      at: '2027-05-09T01:00:20.000Z',
      who: 'alice',
      role: 'operator',
      via: 'token',
      what: 'setMessage',
      room: 'sale',
    },
    ...{ why: null, before: { message: null }, after: { text: '<script>alert(1)</script>' }, failure: null },
  };
  const html = reportHtml({
    room: 'sale',
    rows: mergeSamples(samples),
    audit: [audit],
    madeAt: '2027-05-09T02:00:00.000Z',
  });
  expect(html).toContain('<dt>Joined</dt><dd>1,500</dd>');
  expect(html).toContain('<dt>Waits as told at the join</dt><dd>75.0 %</dd>');
  expect(html).toMatch(/<td>10 s<\/td><td>The shop was failing<\/td>/);
  expect(html).toMatch(/<td>5 min<\/td><td>Nothing was recorded: no gateway, or no store<\/td>/);
  expect(html).toContain('Paused by an operator');
  expect(html).not.toMatch(/<script|https?:|src=|href=/i);
  expect(html.match(/<svg/g)?.length).toBe(6);
});

test('[OP114] the CSV has a line a row, and no value moves into another column', () => {
  const [head = '', ...lines] = reportCsv(mergeSamples(samples)).trimEnd().split('\r\n');
  expect(lines.length).toBe(5);
  for (const line of lines) expect(line.split(',').length).toBe(head.split(',').length);
  expect(lines[1]).toMatch(/^2027-05-09T01:00:10.000Z,/);
});
