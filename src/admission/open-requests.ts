// Requests that the shop has not answered yet, and which of them are late: open for far longer than their class usually
// takes. One that a younger request of its class has overtaken is long-lived (a long poll, an event stream); one that none
// has is a sign that the shop hangs. Pure: it is told the time.

import type { VisitRank } from './shop-turnstile.ts';

/** Nothing is late before this, and no fan gives up in vain. */
const lateMsMin = 2_000;
const givenUpMsMin = 1_000;
/** Late is who takes so many times as long as the slowest of the class usually do. */
const lateFactor = 2;
/** With every answer the slowest are forgotten by this part. */
const forgetting = 0.02;
/** Who is late and not overtaken is told again so often. */
const tellAgainMs = 4_000;

type Open = {
  readonly rank: VisitRank;
  readonly sentAtMs: number;
  readonly dueAtMs: number;
  readonly isLate: boolean;
};
export type Late<Visit> = { readonly visit: Visit; readonly rank: VisitRank; readonly isOvertaken: boolean };

export class OpenRequests<Visit> {
  readonly #open = new Map<Visit, Open>();
  /** Of each class, when the youngest request was sent that has been answered. */
  readonly #answeredSentAtMs = new Map<VisitRank, number>();
  /** Of each class, how long the slowest usually take. */
  readonly #usualMs = new Map<VisitRank, number>();

  sent(visit: Visit, rank: VisitRank, nowMs: number): void {
    const lateMs = Math.max(lateMsMin, lateFactor * (this.#usualMs.get(rank) ?? 0));
    this.#open.set(visit, { rank, sentAtMs: nowMs, dueAtMs: nowMs + lateMs, isLate: false });
  }

  /** The shop has answered; false: it was late, and how long it took is no sample of anything. */
  answered(visit: Visit, nowMs: number): boolean {
    const open = this.#open.get(visit);
    this.#open.delete(visit);
    if (open === undefined) return false;
    const { rank, sentAtMs, dueAtMs, isLate } = open;
    const isInTime = !isLate && nowMs < dueAtMs;
    const isOvertaken = this.#isOvertaken(open);
    if (!isOvertaken) this.#answeredSentAtMs.set(rank, sentAtMs);
    if (isInTime || !isOvertaken) {
      const usualMs = (this.#usualMs.get(rank) ?? 0) * (1 - forgetting);
      this.#usualMs.set(rank, Math.max(nowMs - sentAtMs, usualMs));
    }
    return isInTime;
  }

  /** Its fan has gone; true: after longer than the slowest usually take, and nobody has overtaken it. */
  givenUp(visit: Visit, nowMs: number): boolean {
    const open = this.#open.get(visit);
    this.#open.delete(visit);
    if (open === undefined || open.isLate || this.#isOvertaken(open)) return false;
    return nowMs - open.sentAtMs > Math.max(givenUpMsMin, this.#usualMs.get(open.rank) ?? 0);
  }

  /** It ended without an answer of the shop. */
  forget(visit: Visit): void {
    this.#open.delete(visit);
  }

  /** Who is late by now: told once where overtaken; where not, again and again while it is not the only one. */
  late(nowMs: number): readonly Late<Visit>[] {
    const due: Late<Visit>[] = [];
    for (const [visit, open] of this.#open) {
      const isOvertaken = this.#isOvertaken(open);
      // Once it is late it matters at once that it was overtaken: it may hold a slot until then. // AP64
      if (open.dueAtMs > nowMs && !(open.isLate && isOvertaken)) continue;
      if (isOvertaken) this.#open.delete(visit);
      else this.#open.set(visit, { ...open, isLate: true, dueAtMs: nowMs + tellAgainMs });
      // One slow request alone is one request without an answer, however long it takes. // AP80
      if (isOvertaken || !open.isLate || this.#hasAnotherLate(visit)) due.push({ visit, rank: open.rank, isOvertaken });
    }
    return due;
  }

  #hasAnotherLate(visit: Visit): boolean {
    for (const [other, { isLate }] of this.#open) if (isLate && other !== visit) return true;
    return false;
  }

  #isOvertaken({ rank, sentAtMs }: Open): boolean {
    return (this.#answeredSentAtMs.get(rank) ?? sentAtMs) > sentAtMs;
  }
}
