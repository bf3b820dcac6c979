// The autopilot against shops whose knee nobody told it, drawn at random: unknown capacity, halved and restored, dead and
// back, leaking, slow logins, machines among the fans, a wave of demand. What is to be reached is asserted of each shop, and
// of all of them together. JUNBAN_SEED repeats one seed.

import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../loadtest/seeded-random.ts';
import { errorShare, filled, filledMs, forShops, heldShare, saleOf, secondsUntilUsed, used } from './drawn-sales.ts';

/** The goals, which all shops together reach; and what every single one drawn at random does, hardly one in ten thousand not. */
const goals = { used: 0.9, backSeconds: 60 } as const;
const ofEach = { used: 0.85, backSeconds: 75 } as const;

describe('the autopilot over shops with unknown knees', () => {
  test.each([
    ['with', true],
    ['without', false],
  ])(
    '[AP1] steady, %s the inner loop: nine tenths of every shop are used, and nobody sees an error of it',
    (loop, hasTurnstile) => {
      const [mean] = forShops(`used when steady, ${loop} the inner loop`, seed => {
        const sale = saleOf(seed, { hasTurnstile });
        sale.events.runUntil(filledMs + 120_000);
        const steady = sale.seconds.slice(filled, filled + 120);
        expect(used(steady)).toBeGreaterThanOrEqual(0.9);
        expect(errorShare(sale.seconds)).toBeLessThan(0.001);
        expect(heldShare(steady)).toBeLessThan(0.05);
        expect(sale.visitsGivenUp).toBe(0);
        return used(steady);
      });
      expect(mean).toBeGreaterThan(0.95);
    },
  );

  test('[AP2] halved for two minutes and restored: no errors from 5 s after each change, back within 60 s', () => {
    const [mean] = forShops('seconds until nine tenths of the restored capacity are used', seed => {
      const sale = saleOf(seed);
      const { requestsPerSecond } = sale.shop;
      sale.events.runUntil(filledMs);
      sale.shop.setKnee(requestsPerSecond / 2);
      sale.events.runUntil(filledMs + 120_000);
      sale.shop.setKnee(requestsPerSecond);
      sale.events.runUntil(filledMs + 240_000);
      const halved = sale.seconds.slice(filled + 5, filled + 120);
      const restored = sale.seconds.slice(filled + 120, filled + 240);
      expect(errorShare(halved)).toBeLessThan(0.001);
      expect(used(halved.slice(55))).toBeGreaterThanOrEqual(ofEach.used);
      expect(errorShare(restored.slice(5))).toBeLessThan(0.001);
      expect(used(restored.slice(60))).toBeGreaterThanOrEqual(ofEach.used);
      expect(sale.visitsGivenUp).toBe(0);
      // The slowest seen of some fifty: 45.
      expect(secondsUntilUsed(restored)).toBeLessThanOrEqual(goals.backSeconds);
      return secondsUntilUsed(restored);
    });
    expect(mean).toBeLessThan(50);
  });

  test('[AP2] a shop that dies and comes back: only honest answers of ours while it is gone, none given up', () => {
    const [mean] = forShops('seconds until nine tenths of the shop that came back are used', seed => {
      const sale = saleOf(seed);
      sale.events.runUntil(filledMs);
      sale.shop.die();
      sale.events.runUntil(filledMs + 40_000);
      expect(sale.isFailing).toBe(true);
      expect(sale.pacePerMinute).toBe(60);
      sale.shop.isAlive = true;
      sale.events.runUntil(filledMs + 140_000);
      const back = sale.seconds.slice(filled + 40, filled + 140);
      expect(errorShare(back.slice(5))).toBeLessThan(0.001);
      expect(sale.visitsGivenUp).toBe(0);
      expect(secondsUntilUsed(back)).toBeLessThanOrEqual(ofEach.backSeconds);
      expect(used(back.slice(60))).toBeGreaterThanOrEqual(ofEach.used);
      return secondsUntilUsed(back);
    });
    expect(mean).toBeLessThanOrEqual(goals.backSeconds);
  });

  test('[AP2] a slow leak of capacity is followed down without errors, and what is left is used', () => {
    forShops('used of a shop that leaks', seed => {
      const sale = saleOf(seed);
      const { requestsPerSecond } = sale.shop;
      sale.events.runUntil(filledMs);
      for (let step = 1; step <= 100; step += 1) {
        sale.shop.setKnee(requestsPerSecond * (1 - step / 200));
        sale.events.runUntil(filledMs + step * 1_800);
      }
      const leaking = sale.seconds.slice(filled, filled + 180);
      expect(errorShare(leaking)).toBeLessThan(0.001);
      expect(used(leaking)).toBeGreaterThanOrEqual(0.9);
      expect(sale.visitsGivenUp).toBe(0);
      return used(leaking);
    });
  });

  test('[AP30] logins that become slow for another reason than the load cost hardly any pace', () => {
    const [mean] = forShops('used a minute after a third of the answers inside has become slow', seed => {
      const sale = saleOf(seed);
      sale.events.runUntil(filledMs);
      sale.slow = { share: 0.3, delayMs: 2_000 };
      sale.events.runUntil(filledMs + 180_000);
      const later = sale.seconds.slice(filled + 60, filled + 180);
      expect(errorShare(sale.seconds)).toBeLessThan(0.001);
      expect(used(later)).toBeGreaterThan(0.85);
      return used(later);
    });
    expect(mean).toBeGreaterThanOrEqual(0.9);
  });

  test.each([
    ['with', true],
    ['without', false],
  ])(
    '[AP61] [AP62] answers that all take longer for another reason than the load, %s the inner loop, close no shop',
    (loop, hasTurnstile) => {
      const [mean] = forShops(`used in the second minute of long answers, ${loop} the inner loop`, seed => {
        const sale = saleOf(seed, { hasTurnstile });
        sale.events.runUntil(filledMs);
        const { serviceMs } = sale.shop;
        const least = Math.min(600, serviceMs[0] * seededRandom(seed).between(3, 30));
        sale.shop.serviceMs = [Math.max(least, serviceMs[0]), Math.max(1.4 * least, serviceMs[1])];
        sale.events.runUntil(filledMs + 240_000);
        const later = sale.seconds.slice(filled, filled + 240);
        expect(errorShare(later)).toBeLessThan(0.001);
        expect(heldShare(later)).toBeLessThan(0.1);
        // Longer, though within what they may take: the number inside may stay as it was.
        expect(used(later.slice(120))).toBeGreaterThanOrEqual(0.4);
        expect(sale.reasons.filter(reason => reason.includes('were errors'))).toEqual([]);
        return used(later.slice(60, 120));
      });
      expect(mean).toBeGreaterThan(0.85);
    },
  );

  test('[AP2] machines among those let in, with five times the requests in a tenth of the time, break nothing', () => {
    forShops('used with machines inside', seed => {
      const sale = saleOf(seed);
      sale.events.runUntil(filledMs);
      sale.botShare = 0.3;
      sale.events.runUntil(filledMs + 90_000);
      const stormy = sale.seconds.slice(filled, filled + 90);
      expect(errorShare(stormy.slice(5))).toBeLessThan(0.001);
      expect(used(stormy.slice(30))).toBeGreaterThanOrEqual(0.9);
      expect(sale.visitsGivenUp).toBe(0);
      return used(stormy.slice(30));
    });
  });

  test.each([60, 150])('[AP60] nobody comes for %i s: nine tenths are used again within a minute', lullSeconds => {
    const [mean] = forShops(`seconds until nine tenths are used after a lull of ${lullSeconds} s`, seed => {
      const sale = saleOf(seed);
      sale.events.runUntil(filledMs + 60_000);
      sale.demandPerMinute = 1e-6;
      sale.events.runUntil(filledMs + 60_000 + lullSeconds * 1_000);
      sale.demandPerMinute = Number.POSITIVE_INFINITY;
      sale.events.runUntil(filledMs + 60_000 + lullSeconds * 1_000 + 120_000);
      const after = sale.seconds.slice(filled + 60 + lullSeconds);
      expect(errorShare(after)).toBeLessThan(0.001);
      expect(secondsUntilUsed(after)).toBeLessThanOrEqual(ofEach.backSeconds);
      expect(used(after.slice(60))).toBeGreaterThanOrEqual(ofEach.used);
      expect(sale.visitsGivenUp).toBe(0);
      return secondsUntilUsed(after);
    });
    expect(mean).toBeLessThanOrEqual(goals.backSeconds);
  });

  test('[AP170] a part of all answers are errors whatever the load: they become usual, and the shop is used all the same', () => {
    const [mean] = forShops('used of a shop with a broken page', seed => {
      const sale = saleOf(seed);
      const brokenShare = 10 ** seededRandom(seed).between(-3, -1.3);
      sale.shop.brokenShare = brokenShare;
      sale.events.runUntil(300_000);
      const later = sale.seconds.slice(180);
      // None but these.
      expect(errorShare(later)).toBeLessThan(1.5 * brokenShare + 0.002);
      expect(used(later)).toBeGreaterThan(0.5);
      return used(later);
    });
    expect(mean).toBeGreaterThanOrEqual(0.88);
  });

  test('[AP171] errors in bursts, whatever the load, close no shop', () => {
    const [mean] = forShops('used of a shop that errs for 3 s every 45 s', seed => {
      const sale = saleOf(seed);
      sale.events.every(1_000, () => {
        sale.shop.brokenShare = Math.floor(sale.events.nowMs / 1_000) % 45 < 3 ? 0.05 : 0;
      });
      sale.events.runUntil(600_000);
      return used(sale.seconds.slice(240));
    });
    expect(mean).toBeGreaterThan(0.75);
  });

  test('[AP171] a few errors while a new room grows, and again each half minute, hardly hold it up', () => {
    const [mean] = forShops('used in the third minute of a shop with a few errors each half minute', seed => {
      const sale = saleOf(seed);
      sale.events.every(30_000, () => {
        sale.shop.brokenShare = 0.05;
        sale.events.after(3_000, () => {
          sale.shop.brokenShare = 0;
        });
      });
      sale.events.runUntil(240_000);
      return used(sale.seconds.slice(120, 240));
    });
    expect(mean).toBeGreaterThan(0.75);
  });

  test('[AP170] in a room below its limits a broken page lets nobody wait', () => {
    forShops('pace beside the demand', seed => {
      const sale = saleOf(seed);
      const demandPerMinute = 0.6 * sale.pacePerMinute;
      sale.demandPerMinute = demandPerMinute;
      sale.events.after(60_000, () => {
        sale.shop.brokenShare = 0.03;
      });
      sale.events.runUntil(240_000);
      const least = Math.min(...sale.seconds.map(({ pacePerMinute }) => pacePerMinute));
      expect(least).toBeGreaterThanOrEqual(demandPerMinute);
      return least / demandPerMinute;
    });
  });

  test('[AP171] a shop that errs before its answers become slower is not run into again and again', () => {
    const errors: number[] = [];
    const [mean] = forShops('used of a shop with hardly a queue', seed => {
      const sale = saleOf(seed);
      sale.shop.queueMs = 250;
      sale.events.runUntil(300_000);
      const later = sale.seconds.slice(180);
      errors.push(errorShare(later));
      expect(errorShare(later)).toBeLessThan(0.025);
      expect(used(later)).toBeGreaterThan(0.5);
      return used(later);
    });
    expect(mean).toBeGreaterThan(0.75);
    console.log(`errors: ${errors.map(share => `${(100 * share).toFixed(2)} %`).join(', ')}`);
    expect(errors.reduce((sum, share) => sum + share, 0) / errors.length).toBeLessThan(0.006);
  });

  test('[AP3] without demand the pace does not grow, and a wave afterwards meets the old one', () => {
    forShops('used two minutes after the wave', seed => {
      const sale = saleOf(seed, { pacePerMinute: 300 });
      sale.demandPerMinute = 60;
      sale.events.runUntil(120_000);
      expect(sale.pacePerMinute).toBeLessThanOrEqual(300);
      sale.demandPerMinute = Number.POSITIVE_INFINITY;
      sale.events.runUntil(360_000);
      expect(errorShare(sale.seconds.slice(120))).toBeLessThan(0.001);
      return used(sale.seconds.slice(300, 360));
    });
  });
});
