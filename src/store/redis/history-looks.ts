// When the history of one room is looked at: whenever somebody asks, one look at a time; and by itself now and then,
// because a message may be lost without anybody noticing. What a look does is left to its owner.

import { isStoreError } from '../store-error.ts';

/** Looking is thought of so often. */
const lookPeriodMs = 1_000;
/** So many looks are spared while nobody comes or goes: a connection that carries no messages is noticed by others. // ST191 */
const sparedLooksMax = 4;

export type HistoryLooksNeeds = {
  /** Whether anybody wants to know what a look would find. */
  readonly isWanted: () => boolean;
  readonly look: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
};

export class HistoryLooks {
  readonly #needs: HistoryLooksNeeds;
  #isLooking = false;
  #looksAgain = false;
  #timer: NodeJS.Timeout | null = null;
  /** Since the last time that looking was thought of. */
  #hasHeard = false;
  #hasMoved = false;
  #sparedLooks = 0;

  constructor(needs: HistoryLooksNeeds) {
    this.#needs = needs;
  }

  /** From now on looks come by themselves. */
  start(): void {
    this.#timer ??= setInterval(() => this.#thinkOfIt(), lookPeriodMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** A change was heard of, and none is missing before it. */
  heard(): void {
    this.#hasHeard = true;
  }

  /** Devices come or go: numbers are handed out, of which nobody is told. */
  heardMoved(): void {
    this.#hasMoved = true;
  }

  /** Looks now, or, where a look is under way, once more after it. */
  look(): void {
    if (!this.#needs.isWanted()) return;
    if (this.#isLooking) {
      this.#looksAgain = true;
      return;
    }
    this.#isLooking = true;
    this.#needs.look().then(
      () => this.#looked(),
      (error: unknown) => {
        // While Redis is away every look fails; the next one comes by the timer and by the next connection.
        if (!isStoreError(error, 'unavailable')) this.#needs.onFailure(error);
        this.#looksAgain = false;
        this.#looked();
      },
    );
  }

  #looked(): void {
    this.#isLooking = false;
    if (!this.#looksAgain) return;
    this.#looksAgain = false;
    this.look();
  }

  /**
   * Whoever heard of a change, and of none missing before it, a moment ago has lost no message. Where nobody moves either a
   * lost message, a pause say, is found after 5 s.
   */
  #thinkOfIt(): void {
    const isSpared = this.#hasHeard || !this.#hasMoved;
    this.#hasHeard = false;
    this.#hasMoved = false;
    if (isSpared && this.#sparedLooks < sparedLooksMax) {
      this.#sparedLooks += 1;
      return;
    }
    this.#sparedLooks = 0;
    this.look();
  }
}
