// Whether errors come of the load. If they do, the shop bears the part of its load that it answered well, and with fewer inside
// than that they are gone. A broken page fails as often with few inside: that keeps nobody out, and becomes usual. Pure.

import { badShareOverloaded } from './judge-shop.ts';

/** With this part of those inside whom the shop bears, if its errors come of the load, they would be gone for sure. */
const fewerShare = 0.8;
/** With so many of those that were expected they are as many as before, if so many were expected: of fewer there may be by chance. */
const sameShare = 0.7;
const expectedIfSame = 6;
/** Where so many were expected since the last one, and for so long at least, or at most, they are gone. */
const expectedIfGone = 3;
const goneSecondsMin = 5;
const goneSecondsMax = 10;
/** Without an error for so long nobody more is asked to go. */
const goodSecondsMax = 3;
/** For so long they are waited for, with few enough inside. */
const waitSecondsMax = 30;
/** What part of the answers are errors is reckoned over so long. */
const reckonedSeconds = 15;
/** What part it was with fewer inside is remembered for so long. */
const rememberedSeconds = 60;
/** So many errors with fewer inside are proof enough. */
const provingErrors = 5;
/** Before that they are reckoned among so many good answers more: of a few answers one is an error now and then. */
const answersBefore = 300;
/** What is usual follows what is seen by this part of the difference in a second, and never above what was proved. */
const following = 0.02;
/** Errors that come of the load come again with this part of those inside at least, and at most: on the way up busy is who has gone. */
const againShareMin = 0.85;
const againShareMax = 1.4;
/** What was proved is no more than so much of what is seen. */
const provedOverSeen = 1.4;
/** Fewer are none. */
const usualShareMin = 0.0005;

type Counts = { readonly answers: number; readonly bad: number };
/** What one second brought, and how many were busy inside when that was asked for. */
export type SecondOfAnswers = Counts & { readonly busy: number };

type Trial = {
  /** With so many inside errors came, and with more than few enough, from shortly before. */
  readonly busy: number;
  before: Counts;
  /** Since few enough are inside. */
  seen: Counts;
  /** Since the last error. */
  goodAnswers: number;
  goodSeconds: number;
  /** For so long few enough are inside; null: not yet. */
  waitSeconds: number | null;
};

const none: Counts = { answers: 0, bad: 0 };

export class ErrorTrial {
  #seconds: readonly SecondOfAnswers[] = [];
  #trial: Trial | null = null;
  #usual = { share: 0, proved: 0 };
  #shareWithFewer = 0;
  /** With so many inside errors came last that were gone with fewer. */
  #suspectedBusy: number | null = null;

  /** This part of the answers are errors whatever the load. */
  get usualShare(): number {
    return Math.max(this.#usual.share, Math.min(badShareOverloaded, this.#shareWithFewer));
  }

  /** Until it is known whether errors come of the load, those inside are to become fewer, or to stay as many; null: neither. */
  get asksFor(): 'fewer' | 'as-many' | null {
    if (this.#trial === null) return null;
    return this.#trial.waitSeconds === null && this.#trial.goodSeconds < goodSecondsMax ? 'fewer' : 'as-many';
  }

  /**
   * Once a second. `isMany`: so many are errors that it matters, and not so many that the shop fails; `isFewest`: nobody has been
   * let in for long beyond those who must. Returns with how many inside errors proved to come of the load; else null.
   */
  note(second: SecondOfAnswers, isMany: boolean, isFewest: boolean): number | null {
    this.#seconds = [...this.#seconds, second].slice(-rememberedSeconds);
    this.#followUsual(second);
    if (this.#lookBack(second.busy)) return null;
    if (this.#trial !== null) return this.#goOn(this.#trial, second, isFewest);
    // Those that a trial was about are judged for some seconds after it: only another one begins the next.
    if (isMany && second.bad > 0) {
      const before = sumOf(this.#seconds.slice(-reckonedSeconds));
      this.#trial = { busy: second.busy, before, seen: none, goodAnswers: 0, goodSeconds: 0, waitSeconds: null };
    }
    return null;
  }

  /** A failure, and what comes of it, proves nothing. */
  forget(): void {
    this.#trial = null;
    this.#seconds = [];
    this.#shareWithFewer = 0;
  }

  #goOn(trial: Trial, second: SecondOfAnswers, isFewest: boolean): number | null {
    const share = shareOf(trial.before);
    const borne = (1 - share) * trial.busy;
    if (trial.waitSeconds !== null) {
      trial.waitSeconds += 1;
      trial.seen = sumOf([trial.seen, second]);
    } else {
      trial.before = sumOf([trial.before, second]);
      if (isFewest || second.busy <= fewerShare * borne) trial.waitSeconds = 0;
    }
    const expected = trial.seen.answers * share;
    if (expected >= expectedIfSame && trial.seen.bad >= sameShare * expected) {
      this.#becomeUsual(trial.seen);
      return null;
    }
    trial.goodAnswers = second.bad > 0 ? 0 : trial.goodAnswers + second.answers;
    trial.goodSeconds = second.bad > 0 ? 0 : trial.goodSeconds + 1;
    const isLong = trial.goodSeconds >= goneSecondsMin && trial.goodAnswers * share >= expectedIfGone;
    const isGone = isLong || trial.goodSeconds >= goneSecondsMax;
    if (isGone || (trial.waitSeconds ?? 0) >= waitSecondsMax) this.#trial = null;
    // Gone before anybody was, they went by themselves.
    return isGone && second.busy <= borne && this.#cameAgain(trial.busy) ? trial.busy : null;
  }

  /** Once they may have gone by themselves all the same: only if they come again with about as many inside, they come of these. */
  #cameAgain(busy: number): boolean {
    const suspected = this.#suspectedBusy;
    this.#suspectedBusy = busy;
    return suspected !== null && busy >= againShareMin * suspected && busy <= againShareMax * suspected;
  }

  /** Errors that were there with clearly fewer inside, on the way up, need no trial. */
  #lookBack(busyNow: number): boolean {
    const before = sumOf(this.#seconds.filter(({ busy }) => busy <= fewerShare * busyNow));
    this.#shareWithFewer = before.bad / (before.answers + answersBefore);
    const isProof = before.bad >= provingErrors && shareOf(before) > this.#usual.share;
    if (isProof) this.#becomeUsual(before);
    return isProof;
  }

  #becomeUsual(seen: Counts): void {
    const share = Math.min(badShareOverloaded, shareOf(seen));
    this.#usual = { share, proved: share };
    this.#trial = null;
  }

  #followUsual(second: Counts): void {
    const { share, proved } = this.#usual;
    if (share === 0 || second.answers === 0) return;
    const followed = Math.min(proved, share + (shareOf(second) - share) * following);
    this.#usual = {
      share: followed < usualShareMin ? 0 : followed,
      proved: Math.min(proved, provedOverSeen * followed),
    };
  }
}

function sumOf(counts: readonly Counts[]): Counts {
  return counts.reduce((sum, { answers, bad }) => ({ answers: sum.answers + answers, bad: sum.bad + bad }), none);
}

function shareOf({ answers, bad }: Counts): number {
  return bad / Math.max(1, answers);
}
