// The autopilot before shops that hang: they take requests and answer none, before fans who wait, and fans who load again.

import { expect, test } from 'vitest';
import { errorShare, filled, filledMs, forShops, heldShare, saleOf, secondsUntilUsed, used } from './drawn-sales.ts';

const hangSeconds = 60;

test.each([
  ['wait for the answer', undefined],
  ['load again after 5 to 10 s', [5_000, 10_000]],
  ['load again after 3 to 5 s', [3_000, 5_000]],
] as const)('[AP63] a shop hangs, fans %s: nobody new within seconds, and back soon', (_, patienceMs) => {
  forShops(
    'seconds until nine tenths of a shop that hung are used',
    seed => {
      const sale = saleOf(seed, patienceMs === undefined ? {} : { patienceMs });
      sale.events.runUntil(filledMs);
      const before = sale.seconds.slice(filled - 60, filled);
      sale.shop.isHanging = true;
      for (let second = 1; second <= hangSeconds; second += 1) {
        sale.events.runUntil(filledMs + second * 1_000);
        if (second < 10) continue;
        expect(sale.isFailing, `failing ${second} s after it began to hang`).toBe(true);
        expect(sale.pacePerMinute).toBe(60);
      }
      const hung = sale.seconds.slice(filled + 10, filled + hangSeconds);
      expect(hung.every(({ admitted }) => admitted === 0)).toBe(true);
      sale.shop.isHanging = false;
      sale.events.runUntil(filledMs + hangSeconds * 1_000 + 150_000);
      const back = sale.seconds.slice(filled + hangSeconds);
      expect(errorShare(before) + errorShare(back)).toBeLessThan(0.001);
      expect(heldShare(back.slice(60))).toBeLessThan(0.05);
      // Who waits asks again when the gateway has given up: after 30 s.
      expect(secondsUntilUsed(back)).toBeLessThanOrEqual(patienceMs === undefined ? 110 : 60);
      expect(used(back.slice(110))).toBeGreaterThanOrEqual(0.9);
      return secondsUntilUsed(back);
    },
    4,
  );
});
