// Tells operators of a trouble once when it begins and once when it is over, though it comes and goes and its reason
// changes to and fro meanwhile. What fans see follows the trouble itself.

import type { Clock } from './clock.ts';

/** What holds for so long is told: an end, or another reason. */
const settledMs = 2_500;

export class TroubleTeller {
  readonly #clock: Clock;
  readonly #tell: (reason: string | null) => void;
  #told: string | null = null;
  #now: string | null = null;
  #stopTimer: (() => void) | null = null;

  constructor(clock: Clock, tell: (reason: string | null) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  hear(reason: string | null): void {
    if (reason === this.#now) return;
    this.#now = reason;
    this.stop();
    if (this.#told === null) this.#settle();
    else if (reason !== this.#told) this.#stopTimer = this.#clock.after(settledMs, () => this.#settle());
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
  }

  #settle(): void {
    if (this.#now === this.#told) return;
    this.#told = this.#now;
    this.#tell(this.#now);
  }
}
