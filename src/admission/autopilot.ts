// The autopilot's outer loop: from how the shop answered, how many came in and how many are busy inside, the pace for the
// next seconds, with its reason. It never sees what the shop can bear, it sees answers only. Pure: it is told the time.
//
// Load follows the devices inside, not the pace: a pace that was too high for a minute loads the shop for as long as a visit
// lasts. So the pace is made of two parts: as many as go quiet again (then the number inside stays), and a little more or
// less, by which the number inside grows or shrinks. It shrinks by as many as wait for answers beyond what may be: by
// Little's law these are too many, however long the others think between two pages.

import type { AutopilotCause, AutopilotRules } from '../queue/autopilot-rules.ts';
import { AfterFailure } from './after-failure.ts';
import { BorneNumber } from './borne-number.ts';
import { ErrorTrial } from './error-trial.ts';
import { InsideFlow } from './inside-flow.ts';
import { type Health, judgeShop, type LatencyEase, newEase } from './judge-shop.ts';
import { type Judged, RecentReports, recent, type Timed } from './recent-reports.ts';
import { meanLatency, type ShopReport } from './shop-report.ts';
import { SlownessTrial } from './slowness-trial.ts';
import { UsualFlow } from './usual-flow.ts';
import { WaitingForAnswers } from './waiting-for-answers.ts';

export type AutopilotBounds = Pick<AutopilotRules, 'minPerMinute' | 'maxPerMinute' | 'stepPercent' | 'latencyTargetMs'>;

export type PaceSituation = {
  /** The pace in force; in shadow the one that would be. */
  readonly pacePerMinute: number;
  readonly bounds: AutopilotBounds;
  /** Devices let in, ever. */
  readonly admitted: number;
  /** Devices inside that did something in the last `busyMs`. */
  readonly busy: number;
  /** Whether in the last second nothing but the pace kept more devices from coming in. */
  readonly isPaceTheLimit: boolean;
  /** The shop is judged to be failing, or an operator says so. */
  readonly isShopFailing: boolean;
  /** Somebody who watches the shop says that it is overloaded, in words; null: nobody does. */
  readonly complaint: string | null;
  /** Somebody who watches the shop says that it is well. */
  readonly praise: boolean;
  /** The number inside follows what is decided here; not in shadow. */
  readonly isFollowed: boolean;
  /** Nobody steered this room before, so nobody knows what its shop bears. */
  readonly isNew: boolean;
};

export type PaceDecision = { readonly pacePerMinute: number; readonly cause: AutopilotCause; readonly reason: string };

/** Decisions are made so often. */
export const decisionPeriodMs = 1_000;
/** A device that did something in this time is busy inside. */
export const busyMs = 20_000;
/** Up to this part of the target the number inside grows by the whole step, from there on by less and less. */
const atEase = 0.35;
/** Below the target it never stands still: answers that are long for another reason would hold it where it is for good. */
const leastGrowth = 0.05;
/** Who waits for answers beyond what may be goes within this time. */
const drainSeconds = 8;
/** So large a share of those inside goes in a second: to see what comes of the load, with slow answers at least, and at most. */
const shrinkToTry = 0.02;
/** With answers that are slow for longer than this as many go: that tells whether the load makes them slow. */
const slowSecondsMax = 8;
const shrinkLeast = 0.002;
const shrinkMost = 0.05;
/** The pace follows what is wanted by this part of the difference in a second: what is measured is noisy. */
const following = 0.5;
/** After so long a time at ease it grows a half faster. */
const calmSecondsMin = 12;
const stepsAfterCalm = 1.5;
/** Until answers become slower, or errors of the load, for the first time it grows so many times as fast: nobody knows yet what the shop bears. // AP160 */
const stepsAtFirst = 3;
/** And by at most so many times as many as go quiet: whom it lets in loads the shop for as long as a visit lasts. */
const growthOverQuiet = 4;
/** After a failure it grows so many times as fast until most of those inside before are back. */
const stepsAfterFailure = 3;
/** Of fewer the mean says too little to tell slow answers from too many requests. */
const trialAnswersMin = 40;
/** Answers that are slow after so long at the least pace are not slow because of the load. */
const starvedSecondsMin = 60;
/** After so long at the least pace, and with hardly more who go than come, no fewer can be inside. */
const fewestSecondsMin = 20;
const quietOverLeast = 1.2;
/** After a longer time without a decision what was seen before is not of now. */
const gapMsMax = 5_000;
/** In the last seconds the pace must have been the limit for this share of the time. */
const limitedShareMin = 0.6;
const limitedMs = 5_000;
/** The pace itself never rises faster than this multiple of the step. */
const riseOverStep = 2;

export class Autopilot {
  #ease: LatencyEase = { ...newEase };
  readonly #reports = new RecentReports();
  readonly #flow = new InsideFlow();
  #limited: Timed<boolean>[] = [];
  readonly #waiting = new WaitingForAnswers();
  readonly #slowness = new SlownessTrial();
  readonly #errors = new ErrorTrial();
  #decidedAtMs = Number.NEGATIVE_INFINITY;
  /** For so long answers have been slow. */
  #slowSeconds = 0;
  #wasOverloaded = false;
  /** Answers have become slower, or errors of the load, at least once: what the shop bears has been seen. */
  #wasStrained = false;
  /** For so long the shop has been at ease. */
  #calmSeconds = 0;
  readonly #failure = new AfterFailure();
  readonly #usual = new UsualFlow();
  readonly #borne = new BorneNumber();
  /** For so long the pace has been at its least; */
  #leastPerMinute = 0;
  #leastSeconds = 0;
  /** and for so long answers have been slow then. */
  #starvedSeconds = 0;

  /** Gateways tell in every mode, and only some modes decide: what is too old to be judged goes at once. */
  report(report: ShopReport, nowMs: number): void {
    this.#reports.add(report, nowMs);
  }

  /** The pace from now on. Called every `decisionPeriodMs`. */
  decide(situation: PaceSituation, nowMs: number): PaceDecision {
    const { bounds, isPaceTheLimit, busy } = situation;
    this.#flow.note(situation, nowMs);
    this.#limited = recent([...this.#limited, { atMs: nowMs, value: isPaceTheLimit }], nowMs - limitedMs);
    const judged = this.#reports.judgedAt(nowMs);
    const isStarved = this.#starvedSeconds >= starvedSecondsMin;
    // What is as slow with fewer is at ease: it is learned anew. // AP62
    if (this.#isSlowOfItself(judged)) this.#ease = { ...newEase };
    const { usualShare } = this.#errors;
    const health = judgeShop(judged.report, { ...situation, isStarved, usualShare }, this.#ease);
    this.#slowSeconds = isSlowToAnswer(health) ? this.#slowSeconds + 1 : 0;
    this.#noteStarving(health, situation);
    this.#waiting.note(judged, health.kind === 'well' && health.strain < atEase);
    const isErring = health.kind === 'erring' && !this.#failure.isFollowedByErrors;
    this.#failure.note(situation.isShopFailing, busy, health.kind === 'near' || health.kind === 'slow' || isErring);
    if (health.kind === 'slow' || health.kind === 'overloaded') this.#usual.lower(busy);
    else if (isPaceTheLimit && this.#errors.asksFor === null) this.#usual.note(situation);
    this.#calmSeconds = health.kind === 'well' && health.strain <= atEase ? this.#calmSeconds + 1 : 0;
    this.#noteBorne(health, busy);
    this.#noteErrors(health, situation, nowMs);
    if (health.kind !== 'unknown' && health.kind !== 'erring' && this.#calmSeconds === 0) this.#wasStrained = true;
    const decision = this.#decide(health, situation);
    this.#wasOverloaded = health.kind === 'overloaded' || (health.kind === 'unknown' && this.#wasOverloaded);
    return { ...decision, pacePerMinute: withinBounds(decision.pacePerMinute, bounds) };
  }

  #decide(health: Health, situation: PaceSituation): PaceDecision {
    const { pacePerMinute, bounds } = situation;
    const { asksFor } = this.#errors;
    switch (health.kind) {
      case 'overloaded':
        return { pacePerMinute: bounds.minPerMinute, cause: health.cause, reason: health.reason };
      case 'slow':
      case 'near': {
        if (asksFor !== null && health.kind === 'near')
          return this.#tryErrors(asksFor, 'some answers were errors', situation);
        const { kind, strain, reason } = health;
        const growth = kind === 'near' ? this.#growth(strain, situation) : -this.#shrink(strain, situation.busy);
        const followed = this.#followed(growth, strain, situation);
        const mayRise = kind === 'near' && this.#isPaceTheLimit();
        return { pacePerMinute: mayRise ? followed : Math.min(pacePerMinute, followed), cause: 'latency', reason };
      }
      case 'erring':
        // What was asked for during a failure. // AP172
        if (this.#failure.isFollowedByErrors) return this.#rise(0, situation);
        if (asksFor === null) return this.#leaveErrors(health.reason, situation);
        return this.#tryErrors(asksFor, health.reason, situation);
      case 'unknown':
        if (situation.praise) return this.#rise(0, situation);
        return { pacePerMinute, cause: 'unknown', reason: 'nothing is known of how the shop answers' };
      case 'well':
        if (asksFor !== null) return this.#tryErrors(asksFor, 'some answers were errors', situation);
        return this.#rise(health.strain, situation);
    }
  }

  /** Some answers are errors: with fewer inside it shows whether they come of the load. // AP170 */
  #tryErrors(asksFor: 'fewer' | 'as-many', what: string, situation: PaceSituation): PaceDecision {
    const why =
      asksFor === 'fewer'
        ? 'fewer are let in, to see whether they come of the load'
        : 'as many come in as go, until it is known whether they come of the load';
    return { pacePerMinute: this.#paceFor(asksFor, situation), cause: 'errors', reason: `${what}: ${why}` };
  }

  /** Errors that are not tried, as nothing would show: in shadow, while the pace does not limit, and those that were. // AP170 */
  #leaveErrors(reason: string, { isFollowed, pacePerMinute }: PaceSituation): PaceDecision {
    const decision = { pacePerMinute, cause: 'errors', reason } as const;
    if (!isFollowed)
      return { ...decision, reason: `${reason}: fewer would be let in, to see whether they come of the load` };
    return this.#isPaceTheLimit() ? decision : { ...decision, reason: `${reason}: the pace is not what limits` };
  }

  #paceFor(asksFor: 'fewer' | 'as-many', situation: PaceSituation): number {
    const { pacePerMinute, busy } = situation;
    const followed = this.#followed(asksFor === 'fewer' ? -busy * shrinkToTry : 0, 1, situation);
    if (asksFor === 'fewer') return Math.min(pacePerMinute, followed);
    return this.#isPaceTheLimit() ? followed : pacePerMinute;
  }

  #rise(strain: number, situation: PaceSituation): PaceDecision {
    const { pacePerMinute } = situation;
    const quiet = this.#flow.goneQuietPerMinute();
    // After trouble the number inside may stay as it is: as many come as go.
    if (this.#wasOverloaded && quiet > pacePerMinute) {
      return { pacePerMinute: quiet, cause: 'recovered', reason: 'the shop answers well again: as many come in as go' };
    }
    if (!this.#isPaceTheLimit()) {
      return { pacePerMinute, cause: 'headroom', reason: 'the shop answers well, and the pace is not what limits' };
    }
    const next = this.#followed(this.#growth(strain, situation), strain, situation);
    // A lull, or a pause, empties a shop that is well: those who come after it come at the pace of before.
    const before = strain <= atEase ? this.#usual.paceIfEmptier(situation.busy) : null;
    if (before !== null && next < before) {
      const reason = 'the shop answers well, and is emptier than it was: as many come in as before';
      return { pacePerMinute: before, cause: 'headroom', reason };
    }
    const slower = this.#borne.isNear(situation.busy)
      ? 'the shop answers well, and nearly as many are inside as were too many before: hardly more come in than go'
      : 'the shop answers well, though no more at ease: hardly more come in than go';
    const reason = next < pacePerMinute ? slower : 'the shop answers well, and only the pace keeps more from coming in';
    return { pacePerMinute: next, cause: 'headroom', reason };
  }

  /** By how many devices a second the number inside may grow: the nearer the target, or the number borne, the fewer. */
  #growth(strain: number, situation: PaceSituation): number {
    const { busy } = situation;
    const share = Math.min(this.#borne.growthAt(busy), (1 - strain) / (1 - atEase));
    const growth = busy * this.#stepPerSecond(situation) * Math.max(leastGrowth, share);
    return this.#isFirstGrowth(situation)
      ? Math.min(growth, (growthOverQuiet * this.#flow.goneQuietPerMinute()) / 60)
      : growth;
  }

  /** By how many devices a second the number inside shrinks: those who wait beyond what may be go. */
  #shrink(strain: number, busy: number): number {
    const isLong = this.#slowSeconds >= slowSecondsMax;
    const least = isLong ? shrinkToTry : shrinkLeast * Math.min(1, strain - 1);
    const tooMany = this.#waiting.tooMany(strain) - (this.#flow.busyThen() - busy);
    // A caller that begins while the shop is slow knows of nobody who waits: after a while the slowness itself counts. // AP105
    if (!isLong && tooMany <= 0) return 0;
    return Math.min(busy * shrinkMost, Math.max(busy * least, tooMany / drainSeconds));
  }

  /** The pace on its way to what lets the number inside grow (or shrink) by so many a second. */
  #followed(growth: number, strain: number, situation: PaceSituation): number {
    const { pacePerMinute, busy } = situation;
    const quiet = this.#flow.goneQuietPerMinute();
    const wanted = quiet + growth * 60;
    if (wanted > pacePerMinute) {
      // As many as go may come at once; beyond that the pace rises by steps.
      const most = Math.max(quiet, pacePerMinute * (1 + riseOverStep * this.#stepPerSecond(situation)));
      return Math.min(pacePerMinute + (wanted - pacePerMinute) * following, most);
    }
    // Before the shop was ever strained, those who come in at the first pace may still fill it.
    const strained = this.#borne.isNear(busy) ? 1 : Math.min(1, Math.max(0, (strain - atEase) / (1 - atEase)));
    return pacePerMinute + (wanted - pacePerMinute) * following * strained;
  }

  /** The longer the shop is at ease the farther its limit; and after a failure those who were inside may be so again. */
  #stepPerSecond(situation: PaceSituation): number {
    const { stepPercent } = situation.bounds;
    if (this.#isFirstGrowth(situation)) return growthPerSecondAtFirst(stepPercent);
    const calm = this.#calmSeconds >= calmSecondsMin ? stepsAfterCalm : 1;
    return growthPerSecond(stepPercent) * (this.#failure.isComingBack ? stepsAfterFailure : calm);
  }

  #isFirstGrowth({ isNew }: PaceSituation): boolean {
    return isNew && !this.#wasStrained;
  }

  #noteStarving(health: Health, { pacePerMinute, bounds }: PaceSituation): void {
    const isSlow = isSlowToAnswer(health) || health.kind === 'near';
    this.#leastPerMinute = bounds.minPerMinute;
    this.#leastSeconds = pacePerMinute <= bounds.minPerMinute ? this.#leastSeconds + 1 : 0;
    this.#starvedSeconds = isSlow && this.#leastSeconds > 0 ? this.#starvedSeconds + 1 : 0;
  }

  #isPaceTheLimit(): boolean {
    const limited = this.#limited.filter(({ value }) => value).length;
    return limited >= limitedShareMin * this.#limited.length;
  }

  #noteBorne(health: Health, busy: number): void {
    if (health.kind === 'overloaded') this.#borne.forget();
    else if (health.kind === 'slow') this.#borne.slowWith(this.#flow.busyThen(), this.#waiting.tooMany(health.strain));
    else this.#borne.note(busy, this.#calmSeconds);
  }

  #noteErrors(health: Health, { isFollowed }: PaceSituation, nowMs: number): void {
    const second = { ...this.#reports.answersAfter(this.#decidedAtMs), busy: this.#flow.busyThen() };
    const isGap = nowMs - this.#decidedAtMs > gapMsMax;
    this.#decidedAtMs = nowMs;
    // Where nobody follows, and of what was asked for during a failure, nothing is proved.
    const isNoProof = !isFollowed || isGap || this.#failure.isFollowedByErrors;
    if (isNoProof || health.kind === 'overloaded') return this.#errors.forget();
    const tooMany = this.#errors.note(
      second,
      health.kind === 'erring' && this.#isPaceTheLimit(),
      this.#areFewestInside(),
    );
    if (tooMany === null) return;
    this.#borne.errorsWith(tooMany);
    this.#usual.lower(tooMany);
    this.#wasStrained = true;
  }

  /** For a while none were let in beyond the least pace, and no more go than come. */
  #areFewestInside(): boolean {
    return (
      this.#leastSeconds >= fewestSecondsMin && this.#flow.goneQuietPerMinute() <= quietOverLeast * this.#leastPerMinute
    );
  }

  /** Slow though fewer wait for answers than when they were slowest: that is not the load. */
  #isSlowOfItself({ report, spanMs }: Judged): boolean {
    const { answers, meanMs } = meanLatency(report);
    if (this.#slowSeconds === 0) this.#slowness.end();
    else if (answers >= trialAnswersMin)
      return this.#slowness.borne({ inFlight: (answers / spanMs) * meanMs, latencyMs: meanMs }) !== null;
    return false;
  }
}

/** By this part of itself the number inside grows in a second while a new room's shop is well. // AP160 */
export function growthPerSecondAtFirst(stepPercent: number): number {
  return growthPerSecond(stepPercent) * stepsAtFirst;
}

function growthPerSecond(stepPercent: number): number {
  return stepPercent / 100 / 5;
}

function isSlowToAnswer(health: Health): boolean {
  return health.kind === 'slow' || (health.kind === 'overloaded' && health.cause === 'latency');
}

function withinBounds(pacePerMinute: number, { minPerMinute, maxPerMinute }: AutopilotBounds): number {
  return Math.min(maxPerMinute, Math.max(minPerMinute, pacePerMinute));
}
