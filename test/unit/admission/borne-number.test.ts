// The number inside that a shop bore: near it the number grows slowly, until the shop is at ease with as many.
import { expect, test } from 'vitest';
import { BorneNumber } from '../../../src/admission/borne-number.ts';

test('[AP102] near the number that was too many it grows slowly, until the shop is at ease with as many for 8 s', () => {
  const borne = new BorneNumber();
  expect(borne.growthAt(1_000)).toBe(1);
  borne.slowWith(230, 30);
  expect(borne.growthAt(165)).toBe(1);
  expect(borne.growthAt(175)).toBeLessThan(0.5);
  expect(borne.growthAt(300)).toBeLessThan(0.5);
  // At ease because it is empty: that says nothing.
  for (let second = 0; second < 30; second += 1) borne.note(120, second);
  expect(borne.growthAt(175)).toBeLessThan(0.5);
  for (let second = 0; second < 8; second += 1) borne.note(205, second);
  expect(borne.growthAt(205)).toBeLessThan(0.5);
  borne.note(205, 8);
  expect(borne.growthAt(205)).toBe(1);
});

test('[AP102] where more answers are waited for than devices are inside, some of these were borne all the same', () => {
  const borne = new BorneNumber();
  borne.slowWith(200, 900);
  expect(borne.growthAt(30)).toBe(1);
  expect(borne.growthAt(60)).toBeLessThan(0.5);
});

test('[AP102] a failure says nothing of how many the shop bears', () => {
  const borne = new BorneNumber();
  borne.slowWith(230, 30);
  borne.forget();
  expect(borne.growthAt(230)).toBe(1);
});

test('[AP171] near the number with which errors came it hardly grows, until clearly more are inside at ease', () => {
  const borne = new BorneNumber();
  borne.errorsWith(200);
  expect(borne.isNear(160)).toBe(false);
  expect(borne.isNear(175)).toBe(true);
  expect(borne.growthAt(175)).toBeLessThan(0.1);
  borne.note(205, 8);
  expect(borne.growthAt(205)).toBeLessThan(0.1);
  borne.note(211, 8);
  expect(borne.growthAt(211)).toBe(1);
});

test('[AP171] errors that come again with clearly fewer inside do not come of their number', () => {
  const borne = new BorneNumber();
  borne.errorsWith(200);
  borne.errorsWith(192);
  expect(borne.isNear(180)).toBe(true);
  borne.errorsWith(150);
  expect(borne.isNear(1_000)).toBe(false);
  borne.errorsWith(150);
  expect(borne.isNear(140)).toBe(true);
  // Slow answers are another matter.
  borne.slowWith(200, 0);
  borne.errorsWith(100);
  expect(borne.isNear(90)).toBe(true);
});
