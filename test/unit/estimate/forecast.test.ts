// What another pace would do to the line.
import { expect, test } from 'vitest';
import { forecast, meanStayMs } from '../../../src/estimate/forecast.ts';

const line = { waiting: 1_200, pacePerMinute: 600, joinsPerMinute: 0, activeCap: 500, meanStayMs: null };

test.each([
  ['nobody joins', {}, { emptyInMs: 120_000, isBoundByCap: false }],
  ['half as many join as go in', { joinsPerMinute: 300 }, { emptyInMs: 240_000, shorterPerMinute: 300 }],
  ['as many join as go in', { joinsPerMinute: 600 }, { emptyInMs: null, shorterPerMinute: 0 }],
  ['the line is empty', { waiting: 0, joinsPerMinute: 900 }, { emptyInMs: 0 }],
  [
    'the cap lets in less than the pace',
    { meanStayMs: 300_000 },
    { admittedPerMinute: 100, isBoundByCap: true, emptyInMs: 720_000 },
  ],
])('[OP76] %s', (_, change, expected) => {
  expect(forecast({ ...line, ...change })).toMatchObject(expected);
});

test('[OP76] how long a device stays follows from how many are inside and how many go in', () => {
  expect([meanStayMs(100, 50), meanStayMs(0, 50), meanStayMs(10, 0)]).toEqual([120_000, null, null]);
});
