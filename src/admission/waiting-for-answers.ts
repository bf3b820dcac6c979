// How many devices inside wait for an answer of the shop that would not while it is at ease. Pure.

import type { Judged } from './recent-reports.ts';
import { meanLatency } from './shop-report.ts';

/** Of fewer the mean says nothing. */
const answersMin = 20;
/** What answers take on average at ease follows by this part of the difference in a second. */
const easeFollowing = 0.05;

export class WaitingForAnswers {
  #easeMs = Number.POSITIVE_INFINITY;
  #waiting = 0;

  /** Once a second. */
  note({ report, spanMs }: Judged, isAtEase: boolean): void {
    const { answers, meanMs } = meanLatency(report);
    this.#waiting = 0;
    if (answers < answersMin) return;
    const before = Math.min(this.#easeMs, meanMs);
    // What answers take on average at ease moves, with the pages that are asked for.
    this.#easeMs = isAtEase ? before + (meanMs - before) * easeFollowing : before;
    // Little's law.
    this.#waiting = (answers / spanMs) * (meanMs - this.#easeMs);
  }

  /** So many of those who wait are beyond what may be, where answers take so many times what they may. */
  tooMany(strain: number): number {
    return this.#waiting * (1 - 1 / strain);
  }
}
