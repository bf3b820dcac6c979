// The report after the sale, from samples: numbers, incidents, and texts of others shown as text.
import { expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/ops/audit-log.ts';
import { type Sample, sampleOf } from '../../../src/ops/history-log.ts';
import { mergeSamples } from '../../../src/ops/merge-samples.ts';
import { reportHtml } from '../../../src/ops/report/build-report.ts';
import { fullestMinute } from '../../../src/ops/report/find-incidents.ts';
import { reportCsv } from '../../../src/ops/report/report-csv.ts';
import { groupRows, mostOf } from '../../../src/ops/report/thin-rows.ts';
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

const auditRecord = (change: Partial<AuditRecord>): AuditRecord => ({
  ...{ id: change.what ?? 'a', at: '2027-05-09T01:00:20.000Z', who: 'alice', role: 'operator', via: 'token' },
  ...{ what: 'setPace', room: 'sale', why: null, before: {}, after: {}, outcome: 'asked', failure: null },
  ...change,
});
const pageOf = (audit: readonly AuditRecord[] = [], rows = mergeSamples(samples), isAuditWhole = true) =>
  reportHtml({ room: 'sale', rows, isWhole: false, audit, isAuditWhole, madeAt: '2027-05-09T02:00:00.000Z' });
/** What follows a heading, as text. */
const below = (html: string, heading: string): string =>
  (html.split(`<h2>${heading}</h2>`)[1] ?? '').split('<h2>')[0]?.replace(/<[^>]*>/g, ' ') ?? '';

test('[OP114] the page has the numbers and the incidents, and needs nothing from anywhere', () => {
  const html = pageOf();
  expect(html).toMatch(/<dt>Joined<.dt><dd>1,500<small>at most 300 a minute</);
  expect(html).toMatch(/<dt>Waits as told at the join<.dt><dd>75\.0 %<small>of 20</);
  expect(html).toContain('From 2027-05-09 01:00:00 to 01:05:00 (5 min) 1,500 devices joined and 600 were let in.');
  const incidents = below(html, 'Incidents').replace(/\s+/g, ' ');
  expect(incidents).toContain('01:00:20 10 s. The shop was failing');
  expect(incidents).toContain('01:00:30 5 min. Nothing was recorded');
  expect(incidents).toContain('01:05:00 10 s. Paused by an operator.');
  expect(html).not.toMatch(/<script|https?:|src=|href=|@import|url\(/i);
  expect(html.match(/<svg/g)?.length).toBe(8);
});

test("[OP114] what operators did and told is there in words, others' texts as text, what failed as failed", () => {
  const evil = '<script>alert(1)</script>';
  const html = pageOf([
    auditRecord({ what: 'setMessage', after: { texts: { en: evil, ja: '10時に' } } }),
    auditRecord({ before: { pacePerMinute: 600 }, after: { perMinute: 900 }, why: 'bored <b>' }),
    auditRecord({
      before: { pacePerMinute: 600 },
      after: { perMinute: 900 },
      outcome: 'failed',
      failure: 'the room had changed',
    }),
    auditRecord({ what: 'setStock', after: { items: [{ name: evil, remaining: 1_200 }] } }),
  ]);
  expect(html).not.toContain('<script');
  expect(html).toContain('<blockquote lang="ja" dir="auto">10時に</blockquote>');
  const deeds = below(html, 'What operators did');
  expect(deeds.match(/set the pace from 600 to 900 a minute/g)?.length).toBe(1);
  expect(deeds).toContain('Not done: the room had changed.');
  expect(deeds).toMatch(/said what is left: .*alert\(1\).* 1,200\./);
  expect(html).toContain('Why: bored &#60;b&#62;');
});

test('[OP114] changes by the autopilot have their reasons, and the fullest minute is held against the pace', () => {
  const rows = mergeSamples(
    Array.from({ length: 30 }, (_, index) => {
      const pace = index < 15 ? 120 : 60;
      const autopilot = { pacePerMinute: pace, reason: 'answers carry "M941"' };
      return sample(index, {
        pacePerMinute: pace,
        admitted: Math.min(index, 15) * 20 + Math.max(0, index - 15) * 10,
        autopilot,
      });
    }),
  );
  expect(below(pageOf([], rows), 'What the autopilot did')).toMatch(/Pace 120 →\s+60\s+a minute\. Answers carry/);
  expect(fullestMinute(rows)).toBeCloseTo(1, 2);
  expect(fullestMinute(rows.map(row => ({ ...row, room: { ...row.room, pacePerMinute: 100 } })))).toBeCloseTo(1.2, 2);
});

test('[OP114] a long history is drawn with what was worst, on a page of less than half a megabyte', () => {
  const rows = mergeSamples(Array.from({ length: 12_000 }, (_, index) => sample(index)));
  const slow = rows.map((row, index) => (index === 7_000 ? { ...row, shop: { ...row.shop, p90Ms: 7_777 } } : row));
  const html = pageOf([], slow);
  expect(html.length).toBeLessThan(500_000);
  expect(html).toContain('90 % within 7,777 ms at worst');
  expect(Math.max(...groupRows(slow).map(group => mostOf(row => row.shop.p90Ms)(group) ?? 0))).toBe(7_777);
});

test('[OP114] what was counted before the first row belongs to the sale, unless older rows were let go', () => {
  const rows = mergeSamples([sample(4), sample(5)]);
  const joinedIn = (isWhole: boolean) =>
    /<dt>Joined<.dt><dd>([\d,]+)</.exec(
      reportHtml({ room: 'sale', rows, isWhole, audit: [], isAuditWhole: true, madeAt: '2027-05-09T02:00:00Z' }),
    )?.[1];
  expect([joinedIn(true), joinedIn(false)]).toEqual(['250', '50']);
});

test('[OP114] a chart without a value says so, and of a single row something is to be seen', () => {
  expect(pageOf([], [])).toContain('Nothing was recorded for this room.');
  const rows = mergeSamples([
    { ...sample(0), quality: { calls: 0, p50WaitMs: null, p90WaitMs: null, told: 0, asTold: 0 } },
  ]);
  const html = pageOf([], rows);
  expect(html).toContain('Nothing was measured.');
  expect(html).not.toMatch(/NaN|Infinity|undefined/);
});

test('[OP114] the CSV has a line a row, and no value moves into another column', () => {
  const [head = '', ...lines] = reportCsv(mergeSamples(samples)).trimEnd().split('\r\n');
  expect(lines.length).toBe(5);
  for (const line of lines) expect(line.split(',').length).toBe(head.split(',').length);
  expect(lines[1]).toMatch(/^2027-05-09T01:00:10.000Z,/);
});

test('[OP194] a change of the caller makes no minute fuller than it was', () => {
  // Two a second all the time: the first caller samples at the begin of a period, the next one near its end.
  const at = (index: number) => index * 10_000 + (index < 6 ? 1_000 : 9_000);
  const rows = mergeSamples(
    Array.from({ length: 12 }, (_, index) => {
      const change = { pacePerMinute: 120, admitted: (at(index) / 1_000) * 2 };
      return { ...sample(index, change), atMs: startMs + at(index), gateway: index < 6 ? 'one' : 'two' };
    }),
  );
  expect(rows.map(({ admissionsPerMinute }) => admissionsPerMinute)).toEqual([0, ...Array(11).fill(120)]);
  expect(fullestMinute(rows)).toBe(1);
});

test('[OP194] a period without a caller has no rate, and the next one no peak', () => {
  const rows = mergeSamples([sample(0, { admitted: 0 }), sample(1, {}, 'two'), sample(2, { admitted: 40 })]);
  expect(rows.map(({ admissionsPerMinute }) => admissionsPerMinute)).toEqual([0, 0, 120]);
});

test('[OP206] the page says when it has not looked through the whole audit trail', () => {
  const said = [true, false].map(isWhole =>
    pageOf([], mergeSamples(samples), isWhole).includes('Only the newest records'),
  );
  expect(said).toEqual([false, true]);
});

test('[OP114] a time in which the room was drained is an incident', () => {
  const rows = mergeSamples([sample(0), sample(1, { limit: 'draining' }), sample(2, { limit: 'draining' }), sample(3)]);
  const incidents = below(pageOf([], rows), 'Incidents').replace(/\s+/g, ' ');
  expect(incidents).toContain('01:00:10 20 s. Drained by an operator');
});
