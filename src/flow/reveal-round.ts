// One drand round that a reveal waits for: asks the source for it again and again until it is there. Whether the wait is
// over is the reveal's to say: who no longer looks no longer asks.

import type { DrandChain, DrandRound, FetchRound } from '../draw/drand-chain.ts';
import type { Clock } from './clock.ts';

const askAgainMs = 300;

export class RoundWatch {
  readonly #fetch: FetchRound;
  readonly #clock: Clock;
  #watched: string | null = null;
  #found: DrandRound | null = null;
  #isAsking = false;
  #askAtMs = 0;

  constructor(fetch: FetchRound, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** The round if it is there; else asks for it, once at a time, and gives null. */
  look(chain: DrandChain, round: number): DrandRound | null {
    const name = `${chain.hash}/${round}`;
    if (name !== this.#watched) {
      this.#watched = name;
      this.#found = null;
      this.#askAtMs = 0;
    }
    if (this.#found === null && !this.#isAsking && this.#clock.nowMs() >= this.#askAtMs) {
      this.#isAsking = true;
      this.#ask(chain, round, name).finally(() => {
        this.#isAsking = false;
        this.#askAtMs = this.#clock.nowMs() + askAgainMs;
      });
    }
    return this.#found;
  }

  async #ask(chain: DrandChain, round: number, name: string): Promise<void> {
    // A source that fails is one that has no round now: the same answer, and it is asked again.
    const found = await this.#fetch(chain, round).catch(() => null);
    if (this.#watched === name) this.#found = found;
  }
}
