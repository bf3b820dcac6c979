// When a shop counts as failing, and when as well again.

import { expect, test } from 'vitest';
import { conditionAfter } from '../../../src/admission/shop-condition.ts';
import { createShopHealth, isBad } from '../../../src/proxy/shop-health.ts';
import type { ShopOutcome } from '../../../src/proxy/shop-port.ts';

const good: ShopOutcome = { kind: 'answered', status: 200, signature: false, firstByteMs: 5 };
const error: ShopOutcome = { ...good, status: 503 };

test('[PX20] failing is more than half of at least five', () => {
  expect(conditionAfter('well', { answers: 4, bad: 4 })).toBe('well');
  expect(conditionAfter('well', { answers: 5, bad: 5 })).toBe('failing');
  expect(conditionAfter('well', { answers: 6, bad: 3 })).toBe('well');
  expect(conditionAfter('well', { answers: 7, bad: 4 })).toBe('failing');
});

test('[PX21] well again is under a tenth, in between it stays as it was', () => {
  expect(conditionAfter('failing', { answers: 10, bad: 1 })).toBe('failing');
  expect(conditionAfter('failing', { answers: 11, bad: 1 })).toBe('well');
  expect(conditionAfter('failing', { answers: 100, bad: 50 })).toBe('failing');
  expect(conditionAfter('well', { answers: 100, bad: 50 })).toBe('well');
  expect(conditionAfter('failing', { answers: 0, bad: 0 })).toBe('well');
});

test('[PX20] answers count for five seconds', () => {
  const health = createShopHealth();
  for (let count = 0; count < 5; count += 1) health.observe(error, 10_000 + count * 100);
  expect(health.stateAt(10_400)).toBe('failing');
  expect(health.countsAt(14_999)).toMatchObject({ answers: 5, bad: 5 });
  health.observe(good, 15_350);
  expect(health.countsAt(15_350)).toMatchObject({ answers: 2, bad: 1 });
  expect(health.stateAt(15_350)).toBe('failing');
  expect(health.stateAt(15_400)).toBe('well');
});

test('[PX20] it remembers that it was failing between two looks', () => {
  const health = createShopHealth();
  for (let count = 0; count < 6; count += 1) health.observe(error, 1_000);
  for (let count = 0; count < 7; count += 1) health.observe(good, 1_200);
  expect(health.stateAt(1_200)).toBe('failing');
});

test('[PX20] 5xx, signatures, silence and lost connections speak against the shop, fans do not', () => {
  expect(isBad(good)).toBe(false);
  expect(isBad({ ...good, status: 499 })).toBe(false);
  expect(isBad({ ...good, status: 500 })).toBe(true);
  expect(isBad({ ...good, signature: true })).toBe(true);
  for (const kind of ['refused', 'timed-out', 'broken', 'bad-answer'] as const) {
    expect(isBad({ kind, answered: false, detail: '' })).toBe(true);
  }
  expect(isBad({ kind: 'bad-request', answered: false, detail: '' })).toBeNull();
  expect(isBad({ kind: 'abandoned' })).toBeNull();
});

const away: ShopOutcome = { kind: 'refused', answered: false, detail: '' };

test('[AP80] from the second request without an answer on the shop is failing, until it answers or nobody asks for 20 s', () => {
  const health = createShopHealth();
  health.observe(good, 9_000);
  health.observe(away, 10_000);
  expect(health.stateAt(10_000)).toBe('well');
  // One fan who loads the page now and then.
  health.observe(away, 17_000);
  expect(health.stateAt(17_000)).toBe('failing');
  expect(health.stateAt(28_000)).toBe('failing');
  health.observe({ ...error, status: 502 }, 29_000);
  expect(health.stateAt(34_500)).toBe('failing');
  health.observe(good, 35_000);
  expect(health.stateAt(35_000)).toBe('well');
  health.observe(away, 50_000);
  health.observe(away, 51_000);
  expect(health.stateAt(51_000)).toBe('failing');
  expect(health.stateAt(72_000)).toBe('well');
});

test('[AP80] single requests that are lost while others are answered say nothing', () => {
  const health = createShopHealth();
  for (let count = 0; count < 300; count += 1) {
    health.observe(count % 20 > 17 ? away : good, 10_000 + count * 100);
    expect(health.stateAt(10_000 + count * 100)).toBe('well');
  }
});

test('[AP80] a broken page of a shop that answers says too little where hardly anybody asks', () => {
  const health = createShopHealth();
  for (let count = 0; count < 10; count += 1) health.observe({ ...error, status: 500 }, 10_000 + count * 2_000);
  expect(health.stateAt(28_000)).toBe('well');
});
