// The judgement over k6's samples: it must see a place given twice, a burst, a failed threshold and a failed check.
import { expect, test } from 'vitest';
import { judgePace, judgePlaces, judgeSummary, readSamples, type Sample } from '../../../loadtest/k6/judge.ts';

const places = (...numbers: number[]): readonly Sample[] =>
  numbers.map(value => ({ metric: 'arrival_number', atMs: 0, value }));
const admissions = (...atMs: number[]): readonly Sample[] =>
  atMs.map(at => ({ metric: 'admission', atMs: at, value: 1 }));

test('samples are read from the lines that hold them', () => {
  const text = [
    '{"type":"Metric","data":{"name":"arrival_number"},"metric":"arrival_number"}',
    '{"metric":"arrival_number","type":"Point","data":{"time":"2027-05-09T01:00:00.5Z","value":7,"tags":{}}}',
    '',
  ].join('\n');
  expect(readSamples(text)).toEqual([{ metric: 'arrival_number', atMs: Date.UTC(2027, 4, 9, 1, 0, 0, 500), value: 7 }]);
});

test('a place given twice is seen, and so is a run without places', () => {
  expect(judgePlaces(places(0, 1, 2)).isKept).toBe(true);
  expect(judgePlaces(places(0, 1, 1)).isKept).toBe(false);
  expect(judgePlaces([]).isKept).toBe(false);
});

test('one device more than the pace in 10 s is allowed, two are not', () => {
  const steady = Array.from({ length: 120 }, (_, index) => index * 1_000);
  expect(judgePace(admissions(...steady), 60).isKept).toBe(true);
  expect(judgePace(admissions(...steady, 50_001), 60).isKept).toBe(true);
  expect(judgePace(admissions(...steady, 50_001, 50_002), 60).isKept).toBe(false);
  expect(judgePace([], 60).isKept).toBe(false);
});

test('failed thresholds, thresholds over nothing and failed checks of k6 are broken promises', () => {
  const summary = {
    metrics: {
      good: { values: { rate: 1 }, thresholds: { 'rate==1': { ok: true } } },
      bad: { values: { 'p(95)': 1_234.567 }, thresholds: { 'p(95)<1000': { ok: false } } },
      empty: { type: 'trend', values: { count: 0, max: 0 }, thresholds: { 'max<9': { ok: true } } },
      nobody: { type: 'rate', values: { rate: 0, passes: 0, fails: 0 }, thresholds: { 'rate==1': { ok: true } } },
      none: { type: 'counter', values: { count: 0 }, thresholds: { 'count==0': { ok: true } } },
      plain: { values: { count: 1 } },
    },
    root_group: {
      checks: [
        { name: 'join: 201', passes: 3, fails: 0 },
        { name: 'call: 429', passes: 1, fails: 2 },
      ],
    },
  };
  expect(judgeSummary(summary)).toEqual([
    { promise: 'good rate==1', isKept: true, seen: 'rate 1' },
    { promise: 'bad p(95)<1000', isKept: false, seen: 'p(95) 1234.57' },
    { promise: 'empty max<9', isKept: false, seen: 'nothing was measured' },
    { promise: 'nobody rate==1', isKept: false, seen: 'nothing was measured' },
    { promise: 'none count==0', isKept: true, seen: 'count 0' },
    { promise: 'call: 429', isKept: false, seen: 'failed 2 times' },
  ]);
});
