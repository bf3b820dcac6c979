// Spans, estimates and ages in words.
import { expect, test } from 'vitest';
import { createFormats } from '../../../src/page/formats.ts';
import { wording as ar } from '../../../src/page/languages/ar.ts';
import { wording as en } from '../../../src/page/languages/en.ts';
import { wording as ja } from '../../../src/page/languages/ja.ts';

const english = createFormats(en);
const japanese = createFormats(ja);

test.each([
  [0, 0, 'less than a minute'],
  [20, 60, 'less than a minute'],
  [30, 61, 'up to 2 minutes'],
  [20, 70, 'up to 2 minutes'],
  [240, 720, 'about 4 to 15 minutes'],
  [1_700, 7_300, 'about 25 to 150 minutes'],
  [1_800, 7_300, 'about 0.5 to 2.5 hours'],
  [65, 170, 'about 1 to 3 minutes'],
  [180, 180, 'about 3 minutes'],
  [2_100, 2_900, 'about 35 to 50 minutes'],
  [601, 601, 'about 10 to 15 minutes'],
  [5_400, 7_200, 'about 90 to 120 minutes'],
  [5_400, 9_000, 'about 1.5 to 2.5 hours'],
  [10_800, 10_800, 'about 3 hours'],
])('[PG4] an estimate of %i to %i seconds reads "%s", rounded outwards', (low, high, words) => {
  expect(english.estimate([low, high])).toBe(words);
});

test('[PG100] the words of a range follow its high end, and one and two are said without their figure', () => {
  const arabic = createFormats(ar);
  expect(arabic.estimate([240, 540])).toBe('من 4 إلى 9 دقائق تقريبًا');
  expect(arabic.estimate([240, 720])).toBe('من 4 إلى 15 دقيقة تقريبًا');
  expect(arabic.estimate([20, 70])).toBe('حتى دقيقتين');
  expect(arabic.ago(1_000)).toBe('قبل ثانية');
});

test('[PG4] the same in Japanese', () => {
  expect(japanese.estimate([2_100, 2_900])).toBe('約 35～50 分');
  expect(japanese.estimate([5, 30])).toBe('1 分以内');
});

test.each([
  [-5_000, '0:00'],
  [1, '0:01'],
  [59_001, '1:00'],
  [272_000, '4:32'],
  [3_600_000, '1:00:00'],
  [185_000_000, '2 days 03:23:20'],
  [90_000_000, '1 day 01:00:00'],
])('[PG4] a countdown of %i ms reads "%s"', (spanMs, words) => {
  expect(english.countdown(spanMs)).toBe(words);
});

test.each([
  [-3_000, '0 seconds ago'],
  [1_000, '1 second ago'],
  [59_999, '59 seconds ago'],
  [60_000, '1 minute ago'],
  [7_300_000, '2 hours ago'],
])('[PG4] an age of %i ms reads "%s"', (spanMs, words) => {
  expect(english.ago(spanMs)).toBe(words);
});
