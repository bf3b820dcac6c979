// Says whether the shop is failing, from its answers of the last seconds. Pure: it is told the time.
// What follows from it (clocks that stand still, the page that says so) is left to others.

import { conditionAfter, type ShopCondition, type ShopCounts } from '../admission/shop-condition.ts';
import type { ShopOutcome } from './shop-port.ts';

export const healthWindowMs = 5_000;
/** A request without an answer counts for so long, unless one is answered. */
export const silenceWindowMs = 20_000;

export type ShopHealth = {
  observe(outcome: ShopOutcome, nowMs: number): void;
  stateAt(nowMs: number): ShopCondition;
  /** Answers and bad answers in the window, for metrics and the console. */
  countsAt(nowMs: number): ShopCounts;
};

/** PX20, PX21, AP80. Memory does not depend on the number of answers. */
export function createShopHealth(): ShopHealth {
  const bad = new RecentCounts(healthWindowMs, 100);
  let unanswered = new RecentCounts(silenceWindowMs, 1_000);
  let condition: ShopCondition = 'well';

  const countsAt = (nowMs: number): ShopCounts => {
    const { all, marked } = bad.sumAt(nowMs);
    return { answers: all, bad: marked, unanswered: unanswered.sumAt(nowMs).all };
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
      bad.add(verdict, nowMs);
      if (verdict && isUnanswered(outcome)) unanswered.add(true, nowMs);
      else if (unanswered.hasCounted) unanswered = new RecentCounts(silenceWindowMs, 1_000);
      stateAt(nowMs);
    },
  };
}

/** How many came in the last seconds, and how many of them were marked, counted in buckets. */
class RecentCounts {
  readonly #windowMs: number;
  readonly #bucketMs: number;
  hasCounted = false;
  readonly #buckets: { startedAtMs: number; all: number; marked: number }[];

  constructor(windowMs: number, bucketMs: number) {
    this.#windowMs = windowMs;
    this.#bucketMs = bucketMs;
    const empty = () => ({ startedAtMs: Number.NEGATIVE_INFINITY, all: 0, marked: 0 });
    this.#buckets = Array.from({ length: windowMs / bucketMs }, empty);
  }

  add(isMarked: boolean, nowMs: number): void {
    this.hasCounted = true;
    const startedAtMs = Math.floor(nowMs / this.#bucketMs) * this.#bucketMs;
    const bucket = this.#buckets[(startedAtMs / this.#bucketMs) % this.#buckets.length];
    if (bucket === undefined) return;
    if (bucket.startedAtMs !== startedAtMs) Object.assign(bucket, { startedAtMs, all: 0, marked: 0 });
    bucket.all += 1;
    if (isMarked) bucket.marked += 1;
  }

  sumAt(nowMs: number): { readonly all: number; readonly marked: number } {
    const sum = { all: 0, marked: 0 };
    for (const { startedAtMs, all, marked } of this.#buckets) {
      if (startedAtMs <= nowMs - this.#windowMs) continue;
      sum.all += all;
      sum.marked += marked;
    }
    return sum;
  }
}

const awayStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/** Of bad outcomes: the shop gave no answer of its own, or what stands before it says that it is away. */
function isUnanswered(outcome: ShopOutcome): boolean {
  return outcome.kind !== 'answered' || (awayStatuses.has(outcome.status) && !outcome.signature);
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
