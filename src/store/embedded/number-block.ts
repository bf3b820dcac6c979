// Arrival numbers of one room out of blocks that are reserved on disk ahead of their use, so that a join needs no disk.

/** Reserves all numbers below `upTo`; resolves when that is on disk. */
export type Reserve = (upTo: number) => Promise<void>;

const blockMin = 1_024;
const blockMax = 1_048_576;
/** A block should last at least this long; if it did not, the next one is twice as large. */
const blockLastsMs = 2_000;

export class NumberBlock {
  readonly #reserve: Reserve;
  readonly #nowMs: () => number;
  #next: number;
  #end: number;
  #size = blockMin;
  #reservedAtMs = 0;
  #reserving: Promise<void> | null = null;

  constructor(first: number, reserve: Reserve, nowMs: () => number) {
    this.#next = first;
    this.#end = first;
    this.#reserve = reserve;
    this.#nowMs = nowMs;
  }

  /** Every number handed out so far is lower. */
  get next(): number {
    return this.#next;
  }

  /** Gives the first of `count` numbers in a row: at once if the block has them, else when the disk has reserved more. */
  take(count: number): number | Promise<number> {
    if (this.#next + count > this.#end) return this.#takeLater(count);
    const first = this.#next;
    this.#next += count;
    if (this.#end - this.#next < this.#size / 2 && this.#reserving === null) {
      // A failure shows again, and is answered, when the block runs out.
      this.#grow(count).catch(() => undefined);
    }
    return first;
  }

  async #takeLater(count: number): Promise<number> {
    while (this.#next + count > this.#end) await (this.#reserving ?? this.#grow(count));
    const first = this.#next;
    this.#next += count;
    return first;
  }

  #grow(count: number): Promise<void> {
    const nowMs = this.#nowMs();
    if (nowMs - this.#reservedAtMs < blockLastsMs) this.#size = Math.min(blockMax, this.#size * 2);
    this.#reservedAtMs = nowMs;
    const end = Math.max(this.#end, this.#next + count) + this.#size;
    this.#reserving = this.#reserve(end)
      .then(() => {
        this.#end = end;
      })
      .finally(() => {
        this.#reserving = null;
      });
    return this.#reserving;
  }
}
