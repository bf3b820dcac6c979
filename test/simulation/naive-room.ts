// The room once more, in arrays and sets and without any cleverness: it follows what callers commit and checks every
// change against the promises, reckoning everything from scratch.

import { callPaceOf } from '../../src/admission/plan-calls.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import { paceBurstMs, useReportMs } from '../../src/queue/room-rules.ts';

/** An instant of these years is a number that tells no shorter times apart. */
const instantMs = 0.001;

type Span = { readonly fromMs: number; toMs: number };
type NaiveCall = { readonly atMs: number };
type NaivePass = { readonly place: number; readonly startedAtMs: number; usedAtMs: number };

export class NaiveRoom {
  readonly rules: RoomRules;
  phase = 'closed';
  drawn = 0;
  readonly holds = new Set<string>();
  /** Called and not taken back. */
  called = new Set<number>();
  missed = new Set<number>();
  calls = new Map<number, NaiveCall>();
  passes = new Map<string, NaivePass>();
  everAdmitted = new Set<number>();
  frontier = 0;
  version = 0;
  #pace: number;
  #cap: number;
  #callPaceMax: number;
  #pauses: Span[] = [];
  #failures: Span[] = [];
  #unattended: Span[] = [];
  #calledAtMs: number[] = [];
  #admittedAtMs: number[] = [];
  #paces: Pace[];
  /** What is allowed of calls: more than the pace by what no-shows take away. */
  #callPaces: Pace[];
  #noShowShare = 0;

  constructor(rules: RoomRules) {
    this.rules = rules;
    this.#pace = rules.pacePerMinute;
    this.#cap = rules.activeCap;
    this.#callPaceMax = this.#pace;
    this.#paces = [{ fromMs: 0, pace: this.#pace }];
    this.#callPaces = [...this.#paces];
  }

  inLine(present: ReadonlySet<number>): number[] {
    return [...present]
      .filter(place => !this.called.has(place) && !this.missed.has(place))
      .sort((left, right) => left - right);
  }

  /** Carries out one change and throws if it breaks a promise. `present` is what the caller saw. */
  take(change: RoomChange, present: ReadonlySet<number>, nowMs: number): void {
    this.version += 1;
    switch (change.kind) {
      case 'called':
        return this.#takeCalled(change.places, change.atMs, present);
      case 'admitted':
        return this.#takeAdmitted(change, present);
      case 'no-show':
        for (const place of change.places) {
          const call = this.calls.get(place);
          must(call !== undefined, 'P5', `no-show of ${place}, which has no call`);
          const waitedMs = this.#runningMs(call?.atMs ?? 0, nowMs, [...this.#pauses, ...this.#failures]);
          must(waitedMs >= this.rules.claimWindowMs, 'P5', `no-show of ${place} after only ${waitedMs} ms`);
          this.#takeBack(place);
          this.missed.add(place);
        }
        return;
      case 'withdrawn':
        for (const place of change.places) {
          this.#takeBack(place);
          this.missed.delete(place);
        }
        return;
      case 'returned':
        for (const place of change.places) {
          must(this.missed.delete(place), 'P5', `${place} returned and was not missed`);
        }
        return;
      case 'used':
        for (const passId of change.passIds) {
          const pass = this.passes.get(passId);
          if (pass !== undefined) pass.usedAtMs = change.atMs;
        }
        return;
      case 'pass-ended':
        for (const passId of change.passIds) this.#takePassEnded(passId, change.cause, nowMs);
        return;
      case 'settings':
        this.#pace = change.settings.pacePerMinute ?? this.#pace;
        this.#cap = change.settings.activeCap ?? this.#cap;
        this.#notePaces(change.atMs);
        return;
      case 'no-show-share':
        this.#noShowShare = change.share;
        this.#notePaces(change.atMs);
        return;
      case 'hold':
        return this.#takeHold(change.hold, change.on, change.atMs);
      case 'unattended':
        this.#unattended.push({ fromMs: change.fromMs, toMs: change.toMs });
        return;
      case 'phase':
        this.phase = change.phase;
        return;
      case 'sealed':
        this.drawn = change.drawn;
        return;
      default:
        return;
    }
  }

  #takeCalled(places: readonly number[], atMs: number, present: ReadonlySet<number>): void {
    this.#mustBeCalling(atMs);
    const line = this.inLine(present);
    must(
      places.every((place, index) => line[index] === place),
      'P2',
      `called ${places}, but the line is ${line.slice(0, 10)}`,
    );
    for (const place of places) {
      this.called.add(place);
      this.calls.set(place, { atMs });
      this.frontier = Math.max(this.frontier, place + 1);
      this.#calledAtMs.push(atMs);
    }
    const outstandingMax = Math.max(1, (this.#callPaceMax * this.rules.claimWindowMs) / 60_000);
    must(this.calls.size <= outstandingMax, 'P4', `${this.calls.size} calls are open, at most ${outstandingMax}`);
    this.#mustKeepPace(this.#calledAtMs, this.#callPaces, 'calls');
  }

  #takeAdmitted(change: Extract<RoomChange, { kind: 'admitted' }>, present: ReadonlySet<number>): void {
    this.#mustBeCalling(change.atMs);
    let before = -1;
    const order = [...this.calls.keys()];
    for (const { place, passId } of change.passes) {
      must(!this.passes.has(passId), 'P5', `pass ${passId} is there already`);
      must(![...this.passes.values()].some(pass => pass.place === place), 'P1', `${place} has a pass already`);
      must(!this.everAdmitted.has(place), 'P1', `${place} was let in twice`);
      if (change.straight) {
        const [first] = this.inLine(present);
        must(!this.called.has(place) && !this.missed.has(place), 'P2', `${place} went straight with a call of its own`);
        must(first === undefined || first >= place, 'P2', `${place} went straight past ${first}`);
        this.#calledAtMs.push(change.atMs);
        this.#mustKeepPace(this.#calledAtMs, this.#callPaces, 'calls');
      } else {
        const index = order.indexOf(place);
        must(index > before, 'P2', `${place} was let in out of the order of the calls`);
        before = index;
      }
      this.calls.delete(place);
      this.called.add(place);
      this.everAdmitted.add(place);
      this.frontier = Math.max(this.frontier, place + 1);
      this.passes.set(passId, { place, startedAtMs: change.atMs, usedAtMs: change.atMs });
      this.#admittedAtMs.push(change.atMs);
    }
    must(this.passes.size <= this.#cap, 'P4', `${this.passes.size} are inside, the cap is ${this.#cap}`);
    this.#mustKeepPace(this.#admittedAtMs, this.#paces, 'admissions');
  }

  #takePassEnded(passId: string, cause: string, nowMs: number): void {
    const pass = this.passes.get(passId);
    must(pass !== undefined, 'P5', `pass ${passId} ended twice`);
    if (pass === undefined) return;
    const idleMs = this.#runningMs(pass.usedAtMs, nowMs, this.#failures);
    const insideMs = this.#runningMs(pass.startedAtMs, nowMs, this.#failures);
    const idleMin = this.rules.passIdleMs + useReportMs(this.rules);
    if (cause === 'idle') must(idleMs >= idleMin, 'P5', `pass ended, idle for ${idleMs} ms only`);
    if (cause === 'max') must(insideMs >= this.rules.passMaxMs, 'P5', `pass ended after ${insideMs} ms only`);
    this.passes.delete(passId);
  }

  #takeHold(hold: string, on: boolean, atMs: number): void {
    const spans = hold === 'paused' ? this.#pauses : this.#failures;
    if (on) {
      this.holds.add(hold);
      spans.push({ fromMs: atMs, toMs: Number.POSITIVE_INFINITY });
    } else {
      this.holds.delete(hold);
      const last = spans.at(-1);
      if (last !== undefined) last.toMs = atMs;
    }
  }

  #takeBack(place: number): void {
    if (this.calls.delete(place)) this.called.delete(place);
  }

  #mustBeCalling(atMs: number): void {
    must(this.phase === 'open' && this.holds.size === 0, 'P4', `devices were let on at ${atMs} in a room that stands`);
  }

  /** How much of a span counts: what was held, or attended by nobody, does not, and nothing is left out twice. */
  #runningMs(fromMs: number, toMs: number, holds: readonly Span[]): number {
    // A caller was there when it released a hold, and when it recorded that there had been none: nothing before that was
    // unattended, though a store that lost its last lead says so.
    const unattended = this.#unattended.map((span, index) => {
      const attended = [...holds, ...this.#unattended.slice(0, index)].map(({ toMs }) => toMs);
      return { fromMs: Math.max(span.fromMs, ...attended.filter(atMs => atMs < span.toMs)), toMs: span.toMs };
    });
    const spans = [...holds, ...unattended].sort((left, right) => left.fromMs - right.fromMs);
    let runningMs = 0;
    let atMs = fromMs;
    for (const span of spans) {
      if (span.fromMs > toMs) break;
      runningMs += Math.max(0, span.fromMs - atMs);
      atMs = Math.min(toMs, Math.max(atMs, span.toMs));
    }
    return runningMs + Math.max(0, toMs - atMs);
  }

  /** In no span up to now more than the pace of that time, the burst of a late tick (0.5 % of 10 s), and one. */
  #mustKeepPace(instants: readonly number[], allPaces: readonly Pace[], what: string): void {
    const lastMs = instants.at(-1) ?? 0;
    for (let index = instants.length - 1; index >= 0; index -= 1) {
      const firstMs = instants[index] ?? 0;
      if (lastMs - firstMs > 10_000) return;
      // A pace that was raised a moment ago already gives its own burst.
      const paces = allPaces.filter((_, at) => (allPaces[at + 1]?.fromMs ?? lastMs) >= firstMs);
      const burst = (Math.max(...paces.map(({ pace }) => pace)) * (paceBurstMs + instantMs)) / 60_000;
      const allowed = allowedBy(allPaces, firstMs, lastMs) + burst + 1;
      const count = instants.length - index;
      must(count <= allowed, 'P4', `${count} ${what} in ${lastMs - firstMs} ms, allowed are ${allowed}`);
    }
  }

  #notePaces(fromMs: number): void {
    const callPace = callPaceOf(this.#pace, this.#noShowShare);
    this.#callPaceMax = Math.max(this.#callPaceMax, callPace);
    this.#paces.push({ fromMs, pace: this.#pace });
    this.#callPaces.push({ fromMs, pace: callPace });
  }
}

type Pace = { readonly fromMs: number; readonly pace: number };

function allowedBy(paces: readonly Pace[], fromMs: number, toMs: number): number {
  let allowed = 0;
  paces.forEach(({ fromMs: paceFromMs, pace }, index) => {
    const untilMs = Math.min(toMs, paces[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY);
    const spanMs = untilMs - Math.max(fromMs, paceFromMs);
    if (spanMs > 0) allowed += (pace * spanMs) / 60_000;
  });
  return allowed;
}

export function must(holds: boolean, promise: string, what: string): asserts holds {
  if (!holds) throw new Error(`${promise} is broken: ${what}`);
}
