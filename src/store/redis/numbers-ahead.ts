// Numbers that a gateway took a moment ahead of those who will ask for them, so that in a rush nobody has to wait for the
// store. They are good for so short a time that between gateways arrivals further apart stay in order.

/** A number is handed out so long after the store was asked for it, and no later. */
export const aheadMsMax = 10;
/** Fewer calls between two questions to the store are no rush: then nothing is taken ahead, and nothing left over. */
const rushCallsMin = 16;
/** Questions to the store further apart are no rush. */
const rushGapMsMax = 8;
const aheadMax = 1_024;
/** In hand for what comes until the next answer of the store, which is asked at this distance. */
const stockShare = 1.5;

type Block = { next: number; readonly end: number; readonly askedAtMs: number };

export class NumbersAhead {
  #blocks: Block[] = [];
  #handedOut = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  /** The first of `count` numbers in a row; null: there are none that are fresh. */
  take(count: number, nowMs: number): number | null {
    for (let block = this.#blocks[0]; block !== undefined; block = this.#blocks[0]) {
      if (block.next + count <= block.end && nowMs - block.askedAtMs <= aheadMsMax) {
        const first = block.next;
        block.next += count;
        this.used(count);
        return first;
      }
      this.#blocks.shift();
    }
    return null;
  }

  /** Numbers up to `end` came with the answer to a question of that instant. */
  add(first: number, end: number, askedAtMs: number): void {
    if (end > first) this.#blocks.push({ next: first, end, askedAtMs });
  }

  /** How many to take ahead with a question that is sent now, for `asked` numbers that are waited for. */
  wanted(asked: number, nowMs: number): number {
    const used = asked + this.#handedOut;
    const isRush = used >= rushCallsMin && nowMs - this.#askedAtMs <= rushGapMsMax;
    this.#handedOut = 0;
    this.#askedAtMs = nowMs;
    if (!isRush) return 0;
    return Math.max(0, Math.min(aheadMax, Math.ceil(used * stockShare)) - this.#left());
  }

  /** So many were handed out as soon as they came. */
  used(count: number): void {
    this.#handedOut += count;
  }

  /** Whoever comes from now on gets numbers that the store has not given yet. */
  forget(): void {
    this.#blocks = [];
  }

  #left(): number {
    return this.#blocks.reduce((sum, { next, end }) => sum + end - next, 0);
  }
}
