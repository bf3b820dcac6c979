// The autopilot's outer loop: from how the shop answered, how many came in and how many are busy inside, the pace for the
// next seconds, with its reason. It never sees what the shop can bear, it sees answers only. Pure: it is told the time.
//
// Load follows the devices inside, not the pace: a pace that was too high for a minute loads the shop for as long as a visit
// lasts. So the pace is made of two parts: as many as go quiet again (then the number inside stays), and a little more or
// less, by which the number inside grows or shrinks. It shrinks by as many as wait for answers beyond what may be: by
// Little's law these are too many, however long the others think between two pages.

import type { AutopilotCause, AutopilotRules } from '../queue/autopilot-rules.ts';
import { BorneNumber } from './borne-number.ts';
import { type Health, judgeShop, type LatencyEase, newEase } from './judge-shop.ts';
import { type Judged, RecentReports, recent, type Timed } from './recent-reports.ts';
import { meanLatency, type ShopReport } from './shop-report.ts';
import { SlownessTrial } from './slowness-trial.ts';
import { UsualFlow } from './usual-flow.ts';

export type AutopilotBounds = Pick<AutopilotRules, 'minPerMinute' | 'maxPerMinute' | 'stepPercent' | 'latencyTargetMs'>;

export type PaceSituation = {
  /** The pace in force; in shadow the one that would be. */
  readonly pacePerMinute: number;
  readonly bounds: AutopilotBounds;
  /** Devices let in, ever. */
  readonly admitted: number;
  /** Devices inside that did something lately. */
  readonly busy: number;
  /** Whether in the last second nothing but the pace kept more devices from coming in. */
  readonly isPaceTheLimit: boolean;
  /** The shop is judged to be failing, or an operator says so. */
  readonly isShopFailing: boolean;
  /** Somebody who watches the shop says that it is overloaded, in words; null: nobody does. */
  readonly complaint: string | null;
  /** Somebody who watches the shop says that it is well. */
  readonly praise: boolean;
  /** Nobody steered this room before, so nobody knows what its shop bears. */
  readonly isNew: boolean;
};

export type PaceDecision = { readonly pacePerMinute: number; readonly cause: AutopilotCause; readonly reason: string };

/** Decisions are made so often. */
export const decisionPeriodMs = 1_000;
/** Of fewer the mean says nothing. */
const answersMin = 20;
/** How fast devices go quiet is measured over this time. */
const flowMs = 10_000;
/** Up to this part of the target the number inside grows by the whole step, from there on by less and less. */
const atEase = 0.35;
/** Below the target it never stands still: answers that are long for another reason would hold it where it is for good. */
const leastGrowth = 0.05;
/** Who waits for answers beyond what may be goes within this time. */
const drainSeconds = 8;
/** So long ago those asked whose answers are judged now: who has gone since need not go again. // AP101 */
const answersLagMs = 5_000;
/** So large a share of those inside goes in a second: with errors, with slow answers at least, and at most. */
const shrinkByErrors = 0.02;
/** Answers that are slow for longer than this are treated like errors: that tells whether the load makes them slow. */
const slowSecondsMax = 8;
const shrinkLeast = 0.002;
const shrinkMost = 0.05;
/** The pace follows what is wanted by this part of the difference in a second: what is measured is noisy. */
const following = 0.5;
/** After so long a time at ease it grows a half faster. */
const calmSecondsMin = 12;
const stepsAfterCalm = 1.5;
/** Until answers become slower for the first time it grows so many times as fast: nobody knows yet what the shop bears. // AP160 */
const stepsAtFirst = 3;
/** After a failure it grows so many times as fast, up to this part of what was inside before. */
const stepsAfterFailure = 3;
const backShare = 0.8;
/** Of fewer the mean says too little to tell slow answers from too many requests. */
const trialAnswersMin = 40;
/** Answers that are slow after so long at the least pace are not slow because of the load. */
const starvedSecondsMin = 60;
/** What answers take on average at ease follows by this part of the difference in a second. */
const easeFollowing = 0.05;
/** In the last seconds the pace must have been the limit for this share of the time. */
const limitedShareMin = 0.6;
const limitedMs = 5_000;
/** The pace itself never rises faster than this multiple of the step. */
const riseOverStep = 2;

export class Autopilot {
  #ease: LatencyEase = { ...newEase };
  readonly #reports = new RecentReports();
  #flow: Timed<{ readonly admitted: number; readonly busy: number }>[] = [];
  #limited: Timed<boolean>[] = [];
  readonly #trial = new SlownessTrial();
  /** For so long answers have been slow. */
  #slowSeconds = 0;
  #wasOverloaded = false;
  /** Answers have become slower at least once: what the shop bears has been seen. */
  #wasStrained = false;
  /** For so long the shop has been at ease. */
  #calmSeconds = 0;
  /** How many were busy inside when the shop began to fail; null: it did not, or that is over. */
  #busyBeforeFailure: number | null = null;
  readonly #usual = new UsualFlow();
  readonly #borne = new BorneNumber();
  /** For so long answers have been slow at the least pace. */
  #starvedSeconds = 0;
  #meanEaseMs = Number.POSITIVE_INFINITY;
  /** So many devices wait for an answer that would not while the shop is at ease. */
  #waiting = 0;

  /** Gateways tell in every mode, and only some modes decide: what is too old to be judged goes at once. */
  report(report: ShopReport, nowMs: number): void {
    this.#reports.add(report, nowMs);
  }

  /** The pace from now on. Called every `decisionPeriodMs`. */
  decide(situation: PaceSituation, nowMs: number): PaceDecision {
    const { bounds, isPaceTheLimit, admitted, busy } = situation;
    this.#flow = recent([...this.#flow, { atMs: nowMs, value: { admitted, busy } }], nowMs - flowMs);
    this.#limited = recent([...this.#limited, { atMs: nowMs, value: isPaceTheLimit }], nowMs - limitedMs);
    const judged = this.#reports.judgedAt(nowMs);
    const isStarved = this.#starvedSeconds >= starvedSecondsMin;
    // What is as slow with fewer is at ease: it is learned anew. // AP62
    if (this.#isSlowOfItself(judged)) this.#ease = { ...newEase };
    const health = judgeShop(judged.report, { ...situation, isStarved }, this.#ease);
    this.#slowSeconds = isSlowToAnswer(health) ? this.#slowSeconds + 1 : 0;
    this.#noteStarving(health, situation);
    this.#noteWaiting(judged, health.kind === 'well' && health.strain < atEase);
    this.#noteFailure(health, situation);
    if (health.kind === 'slow' || health.kind === 'overloaded') this.#usual.lower(busy);
    else if (isPaceTheLimit) this.#usual.note(situation);
    this.#calmSeconds = health.kind === 'well' && health.strain <= atEase ? this.#calmSeconds + 1 : 0;
    this.#noteBorne(health, busy);
    if (health.kind !== 'unknown' && this.#calmSeconds === 0) this.#wasStrained = true;
    const decision = this.#decide(health, situation);
    this.#wasOverloaded = health.kind === 'overloaded' || (health.kind === 'unknown' && this.#wasOverloaded);
    return { ...decision, pacePerMinute: withinBounds(decision.pacePerMinute, bounds) };
  }

  #decide(health: Health, situation: PaceSituation): PaceDecision {
    const { pacePerMinute, bounds } = situation;
    switch (health.kind) {
      case 'overloaded':
        return { pacePerMinute: bounds.minPerMinute, cause: health.cause, reason: health.reason };
      case 'slow':
      case 'near': {
        const { kind, strain, cause, reason } = health;
        const growth = kind === 'near' ? this.#growth(strain, situation) : -this.#shrink(health, situation.busy);
        const followed = this.#followed(growth, strain, situation);
        const mayRise = kind === 'near' && this.#isPaceTheLimit();
        return { pacePerMinute: mayRise ? followed : Math.min(pacePerMinute, followed), cause, reason };
      }
      case 'unknown':
        if (situation.praise) return this.#rise(0, situation);
        return { pacePerMinute, cause: 'unknown', reason: 'nothing is known of how the shop answers' };
      case 'well':
        return this.#rise(health.strain, situation);
    }
  }

  #rise(strain: number, situation: PaceSituation): PaceDecision {
    const { pacePerMinute } = situation;
    const quiet = this.#goneQuietPerMinute();
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
    const reason =
      next < pacePerMinute
        ? 'the shop answers well, though no more at ease: hardly more come in than go'
        : 'the shop answers well, and only the pace keeps more from coming in';
    return { pacePerMinute: next, cause: 'headroom', reason };
  }

  /** By how many devices a second the number inside may grow: the nearer the target, or the number borne, the fewer. */
  #growth(strain: number, situation: PaceSituation): number {
    const { busy } = situation;
    const share = Math.min(this.#borne.growthAt(busy), (1 - strain) / (1 - atEase));
    return busy * this.#stepPerSecond(situation) * Math.max(leastGrowth, share);
  }

  /** By how many devices a second the number inside shrinks: those who wait beyond what may be go. */
  #shrink({ strain, cause }: Extract<Health, { kind: 'near' | 'slow' }>, busy: number): number {
    const isLong = cause === 'errors' || this.#slowSeconds >= slowSecondsMax;
    const least = isLong ? shrinkByErrors : shrinkLeast * Math.min(1, strain - 1);
    const tooMany = this.#tooMany(strain) - (this.#busyThen(busy) - busy);
    // A caller that begins while the shop is slow knows of nobody who waits: after a while the slowness itself counts. // AP105
    if (!isLong && tooMany <= 0) return 0;
    return Math.min(busy * shrinkMost, Math.max(busy * least, tooMany / drainSeconds));
  }

  /** The pace on its way to what lets the number inside grow (or shrink) by so many a second. */
  #followed(growth: number, strain: number, situation: PaceSituation): number {
    const { pacePerMinute } = situation;
    const quiet = this.#goneQuietPerMinute();
    const wanted = quiet + growth * 60;
    if (wanted > pacePerMinute) {
      // As many as go may come at once; beyond that the pace rises by steps.
      const most = Math.max(quiet, pacePerMinute * (1 + riseOverStep * this.#stepPerSecond(situation)));
      return Math.min(pacePerMinute + (wanted - pacePerMinute) * following, most);
    }
    // Before the shop was ever strained, those who come in at the first pace may still fill it.
    const strained = Math.min(1, Math.max(0, (strain - atEase) / (1 - atEase)));
    return pacePerMinute + (wanted - pacePerMinute) * following * strained;
  }

  /** The longer the shop is at ease the farther its limit; and after a failure those who were inside may be so again. */
  #stepPerSecond({ bounds: { stepPercent }, isNew }: PaceSituation): number {
    const calm = this.#calmSeconds >= calmSecondsMin ? stepsAfterCalm : 1;
    const known = this.#busyBeforeFailure === null ? calm : stepsAfterFailure;
    return isNew && !this.#wasStrained ? growthPerSecondAtFirst(stepPercent) : growthPerSecond(stepPercent) * known;
  }

  #noteFailure(health: Health, { busy, isShopFailing }: PaceSituation): void {
    if (isShopFailing) this.#busyBeforeFailure ??= busy;
    else if (this.#busyBeforeFailure === null) return;
    else if (health.kind === 'near' || health.kind === 'slow' || busy > backShare * this.#busyBeforeFailure)
      this.#busyBeforeFailure = null;
  }

  #noteStarving(health: Health, { pacePerMinute, bounds }: PaceSituation): void {
    const isSlow = isSlowToAnswer(health) || health.kind === 'near';
    this.#starvedSeconds = isSlow && pacePerMinute <= bounds.minPerMinute ? this.#starvedSeconds + 1 : 0;
  }

  #isPaceTheLimit(): boolean {
    const limited = this.#limited.filter(({ value }) => value).length;
    return limited >= limitedShareMin * this.#limited.length;
  }

  /** So many of those who wait are beyond what may be. */
  #tooMany(strain: number): number {
    return this.#waiting * (1 - 1 / strain);
  }

  /** How many were busy inside when those asked whose answers are judged now; never fewer than are. */
  #busyThen(busy: number): number {
    const last = this.#flow.at(-1);
    const then = this.#flow.find(({ atMs }) => last !== undefined && atMs >= last.atMs - answersLagMs);
    return Math.max(then?.value.busy ?? busy, busy);
  }

  #noteBorne(health: Health, busy: number): void {
    if (health.kind === 'overloaded') this.#borne.forget();
    else if (health.kind === 'slow' && health.cause === 'latency')
      this.#borne.tooMany(this.#busyThen(busy), this.#tooMany(health.strain));
    else this.#borne.note(busy, this.#calmSeconds);
  }

  /** Came in, and not busy any more: what the number inside loses by itself. */
  #goneQuietPerMinute(): number {
    const [first, last] = [this.#flow[0], this.#flow.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    const gone = last.value.admitted - first.value.admitted - (last.value.busy - first.value.busy);
    return (Math.max(0, gone) * 60_000) / (last.atMs - first.atMs);
  }

  #noteWaiting({ report, spanMs }: Judged, isAtEase: boolean): void {
    const { answers, meanMs } = meanLatency(report);
    this.#waiting = 0;
    if (answers < answersMin) return;
    const before = Math.min(this.#meanEaseMs, meanMs);
    // What answers take on average at ease moves, with the pages that are asked for.
    this.#meanEaseMs = isAtEase ? before + (meanMs - before) * easeFollowing : before;
    // Little's law.
    this.#waiting = (answers / spanMs) * (meanMs - this.#meanEaseMs);
  }

  /** Slow though fewer wait for answers than when they were slowest: that is not the load. */
  #isSlowOfItself({ report, spanMs }: Judged): boolean {
    const { answers, meanMs } = meanLatency(report);
    if (this.#slowSeconds === 0) this.#trial.end();
    else if (answers >= trialAnswersMin)
      return this.#trial.borne({ inFlight: (answers / spanMs) * meanMs, latencyMs: meanMs }) !== null;
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
  return (health.kind === 'slow' || health.kind === 'overloaded') && health.cause === 'latency';
}

function withinBounds(pacePerMinute: number, { minPerMinute, maxPerMinute }: AutopilotBounds): number {
  return Math.min(maxPerMinute, Math.max(minPerMinute, pacePerMinute));
}
