// Arrival numbers of one room: whoever asks in one turn of the event loop shares one call, and one call is under way at
// a time, so that numbers go out in the order in which they were asked for.

import { StoreError } from '../store-error.ts';
import type { RedisLink } from './redis-link.ts';
import { integerOf } from './replies.ts';
import { scripts } from './scripts.ts';

/** More numbers than a server can lose: over ten seconds of asynchronous replication at 100,000 joins a second. */
export const skipAfterLoss = 2 ** 20;
/** In a rush calls are so far apart: who joins meanwhile shares the next one. */
const restMs = 2;
/** Calls that may wait; beyond it a call fails at once instead of filling the memory. */
const waitingMax = 50_000;

type Waiting = {
  readonly count: number;
  readonly resolve: (first: number) => void;
  readonly reject: (error: unknown) => void;
};

export class NumberQueue {
  readonly #link: RedisLink;
  readonly #key: string;
  #waiting: Waiting[] = [];
  #isUnderWay = false;
  #askedAtMs = 0;
  #floor = 0;

  constructor(link: RedisLink, key: string) {
    this.#link = link;
    this.#key = key;
  }

  /** Gives the first of `count` numbers; 0 only tells the next one. */
  take(count: number): Promise<number> {
    if (this.#waiting.length >= waitingMax) {
      return Promise.reject(new StoreError('unavailable', `${waitingMax} calls already wait for numbers`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ count, resolve, reject });
      this.#askSoon();
    });
  }

  /** Every number known to be handed out is lower. */
  get floor(): number {
    return this.#floor;
  }

  /**
   * What the store said is next when it was asked, with `floor` known then. True when it has handed out fewer: it lost
   * some. What was learned while the answer was on its way says nothing of that. // ST101
   */
  heard(next: number, floor: number): boolean {
    const isLost = next < floor;
    this.#floor = Math.max(this.#floor, next);
    return isLost;
  }

  #askSoon(): void {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    const waitMs = this.#askedAtMs + restMs - performance.now();
    if (waitMs <= 0) setImmediate(() => this.#ask());
    else setTimeout(() => this.#ask(), waitMs);
  }

  #ask(): void {
    const asked = this.#waiting;
    this.#waiting = [];
    this.#askedAtMs = performance.now();
    const count = asked.reduce((sum, each) => sum + each.count, 0);
    this.#call(count).then(
      first => {
        let next = first;
        for (const each of asked) {
          each.resolve(next);
          next += each.count;
        }
        this.#goOn();
      },
      error => {
        for (const { reject } of asked) reject(error);
        this.#goOn();
      },
    );
  }

  async #call(count: number): Promise<number> {
    const { runId } = this.#link;
    const reply = await this.#link.run(scripts.takeNumbers, [this.#key], [count, this.#floor, runId, skipAfterLoss]);
    const first = integerOf(reply);
    this.#floor = Math.max(this.#floor, first + count);
    return first;
  }

  #goOn(): void {
    this.#isUnderWay = false;
    if (this.#waiting.length > 0) this.#askSoon();
  }
}
