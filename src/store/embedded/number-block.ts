// Arrival numbers of one room out of blocks that are reserved on disk ahead of their use, so that a join needs no disk.

import { StoreError } from '../store-error.ts';

/** Reserves `count` more numbers on disk and gives the end of all that are reserved. */
export type Reserve = (count: number) => Promise<number>;

const blockMin = 4_096;
const blockMax = 1_048_576;
/** A block is as large as what was handed out, at the speed of late, in this time: a crash skips no more than that. */
const blockLastsMs = 2_000;
/** Calls that may wait for a reservation; beyond it a call fails at once instead of filling the memory. */
const waitingMax = 10_000;

type Waiting = {
  readonly count: number;
  readonly resolve: (first: number) => void;
  readonly reject: (error: unknown) => void;
};

export class NumberBlock {
  readonly #reserve: Reserve;
  readonly #nowMs: () => number;
  /** First come, first served: while anybody waits, nobody is answered past them. */
  #waiting: Waiting[] = [];
  /** Null until the first reservation tells where the numbers go on. */
  #next: number | null = null;
  #end = 0;
  #isReserving = false;
  #reservedAtMs = 0;
  #nextAtReserve = 0;

  /** `nowMs` measures spans only; it never goes back. */
  constructor(reserve: Reserve, nowMs: () => number) {
    this.#reserve = reserve;
    this.#nowMs = nowMs;
  }

  /** The first number not handed out; null while nothing was reserved yet. */
  get next(): number | null {
    return this.#next;
  }

  /** Gives the first of `count` numbers in a row: at once if the block has them, else when the disk has reserved more. */
  take(count: number): number | Promise<number> {
    if (this.#waiting.length > 0 || this.#next === null || this.#next + count > this.#end) return this.#wait(count);
    const first = this.#next;
    this.#next += count;
    // Half of what a block lasts is ample for a disk to reserve the next one.
    if (!this.#isReserving && this.#end - this.#next < (this.#end - this.#nextAtReserve) / 2) this.#grow(0);
    return first;
  }

  /** Rejects whoever waits. */
  stop(error: StoreError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
  }

  #wait(count: number): Promise<number> {
    if (this.#waiting.length >= waitingMax) {
      return Promise.reject(new StoreError('busy', `${waitingMax} calls already wait for numbers`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ count, resolve, reject });
      if (!this.#isReserving) this.#grow(count);
    });
  }

  #grow(wanted: number): void {
    const count = wanted + this.#planSize();
    this.#isReserving = true;
    this.#reserve(count).then(
      end => {
        this.#isReserving = false;
        // An earlier reservation may have reached the disk and not us: its numbers are skipped.
        if (this.#next === null || end - count !== this.#end) this.#next = end - count;
        this.#end = end;
        this.#nextAtReserve = this.#next;
        this.#serveWaiting();
      },
      error => {
        this.#isReserving = false;
        this.stop(error);
      },
    );
  }

  #planSize(): number {
    const nowMs = this.#nowMs();
    const lastedMs = Math.max(1, nowMs - this.#reservedAtMs);
    const used = (this.#next ?? 0) - this.#nextAtReserve;
    this.#reservedAtMs = nowMs;
    return Math.min(blockMax, Math.max(blockMin, Math.ceil((used * blockLastsMs) / lastedMs)));
  }

  #serveWaiting(): void {
    let served = 0;
    let next = this.#next ?? 0;
    for (const { count, resolve } of this.#waiting) {
      if (next + count > this.#end) break;
      resolve(next);
      next += count;
      served++;
    }
    this.#next = next;
    this.#waiting = this.#waiting.slice(served);
    if (this.#waiting.length > 0) this.#grow(this.#waiting.reduce((sum, { count }) => sum + count, 0));
  }
}
