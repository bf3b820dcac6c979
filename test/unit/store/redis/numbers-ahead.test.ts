// Numbers taken ahead: only in a rush, only for a moment, and in order.

import { expect, test } from 'vitest';
import { aheadMsMax, NumbersAhead } from '../../../../src/store/redis/numbers-ahead.ts';

test('[ST142] where few come nothing is taken ahead, nor after a while without anybody', () => {
  const ahead = new NumbersAhead();
  expect(ahead.wanted(15, 0)).toBe(0);
  expect(ahead.wanted(15, 2)).toBe(0);
  expect(ahead.wanted(100, 1_000)).toBe(0);
  expect(ahead.wanted(100, 1_002)).toBe(150);
});

test('[ST142] in a rush there is a stock for those who come before the next answer, and what is left of it counts', () => {
  const ahead = new NumbersAhead();
  ahead.wanted(100, 0);
  ahead.add(100, 100 + ahead.wanted(100, 2), 2);
  const taken = Array.from({ length: 120 }, () => ahead.take(1, 3));
  expect(taken).toEqual(Array.from({ length: 120 }, (_, index) => 100 + index));
  // 120 were used, so 180 are wanted, and 30 are there.
  expect(ahead.wanted(0, 4)).toBe(150);
});

test('[ST142] a number is handed out only for a moment after it was asked for, and none below one that was', () => {
  const ahead = new NumbersAhead();
  ahead.add(0, 10, 0);
  ahead.add(50, 60, 5);
  expect(ahead.take(1, aheadMsMax)).toBe(0);
  expect(ahead.take(1, aheadMsMax + 1)).toBe(50);
  expect(ahead.take(1, aheadMsMax + 6)).toBeNull();
  ahead.add(70, 75, 20);
  ahead.add(80, 90, 20);
  expect(ahead.take(6, 20)).toBe(80);
  expect(ahead.take(1, 20)).toBe(86);
});

test('[ST142] after the store was asked for all numbers given, nobody gets one from before', () => {
  const ahead = new NumbersAhead();
  ahead.add(0, 10, 0);
  ahead.forget();
  expect(ahead.take(1, 1)).toBeNull();
});
