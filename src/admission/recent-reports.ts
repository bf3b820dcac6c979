// How the shop answered in the last seconds, over all gateways: what is judged at once, with few answers over a longer time.

import { answersIn, mergeReports, type ShopReport } from './shop-report.ts';
import { visitRanks } from './shop-turnstile.ts';

export type Judged = { readonly report: ShopReport; readonly spanMs: number };
export type Timed<Value> = { readonly atMs: number; readonly value: Value };

const judgedMs = 3_000;
const judgedMsMax = 10_000;
const answersMin = 20;

export class RecentReports {
  #reports: Timed<ShopReport>[] = [];

  /** What is too old to be judged goes at once. */
  add(report: ShopReport, nowMs: number): void {
    this.#reports = recent([...this.#reports, { atMs: nowMs, value: report }], nowMs - judgedMsMax);
  }

  judgedAt(nowMs: number): Judged {
    const since = (spanMs: number) => mergeReports(recent(this.#reports, nowMs - spanMs).map(({ value }) => value));
    const short = since(judgedMs);
    const answers = visitRanks.reduce((sum, rank) => sum + short[rank].answers, 0);
    return answers >= answersMin
      ? { report: short, spanMs: judgedMs }
      : { report: since(judgedMsMax), spanMs: judgedMsMax };
  }

  /** How many answers were told of after an instant, and how many of them were errors; of no more than the last ten seconds. */
  answersAfter(atMs: number): ReturnType<typeof answersIn> {
    return answersIn(mergeReports(recent(this.#reports, atMs).map(({ value }) => value)));
  }
}

export function recent<Value>(timed: readonly Timed<Value>[], afterMs: number): Timed<Value>[] {
  return timed.filter(({ atMs }) => atMs > afterMs);
}
