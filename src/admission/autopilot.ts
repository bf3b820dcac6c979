// The autopilot's outer loop: from how the shop answered, how many came in and how many are busy inside, the pace for the
// next seconds, with its reason. It never sees what the shop can bear, it sees answers only. Pure: it is told the time.
//
// Load follows the devices inside, not the pace: a pace that was too high for a minute loads the shop for as long as a visit
// lasts. So the pace is made of two parts: as many as go quiet again (then the number inside stays), and a little more or
// less, by which the number inside grows or shrinks.

import type { AutopilotCause } from '../queue/autopilot-rules.ts';
import { type Health, judgeShop, type LatencyEase } from './judge-shop.ts';
import { mergeReports, type ShopReport } from './shop-report.ts';

export type AutopilotBounds = {
  readonly minPerMinute: number;
  readonly maxPerMinute: number;
  /** The number inside grows by at most so much in five seconds. */
  readonly stepPercent: number;
  /** Null: learned. */
  readonly latencyTargetMs: number | null;
};

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
};

export type PaceDecision = { readonly pacePerMinute: number; readonly cause: AutopilotCause; readonly reason: string };

/** Decisions are made so often. */
export const decisionPeriodMs = 1_000;
/** What is judged at once; with few answers, over a longer time. */
const judgedMs = 3_000;
const judgedMsMax = 10_000;
const answersMin = 20;
/** How fast devices go quiet is measured over this time. */
const flowMs = 10_000;
/** While answers are too slow the number inside shrinks: the longer they are, the faster, up to so much a second. */
const shrinkPerSecond = 0.01;
const shrinkPerSecondMax = 0.05;
/** Just below the number inside at which the shop was last too slow, growth is careful: this part of the step. */
const carefulShare = 0.25;
const carefulFrom = 0.9;
/** In the last seconds the pace must have been the limit for this share of the time. */
const limitedShareMin = 0.6;
const limitedMs = 5_000;
/** The pace itself never rises faster than this multiple of the step. */
const riseOverStep = 2;

type Timed<Value> = { readonly atMs: number; readonly value: Value };

export class Autopilot {
  readonly #ease: LatencyEase = { checkout: null, inside: null, entry: null };
  #reports: Timed<ShopReport>[] = [];
  #flow: Timed<{ readonly admitted: number; readonly busy: number }>[] = [];
  #limited: Timed<boolean>[] = [];
  #wasHealthy = true;
  #slowSeconds = 0;
  /** How many were busy inside when the shop began to be too slow. */
  #slowAtBusy: number | null = null;

  report(report: ShopReport, nowMs: number): void {
    this.#reports.push({ atMs: nowMs, value: report });
  }

  /** The pace from now on. Called every `decisionPeriodMs`. */
  decide(situation: PaceSituation, nowMs: number): PaceDecision {
    const { bounds, isPaceTheLimit, admitted, busy } = situation;
    this.#reports = recent(this.#reports, nowMs - judgedMsMax);
    this.#flow = recent([...this.#flow, { atMs: nowMs, value: { admitted, busy } }], nowMs - flowMs);
    this.#limited = recent([...this.#limited, { atMs: nowMs, value: isPaceTheLimit }], nowMs - limitedMs);
    const health = judgeShop(this.#judged(nowMs), situation, this.#ease);
    this.#noteTrouble(health, busy);
    const decision = this.#decide(health, situation);
    this.#wasHealthy = health.kind === 'well' || health.kind === 'unknown';
    return { ...decision, pacePerMinute: withinBounds(decision.pacePerMinute, bounds) };
  }

  #decide(health: Health, situation: PaceSituation): PaceDecision {
    const { pacePerMinute, bounds, busy } = situation;
    const quiet = this.#goneQuietPerMinute();
    switch (health.kind) {
      case 'overloaded':
        return { pacePerMinute: bounds.minPerMinute, cause: health.cause, reason: health.reason };
      case 'slow': {
        const shrunk = quiet - busy * Math.min(shrinkPerSecondMax, shrinkPerSecond * this.#slowSeconds) * 60;
        return { pacePerMinute: Math.min(pacePerMinute, shrunk), cause: health.cause, reason: health.reason };
      }
      case 'near':
        return { pacePerMinute: Math.min(pacePerMinute, quiet), cause: health.cause, reason: health.reason };
      case 'unknown':
        if (situation.praise) return this.#rise(quiet, situation);
        return { pacePerMinute, cause: 'unknown', reason: 'nothing is known of how the shop answers' };
      case 'well':
        return this.#rise(quiet, situation);
    }
  }

  #rise(quiet: number, { pacePerMinute, bounds, busy }: PaceSituation): PaceDecision {
    // After trouble the number inside may stay as it is: as many come as go.
    if (!this.#wasHealthy && quiet > pacePerMinute) {
      return { pacePerMinute: quiet, cause: 'recovered', reason: 'the shop answers well again: as many come in as go' };
    }
    const limited = this.#limited.filter(({ value }) => value).length;
    if (limited < limitedShareMin * this.#limited.length) {
      return { pacePerMinute, cause: 'headroom', reason: 'the shop answers well, and the pace is not what limits' };
    }
    const step = (bounds.stepPercent / 100 / 5) * this.#care(busy);
    const grown = Math.min(quiet + busy * step * 60, pacePerMinute * (1 + riseOverStep * step));
    const reason = 'the shop answers well, and only the pace keeps more from coming in';
    return { pacePerMinute: Math.max(pacePerMinute, grown), cause: 'headroom', reason };
  }

  #noteTrouble(health: Health, busy: number): void {
    const isTooSlow = health.kind === 'slow' || health.kind === 'overloaded';
    if (isTooSlow && this.#slowSeconds === 0) this.#slowAtBusy = busy;
    this.#slowSeconds = isTooSlow ? this.#slowSeconds + decisionPeriodMs / 1_000 : 0;
  }

  #care(busy: number): number {
    if (this.#slowAtBusy === null) return 1;
    // It bears more than it did.
    if (busy >= this.#slowAtBusy) this.#slowAtBusy = null;
    else if (busy > carefulFrom * this.#slowAtBusy) return carefulShare;
    return 1;
  }

  /** Came in, and not busy any more: what the number inside loses by itself. */
  #goneQuietPerMinute(): number {
    const [first, last] = [this.#flow[0], this.#flow.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    const gone = last.value.admitted - first.value.admitted - (last.value.busy - first.value.busy);
    return (Math.max(0, gone) * 60_000) / (last.atMs - first.atMs);
  }

  #judged(nowMs: number): ShopReport {
    const since = (spanMs: number) => mergeReports(recent(this.#reports, nowMs - spanMs).map(({ value }) => value));
    const short = since(judgedMs);
    const answers = short.checkout.answers + short.inside.answers + short.entry.answers;
    return answers >= answersMin ? short : since(judgedMsMax);
  }
}

function recent<Value>(timed: readonly Timed<Value>[], afterMs: number): Timed<Value>[] {
  return timed.filter(({ atMs }) => atMs > afterMs);
}

function withinBounds(pacePerMinute: number, { minPerMinute, maxPerMinute }: AutopilotBounds): number {
  return Math.min(maxPerMinute, Math.max(minPerMinute, pacePerMinute));
}
