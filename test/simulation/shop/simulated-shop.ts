// A shop with a knee, as loadtest/shop has it, on a virtual clock: workers start so many requests a second, the others wait
// in line, and who waits too long, or finds the line full, gets an error.

import type { SeededRandom } from '../../../loadtest/seeded-random.ts';
import type { EventQueue } from './event-queue.ts';

/** `error`: it has too much to do; `broken`: this page fails whatever the load. */
export type ShopAnswer = 'served' | 'error' | 'broken' | 'unreachable' | 'timed-out';

/** The clock that the shop lives by. */
export type ShopEvents = Pick<EventQueue, 'nowMs' | 'after' | 'at'>;

type Job = { readonly sinceMs: number; readonly settle: (answer: ShopAnswer) => void };

const waitMsMax = 5_000;
const depthMax = 1_000;
const burstMs = 50;
/** After so long the gateway gives up. */
const hangMsMax = 30_000;

export class SimulatedShop {
  readonly #events: ShopEvents;
  readonly #random: SeededRandom;
  readonly #waiting: Job[] = [];
  #first = 0;
  #freeAtMs = 0;
  #isWakeSet = false;
  requestsPerSecond: number;
  /** What one request takes once a worker has it. */
  serviceMs: readonly [least: number, most: number] = [10, 20];
  isAlive = true;
  /** Who would have to wait for longer gets an error at once. */
  queueMs = Number.POSITIVE_INFINITY;
  /** Of its answers, so many are errors whatever the load: a broken page. */
  brokenShare = 0;
  /** It takes requests and answers none: what is asked meanwhile is lost. */
  isHanging = false;
  served = 0;

  constructor(events: ShopEvents, random: SeededRandom, requestsPerSecond: number) {
    this.#events = events;
    this.#random = random;
    this.requestsPerSecond = requestsPerSecond;
  }

  ask(settle: (answer: ShopAnswer) => void): void {
    if (!this.isAlive) return this.#events.after(1, () => settle('unreachable'));
    if (this.isHanging) return this.#events.after(hangMsMax, () => settle('timed-out'));
    if (this.#waiting.length - this.#first >= depthMax) return this.#events.after(1, () => settle('error'));
    const queueMs =
      Math.max(0, this.#freeAtMs - this.#events.nowMs) +
      (this.#waiting.length - this.#first) * (1_000 / this.requestsPerSecond);
    if (queueMs > this.queueMs) return this.#events.after(5, () => settle('error'));
    this.#waiting.push({ sinceMs: this.#events.nowMs, settle });
    this.#pump();
  }

  setKnee(requestsPerSecond: number): void {
    this.requestsPerSecond = requestsPerSecond;
    this.#freeAtMs = Math.min(this.#freeAtMs, this.#events.nowMs + 1_000 / requestsPerSecond);
  }

  die(): void {
    this.isAlive = false;
    const jobs = this.#waiting.splice(0).slice(this.#first);
    this.#first = 0;
    for (const { settle } of jobs) settle('unreachable');
  }

  #pump(): void {
    const { nowMs } = this.#events;
    for (let job = this.#waiting[this.#first]; job !== undefined; job = this.#waiting[this.#first]) {
      if (nowMs < job.sinceMs + waitMsMax && nowMs < this.#freeAtMs - burstMs) break;
      this.#first += 1;
      if (nowMs >= job.sinceMs + waitMsMax) job.settle('error');
      else this.#start(job);
    }
    if (this.#first > 1_000) this.#waiting.splice(0, this.#first);
    if (this.#first > 1_000) this.#first = 0;
    if (this.#waiting[this.#first] === undefined || this.#isWakeSet) return;
    this.#isWakeSet = true;
    this.#events.at(Math.max(nowMs + 1, this.#freeAtMs - burstMs), () => {
      this.#isWakeSet = false;
      this.#pump();
    });
  }

  #start({ settle }: Job): void {
    this.#freeAtMs = Math.max(this.#freeAtMs, this.#events.nowMs) + 1_000 / this.requestsPerSecond;
    this.#events.after(this.#random.between(...this.serviceMs), () => {
      if (!this.isAlive) return settle('unreachable');
      if (this.brokenShare > 0 && this.#random.chance(this.brokenShare)) return settle('broken');
      this.served += 1;
      settle('served');
    });
  }
}
