// Says whether the shop is failing, from its answers of the last seconds. Pure: it is told the time.
// What follows from it (clocks that stand still, the page that says so) is left to others.

import { answersMin, conditionAfter, type ShopCondition, type ShopCounts } from '../admission/shop-condition.ts';
import type { ShopOutcome } from './shop-port.ts';

export const healthWindowMs = 5_000;
/** A request without an answer counts for so long, unless one is answered. */
export const silenceWindowMs = 20_000;

/** Fewer errors of pages than this, of all answers, are one page that somebody loads again and again. */
const pageErrorShareMin = 0.05;

export type ShopHealth = {
  observe(outcome: ShopOutcome, nowMs: number, isPage?: boolean): void;
  /** Something was answered that says no more than that the shop is there. */
  answered(): void;
  stateAt(nowMs: number): ShopCondition;
  /** Answers and bad answers in the window: of pages where these fail the more, else of all. // AP140 */
  countsAt(nowMs: number): ShopCounts;
};

/** PX20, PX21, AP80. Memory does not depend on the number of answers. */
export function createShopHealth(): ShopHealth {
  const all = new RecentCounts(healthWindowMs, 100);
  const pages = new RecentCounts(healthWindowMs, 100);
  let unanswered = new RecentCounts(silenceWindowMs, 1_000);
  let condition: ShopCondition = 'well';

  const countsAt = (nowMs: number): ShopCounts => {
    return { ...tellingOf(all.sumAt(nowMs), pages.sumAt(nowMs)), unanswered: unanswered.sumAt(nowMs).answers };
  };
  const stateAt = (nowMs: number) => {
    condition = conditionAfter(condition, countsAt(nowMs));
    return condition;
  };
  const answered = () => {
    if (unanswered.hasCounted) unanswered = new RecentCounts(silenceWindowMs, 1_000);
  };
  return {
    countsAt,
    stateAt,
    answered,
    observe(outcome, nowMs, isPage = false) {
      const verdict = isBad(outcome);
      if (verdict === null) return;
      all.add(verdict, nowMs);
      if (isPage) pages.add(verdict, nowMs);
      if (verdict && isUnanswered(outcome)) unanswered.add(true, nowMs);
      else answered();
      stateAt(nowMs);
    },
  };
}

/** Pages speak for themselves where they are enough, and their errors no mere grain among all answers. */
function tellingOf(all: ShopCounts, pages: ShopCounts): ShopCounts {
  const areWorse = pages.bad * all.answers > all.bad * pages.answers;
  return pages.answers >= answersMin && areWorse && pages.bad > all.answers * pageErrorShareMin ? pages : all;
}

/** How many came in the last seconds, and how many of them were bad, counted in buckets. */
class RecentCounts {
  readonly #windowMs: number;
  readonly #bucketMs: number;
  hasCounted = false;
  readonly #buckets: { startedAtMs: number; answers: number; bad: number }[];

  constructor(windowMs: number, bucketMs: number) {
    this.#windowMs = windowMs;
    this.#bucketMs = bucketMs;
    const empty = () => ({ startedAtMs: Number.NEGATIVE_INFINITY, answers: 0, bad: 0 });
    this.#buckets = Array.from({ length: windowMs / bucketMs }, empty);
  }

  add(wasBad: boolean, nowMs: number): void {
    this.hasCounted = true;
    const startedAtMs = Math.floor(nowMs / this.#bucketMs) * this.#bucketMs;
    const bucket = this.#buckets[(startedAtMs / this.#bucketMs) % this.#buckets.length];
    if (bucket === undefined) return;
    if (bucket.startedAtMs !== startedAtMs) Object.assign(bucket, { startedAtMs, answers: 0, bad: 0 });
    bucket.answers += 1;
    if (wasBad) bucket.bad += 1;
  }

  sumAt(nowMs: number): ShopCounts {
    const sum = { answers: 0, bad: 0 };
    for (const { startedAtMs, answers, bad } of this.#buckets) {
      if (startedAtMs <= nowMs - this.#windowMs) continue;
      sum.answers += answers;
      sum.bad += bad;
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
