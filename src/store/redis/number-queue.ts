// Arrival numbers of one room: whoever asks in one turn of the event loop shares one call, and one call is under way at
// a time, so that numbers go out in the order in which they were asked for. In a rush each call brings a few more, for those
// who come before the next answer.

import { StoreError } from '../store-error.ts';
import { NumbersAhead } from './numbers-ahead.ts';
import type { RedisLink } from './redis-link.ts';
import { integerOf } from './replies.ts';
import { scripts } from './scripts.ts';

/** More numbers than a server can lose: over ten seconds of asynchronous replication at 100,000 joins a second. */
export const skipAfterLoss = 2 ** 20;
/** In a rush calls are so far apart: who joins meanwhile shares the next one. */
const restMs = 2;
/** So far apart while nobody has to wait for them. */
const refillMs = 5;
/** Calls that may wait; beyond it a call fails at once instead of filling the memory. */
const waitingMax = 50_000;

/** Calls that share one script: each has its row behind those before it. One promise for all of them. */
class Batch {
  calls = 0;
  count = 0;
  /** Somebody wants to know what the store has given to all. */
  asksForAll = false;
  readonly first: Promise<number>;
  resolve: (first: number) => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.first = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** The first of `count` numbers. */
  add(count: number): Promise<number> {
    const before = this.count;
    this.calls += 1;
    this.count += count;
    return before === 0 ? this.first : this.first.then(first => first + before);
  }
}

export class NumberQueue {
  readonly #link: Pick<RedisLink, 'run' | 'runId'>;
  readonly #key: string;
  readonly #ahead = new NumbersAhead();
  #waiting: Batch | null = null;
  #isUnderWay = false;
  #askedAtMs = 0;
  #floor = 0;
  /** The room draws its places: a draw over what is skipped takes long. */
  draws = false;

  constructor(link: Pick<RedisLink, 'run' | 'runId'>, key: string) {
    this.#link = link;
    this.#key = key;
  }

  /** Gives the first of `count` numbers, at once where they were taken ahead. */
  take(count: number): number | Promise<number> {
    if (this.#waiting === null) {
      const nowMs = performance.now();
      const first = this.#ahead.take(count, nowMs);
      if (first !== null) {
        if (nowMs - this.#askedAtMs >= refillMs) this.#askSoon();
        return first;
      }
    }
    return this.#join(batch => batch.add(count));
  }

  /** Every number handed out so far is lower; every number that is asked for here from now on is not. */
  count(): Promise<number> {
    this.#ahead.forget();
    return this.#join(batch => {
      batch.asksForAll = true;
      return batch.add(0);
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

  #join(add: (batch: Batch) => Promise<number>): Promise<number> {
    this.#waiting ??= new Batch();
    if (this.#waiting.calls >= waitingMax) {
      return Promise.reject(new StoreError('busy', `${waitingMax} calls already wait for numbers`));
    }
    const first = add(this.#waiting);
    this.#askSoon();
    return first;
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
    this.#waiting = null;
    const askedAtMs = performance.now();
    this.#askedAtMs = askedAtMs;
    const waited = asked?.count ?? 0;
    const ahead = this.#ahead.wanted(waited, askedAtMs);
    if (asked === null && ahead === 0) return this.#goOn();
    this.#call(waited + ahead).then(
      first => {
        asked?.resolve(first);
        const end = first + waited + ahead;
        this.#ahead.add(this.#serveWaiting(first + waited, end), end, askedAtMs);
        this.#goOn();
      },
      error => {
        asked?.reject(error);
        this.#goOn();
      },
    );
  }

  /** Those who came during the call are before those who come after it. Gives the first number that is left. */
  #serveWaiting(first: number, end: number): number {
    const waiting = this.#waiting;
    if (waiting === null) return first;
    const next = first + waiting.count;
    if (waiting.asksForAll || next > end) return end;
    this.#waiting = null;
    this.#ahead.used(waiting.count);
    waiting.resolve(first);
    return next;
  }

  async #call(count: number): Promise<number> {
    const { runId } = this.#link;
    const given = [count, this.#floor, runId, skipAfterLoss, this.draws ? 0 : 1];
    const reply = await this.#link.run(scripts.takeNumbers, [this.#key], given);
    const first = integerOf(reply);
    this.#floor = Math.max(this.#floor, first + count);
    return first;
  }

  #goOn(): void {
    this.#isUnderWay = false;
    if (this.#waiting !== null) this.#askSoon();
  }
}
