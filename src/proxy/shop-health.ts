// Says whether the shop is failing, from its answers of the last seconds. Pure: it is told the time.
// What follows from it (clocks that stand still, the page that says so) is left to others.

import { conditionAfter, type ShopCondition, type ShopCounts } from '../admission/shop-condition.ts';
import type { ShopOutcome } from './shop-port.ts';

export const healthWindowMs = 5_000;

export type ShopHealth = {
  observe(outcome: ShopOutcome, nowMs: number): void;
  stateAt(nowMs: number): ShopCondition;
  /** Answers and bad answers in the window, for metrics and the console. */
  countsAt(nowMs: number): ShopCounts;
};

const bucketMs = 100;
const bucketCount = healthWindowMs / bucketMs;

/** PX20, PX21. Memory does not depend on the number of answers: counts are kept in tenths of a second. */
export function createShopHealth(): ShopHealth {
  const answers = new Array<number>(bucketCount).fill(0);
  const bad = new Array<number>(bucketCount).fill(0);
  const startedAtMs = new Array<number>(bucketCount).fill(Number.NEGATIVE_INFINITY);
  let condition: ShopCondition = 'well';

  const countsAt = (nowMs: number) => {
    const counts = { answers: 0, bad: 0 };
    for (let slot = 0; slot < bucketCount; slot += 1) {
      if ((startedAtMs[slot] ?? 0) <= nowMs - healthWindowMs) continue;
      counts.answers += answers[slot] ?? 0;
      counts.bad += bad[slot] ?? 0;
    }
    return counts;
  };
  const stateAt = (nowMs: number) => {
    condition = conditionAfter(condition, countsAt(nowMs));
    return condition;
  };
  return {
    countsAt,
    stateAt,
    observe(outcome, nowMs) {
      const verdict = isBad(outcome);
      if (verdict === null) return;
      const startMs = Math.floor(nowMs / bucketMs) * bucketMs;
      const slot = (startMs / bucketMs) % bucketCount;
      if (startedAtMs[slot] !== startMs) {
        startedAtMs[slot] = startMs;
        answers[slot] = 0;
        bad[slot] = 0;
      }
      answers[slot] = (answers[slot] ?? 0) + 1;
      if (verdict) bad[slot] = (bad[slot] ?? 0) + 1;
      stateAt(nowMs);
    },
  };
}

/** Whether an outcome speaks against the shop; null when it says nothing about it. */
export function isBad(outcome: ShopOutcome): boolean | null {
  switch (outcome.kind) {
    case 'answered':
      return outcome.status >= 500 || outcome.signature;
    case 'abandoned':
    case 'busy':
    case 'bad-request':
    case 'closed':
      return null;
    case 'refused':
    case 'timed-out':
    case 'broken':
    case 'bad-answer':
      return true;
  }
}
