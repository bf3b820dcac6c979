// A whole sale on a virtual clock: an endless line, the pace gate, the autopilot, the turnstile before the shop, fans who
// visit, think, retry and pay, and a shop whose knee nobody knows.

import { type SeededRandom, seededRandom } from '../../../loadtest/seeded-random.ts';
import { Autopilot, type AutopilotBounds, busyMs, decisionPeriodMs } from '../../../src/admission/autopilot.ts';
import type { VisitRank } from '../../../src/admission/shop-turnstile.ts';
import { emptyBucket, type PaceBucket, planTake } from '../../../src/queue/pace-bucket.ts';
import { EventQueue } from './event-queue.ts';
import { SimulatedFront } from './simulated-front.ts';
import { type ShopAnswer, SimulatedShop } from './simulated-shop.ts';

export type SaleSettings = {
  readonly seed: number;
  readonly knee: number;
  /** Null: the pace stays as it is set. */
  readonly autopilot: Partial<AutopilotBounds> | null;
  readonly hasTurnstile: boolean;
  readonly pacePerMinute: number;
  /** Requests of a visit, and how long a fan thinks between two. */
  readonly requests?: readonly [least: number, most: number];
  readonly thinksMs?: readonly [least: number, most: number];
  /** What an answer takes at ease. */
  readonly serviceMs?: readonly [least: number, most: number];
  /** After so long without an answer a fan loads the page again. Absent: never. */
  readonly patienceMs?: readonly [least: number, most: number];
};

/** Per second: what the fans saw and what the shop did. */
export type SaleSecond = {
  requests: number;
  errors: number;
  /** Honest answers of ours instead of the shop's. */
  held: number;
  /** Requests whose fan did not wait for the answer. */
  abandoned: number;
  /** Let in. */
  admitted: number;
  served: number;
  pacePerMinute: number;
  busy: number;
  knee: number;
  latenciesMs: number[];
};

type Visit = { readonly fan: number; readonly planned: number; readonly isBot: boolean };

const botThinksMs = [20, 80] as const;
const botRequests = 5;
const retriesMax = 4;

export class SimulatedSale {
  readonly events = new EventQueue();
  readonly shop: SimulatedShop;
  readonly seconds: SaleSecond[] = [];
  readonly reasons: string[] = [];
  pacePerMinute: number;
  visitsGivenUp = 0;
  /** What the gateway's own side would say: is the shop failing. */
  isFailing = false;
  demandPerMinute = Number.POSITIVE_INFINITY;
  /** A share of the answers inside takes longer for a reason that is not the load: a login elsewhere. */
  slow = { share: 0, delayMs: 0 };
  /** Of those let in, so many think no longer than a machine does. */
  botShare = 0;
  readonly #settings: SaleSettings;
  readonly #random: SeededRandom;
  readonly #autopilot = new Autopilot();
  readonly #front: SimulatedFront;
  readonly #usedAtMs = new Map<number, number>();
  #bucket: PaceBucket = emptyBucket;
  #admitted = 0;
  #isLimited = false;
  #demandBucket: PaceBucket = emptyBucket;

  constructor(settings: SaleSettings) {
    this.#settings = settings;
    this.#random = seededRandom(settings.seed);
    this.pacePerMinute = settings.pacePerMinute;
    this.shop = new SimulatedShop(this.events, this.#random, settings.knee);
    this.shop.serviceMs = settings.serviceMs ?? this.shop.serviceMs;
    this.#front = new SimulatedFront(this.events, (rank, answer) => this.#askShop(rank, answer), settings.hasTurnstile);
    this.events.every(25, () => this.#admit());
    this.events.every(100, () => this.#front.expire());
    this.events.every(decisionPeriodMs, () => this.#decide());
  }

  #second(): SaleSecond {
    const index = Math.floor(this.events.nowMs / 1_000);
    for (let at = this.seconds.length; at <= index; at += 1) {
      const { pacePerMinute, shop } = this;
      const busy = this.#busy();
      const knee = shop.isAlive ? shop.requestsPerSecond : 0;
      this.seconds.push({
        requests: 0,
        errors: 0,
        held: 0,
        abandoned: 0,
        admitted: 0,
        served: 0,
        pacePerMinute,
        busy,
        knee,
        latenciesMs: [],
      });
    }
    const second = this.seconds[index];
    if (second === undefined) throw new Error('no such second');
    return second;
  }

  #admit(): void {
    this.#second();
    if (this.isFailing) return;
    const { nowMs } = this.events;
    const demand = Number.isFinite(this.demandPerMinute)
      ? planTake(this.#demandBucket, { pacePerMinute: this.demandPerMinute, burstMs: 50, nowMs, wanted: 1_000 })
      : null;
    const wanted = demand?.taken ?? 1_000;
    const { taken, bucket } = planTake(this.#bucket, { pacePerMinute: this.pacePerMinute, burstMs: 50, nowMs, wanted });
    this.#bucket = bucket;
    if (demand !== null) this.#demandBucket = demand.bucket;
    this.#isLimited = demand === null;
    for (let count = 0; count < taken; count += 1) {
      this.#admitted += 1;
      this.#second().admitted += 1;
      const [least, most] = this.#settings.requests ?? [4, 12];
      const planned = Math.round(this.#random.between(least, most));
      const isBot = this.#random.chance(this.botShare);
      this.#visit({ fan: this.#admitted, planned: isBot ? planned * botRequests : planned, isBot }, 0, 0);
    }
  }

  /** One request of a fan after the other; errors are asked again with growing waits. */
  #visit(visit: Visit, done: number, failures: number): void {
    const { fan, planned, isBot } = visit;
    if (done >= planned) {
      // Who has bought is let go by the shop; the others just go.
      if (fan % 10 < 7) this.#usedAtMs.delete(fan);
      return;
    }
    this.#usedAtMs.set(fan, this.events.nowMs);
    const rank: VisitRank = done === 0 ? 'entry' : done >= planned - 2 ? 'checkout' : 'inside';
    const startedAtMs = this.events.nowMs;
    let isOver = false;
    const abandon = this.#front.request(rank, kind => {
      isOver = true;
      const second = this.#second();
      second.requests += 1;
      if (kind === 'served') {
        second.served += 1;
        second.latenciesMs.push(this.events.nowMs - startedAtMs);
        const [least, most] = isBot ? botThinksMs : (this.#settings.thinksMs ?? [800, 6_000]);
        return this.events.after(this.#random.between(least, most), () => this.#visit(visit, done + 1, 0));
      }
      if (kind === 'error') second.errors += 1;
      else second.held += 1;
      if (kind === 'error' && failures >= retriesMax) {
        this.visitsGivenUp += 1;
        return;
      }
      const waitMs = kind === 'held' ? 3_000 : 500 * 2 ** failures;
      this.events.after(waitMs * this.#random.between(0.5, 1.5), () =>
        this.#visit(visit, done, kind === 'held' ? failures : failures + 1),
      );
    });
    const { patienceMs } = this.#settings;
    if (patienceMs === undefined) return;
    this.events.after(this.#random.between(...patienceMs), () => {
      if (isOver) return;
      abandon();
      this.#second().abandoned += 1;
      this.events.after(1_000, () => this.#visit(visit, done, failures));
    });
  }

  #askShop(rank: VisitRank, answer: (kind: ShopAnswer) => void): void {
    const isSlow = rank === 'inside' && this.#random.chance(this.slow.share);
    this.shop.ask(isSlow ? kind => this.events.after(this.slow.delayMs, () => answer(kind)) : answer);
  }

  #busy(): number {
    const sinceMs = this.events.nowMs - busyMs;
    let busy = 0;
    for (const [fan, usedAtMs] of this.#usedAtMs) {
      if (usedAtMs > sinceMs) busy += 1;
      else this.#usedAtMs.delete(fan);
    }
    return busy;
  }

  #decide(): void {
    const { nowMs } = this.events;
    this.isFailing = this.#front.isFailing();
    const { autopilot } = this.#settings;
    if (autopilot === null) return;
    const report = this.#front.takeReport();
    if (report !== null) this.#autopilot.report(report, nowMs);
    const bounds = { minPerMinute: 60, maxPerMinute: 60_000, stepPercent: 10, latencyTargetMs: null, ...autopilot };
    const decision = this.#autopilot.decide(
      {
        pacePerMinute: this.pacePerMinute,
        bounds,
        admitted: this.#admitted,
        busy: this.#busy(),
        isPaceTheLimit: this.#isLimited && !this.isFailing,
        isShopFailing: this.isFailing,
        complaint: null,
        praise: false,
        isFollowed: true,
        isNew: true,
      },
      nowMs,
    );
    this.pacePerMinute = decision.pacePerMinute;
    this.reasons.push(`${nowMs / 1_000}: ${Math.round(decision.pacePerMinute)} ${decision.cause}: ${decision.reason}`);
  }
}
