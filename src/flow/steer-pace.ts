// The caller's side of the autopilot: takes in what the gateways see of the shop and what others say of it, and once a
// second lets the autopilot decide. What it decides is in admission/.

import { Autopilot, busyMs, decisionPeriodMs, type PaceDecision } from '../admission/autopilot.ts';
import type { CallLimit } from '../admission/plan-calls.ts';
import type { ShopCondition } from '../admission/shop-condition.ts';
import { complaintIn, conditionAfterSignal, isPraise, signalEaseAfter } from '../admission/shop-signal.ts';
import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import type { AutopilotState } from '../queue/autopilot-rules.ts';
import { readClock } from '../queue/held-clock.ts';
import { autopilotMode, autopilotRules, paceOf, setPaceOf } from '../queue/pace-in-force.ts';
import type { Turn } from '../queue/turn.ts';

type Seen = Extract<RoomRequest, { kind: 'shop-seen' }>;
type Signal = Extract<RoomRequest, { kind: 'shop-signal' }>;

/** What a source said holds for so long, unless it says something else. */
const signalMs = 20_000;
/** A signal may be so old, and so far ahead of our clock. */
const signalAgeMsMax = 60_000;
const signalAheadMsMax = 5_000;
/** Another reason in words is told after so long, so that it does not change the room every second. */
const reasonKeptMs = 10_000;
/** Smaller changes of the pace are not worth a change of the room. */
const paceStepMin = 0.02;

type Heard = {
  readonly signal: Signal;
  readonly heardAtMs: number;
  /** Whether the shop fails by what this source says. */
  readonly condition: ShopCondition;
  /** How long answers take by what it says, while the shop is at ease; null: it never said. */
  readonly easeMs: number | null;
};

export class PaceSteering {
  readonly #autopilot = new Autopilot();
  readonly #signals: Map<string, Heard>;
  /** The last decision to the last digit, and the whole pace that stands for it in the room. */
  #exact: { readonly perMinute: number; readonly told: number } | null = null;
  /** Nobody had steered this room, nor advised in shadow, when this caller began to; null: it has not begun. */
  #isNew: boolean | null = null;
  #decidedAtMs = 0;
  #turns = 0;
  #turnsLimited = 0;

  /** What others said of the shop to the same gateway holds on when its room was loaded anew. */
  constructor(before: PaceSteering | null = null) {
    this.#signals = new Map(before === null ? [] : before.#signals);
  }

  /** A gateway tells how the shop answered it. */
  see(turn: Turn, { report }: Seen): RoomAnswer {
    this.#autopilot.report(report, turn.nowMs);
    return { kind: 'done' };
  }

  /** Somebody who watches the shop tells how it is. A signal counts once, and only while it is fresh. // AP8 */
  hear(turn: Turn, signal: Signal): RoomAnswer {
    const { nowMs } = turn;
    if (signal.atMs > nowMs + signalAheadMsMax) return refused('the signal is of a time that has not come yet');
    if (signal.atMs < nowMs - signalAgeMsMax) return refused('the signal is older than a minute');
    // The caller before may have heard it.
    if (signal.atMs < turn.callerSinceMs) {
      return refused('the signal is of a time before this gateway took the lead: what is still so is to be told anew');
    }
    const before = this.#signals.get(signal.source);
    if (before !== undefined && signal.atMs <= before.signal.atMs) {
      return refused('a signal of this time, or a later one, was heard from this source already');
    }
    const conditionBefore = before !== undefined && isFresh(before, nowMs) ? before.condition : 'well';
    const condition = conditionAfterSignal(conditionBefore, signal);
    const easeMs = signalEaseAfter(before?.easeMs ?? null, signal);
    this.#signals.set(signal.source, { signal, heardAtMs: nowMs, condition, easeMs });
    return { kind: 'done' };
  }

  /** Whether, by a fresh word of somebody who watches it, the shop fails; only where the autopilot is on. // AP81 */
  isShopFailing({ state, rules, nowMs }: Turn): boolean {
    if (this.#signals.size === 0 || autopilotMode(state, rules) !== 'on') return false;
    return [...this.#signals.values()].some(heard => isFresh(heard, nowMs) && heard.condition === 'failing');
  }

  /** Lets the autopilot decide when it is time, and records what it changes. */
  steer(turn: Turn, limit: CallLimit | 'not-calling'): void {
    this.#turns += 1;
    if (limit === 'pace' || limit === 'claims-busy') this.#turnsLimited += 1;
    if (turn.nowMs - this.#decidedAtMs < decisionPeriodMs) return;
    this.#decidedAtMs = turn.nowMs;
    const isPaceTheLimit = this.#turnsLimited > this.#turns / 2;
    this.#turns = 0;
    this.#turnsLimited = 0;
    const { state, rules, nowMs } = turn;
    const bounds = autopilotRules(state, rules);
    if (bounds.mode === 'off' || state.phase !== 'open') return;
    const inForce =
      bounds.mode === 'on' ? paceOf(state, rules) : (state.autopilot.pacePerMinute ?? setPaceOf(state, rules));
    // In shadow the number inside does not follow, and what grew there by the usual step goes on so. // AP160
    this.#isNew =
      bounds.mode === 'on' && (this.#isNew ?? (state.autopilot.pacePerMinute === null && state.climb === null));
    const decision = this.#autopilot.decide(
      {
        // Steps too small to be told add up here.
        pacePerMinute: this.#exact?.told === inForce ? this.#exact.perMinute : inForce,
        bounds,
        admitted: state.totals.admitted,
        busy: busyInside(turn),
        isPaceTheLimit,
        isShopFailing: state.holds.has('shop-failing') || state.holds.has('shop-down'),
        complaint: this.#complaint(nowMs, bounds.latencyTargetMs),
        praise: this.#isPraised(nowMs, bounds.latencyTargetMs),
        isFollowed: bounds.mode === 'on',
        isNew: this.#isNew,
      },
      nowMs,
    );
    const told = toldPace(decision.pacePerMinute);
    const news = { ...decision, pacePerMinute: told, ...(this.#isNew ? { isNew: true as const } : {}) };
    const isTold = isNews(turn, news);
    this.#exact = { perMinute: decision.pacePerMinute, told: isTold ? told : inForce };
    if (isTold) turn.record({ kind: 'autopilot', ...news, atMs: nowMs });
  }

  #fresh(nowMs: number): Heard[] {
    for (const [source, { heardAtMs }] of this.#signals) {
      // The instant of the last signal is kept for as long as an older one could be taken for a new one.
      if (nowMs - heardAtMs > signalAgeMsMax + signalAheadMsMax) this.#signals.delete(source);
    }
    return [...this.#signals.values()].filter(each => isFresh(each, nowMs));
  }

  #complaint(nowMs: number, targetMs: number | null): string | null {
    for (const { signal } of this.#fresh(nowMs)) {
      const why = complaintIn(signal, { targetMs });
      if (why !== null) return `${signal.source} says: ${why}`;
    }
    return null;
  }

  #isPraised(nowMs: number, targetMs: number | null): boolean {
    return this.#fresh(nowMs).some(({ signal, easeMs }) => isPraise(signal, { targetMs, easeMs }));
  }
}

function isFresh({ heardAtMs }: Heard, nowMs: number): boolean {
  return nowMs - heardAtMs <= signalMs;
}

function busyInside({ state, nowMs }: Turn): number {
  const sinceMs = readClock(state.passClock, nowMs) - busyMs;
  let busy = 0;
  for (const { usedPassMs } of state.passes.values()) if (usedPassMs > sinceMs) busy += 1;
  return busy;
}

type News = PaceDecision & Pick<AutopilotState, 'isNew'>;

function isNews({ state, nowMs }: Turn, { pacePerMinute, cause, reason, isNew }: News): boolean {
  const before = state.autopilot;
  if (before.pacePerMinute === null || cause !== before.cause || isNew !== before.isNew) return true;
  if (reason !== before.reason && nowMs - before.atMs >= reasonKeptMs) return true;
  return Math.abs(pacePerMinute - before.pacePerMinute) > paceStepMin * before.pacePerMinute;
}

/** People read it: whole devices a minute, tenths where these are few. */
function toldPace(perMinute: number): number {
  return perMinute < 10 ? Math.round(perMinute * 10) / 10 : Math.round(perMinute);
}

function refused(reason: string): RoomAnswer {
  return { kind: 'refused', reason };
}
