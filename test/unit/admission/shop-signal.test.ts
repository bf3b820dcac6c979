// What a signal says of the shop: a complaint, praise, or nothing.
import { expect, test } from 'vitest';
import { complaintIn, isPraise, type ShopSignal, signalEaseAfter } from '../../../src/admission/shop-signal.ts';

const learned = (easeMs: number | null) => ({ targetMs: null, easeMs });
const said = (signal: ShopSignal, latency: { targetMs: number | null; easeMs: number | null } = learned(null)) =>
  complaintIn(signal, latency) !== null ? 'complaint' : isPraise(signal, latency) ? 'praise' : 'nothing';

test('[AP83] only what says something good is praise', () => {
  expect(said({})).toBe('nothing');
  expect(said({ isOverloaded: false })).toBe('praise');
  expect(said({ isOverloaded: true, badShare: 0 })).toBe('complaint');
  expect(said({ badShare: 0.05 })).toBe('praise');
  expect(said({ badShare: 0.06, isOverloaded: false })).toBe('complaint');
});

test('[AP83] a latency speaks for the shop under the target, set or learned, and against it over the one set or five seconds', () => {
  expect(said({ latencyMs: 600_000 })).toBe('complaint');
  expect(said({ latencyMs: 600_000, isOverloaded: false, badShare: 0 })).toBe('complaint');
  expect(said({ latencyMs: 300 }, learned(300))).toBe('praise');
  expect(said({ latencyMs: 1_300 }, learned(300))).toBe('nothing');
  expect(said({ latencyMs: 1_300, badShare: 0 }, learned(300))).toBe('nothing');
  expect(said({ latencyMs: 4_900 }, learned(4_900))).toBe('praise');
  expect(said({ latencyMs: 400 }, { targetMs: 350, easeMs: 300 })).toBe('complaint');
  expect(said({ latencyMs: 8_000 }, { targetMs: 9_000, easeMs: 300 })).toBe('praise');
});

test('[AP83] what is usual of a source is its shortest latency, and follows slowly when all become longer', () => {
  expect(signalEaseAfter(null, {})).toBeNull();
  expect(signalEaseAfter(null, { latencyMs: 80 })).toBe(80);
  expect(signalEaseAfter(80, { latencyMs: 40 })).toBe(40);
  expect(signalEaseAfter(40, { badShare: 0 })).toBe(40);
  let easeMs: number | null = 40;
  for (let signal = 0; signal < 20; signal += 1) easeMs = signalEaseAfter(easeMs, { latencyMs: 1_000 });
  expect(easeMs).toBeLessThan(150);
  for (let signal = 0; signal < 1_000; signal += 1) easeMs = signalEaseAfter(easeMs, { latencyMs: 1_000 });
  expect(easeMs).toBeGreaterThan(900);
});
