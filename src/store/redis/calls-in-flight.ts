// The calls that wait for an answer of Redis: each with a deadline of ours, because a command that was in flight when its
// connection closed never settles by itself. Whether a call may go at all is left to the link.

import type { StoreError } from '../store-error.ts';
import { unavailable } from './server-error.ts';

/** After so long an answer is taken for lost. The command may still be carried out. */
const answerMsMax = 1_500;

export class CallsInFlight {
  readonly #word: (error: unknown) => StoreError;
  readonly #pending = new Set<(error: StoreError) => void>();
  #isSilent = false;
  #refusedAtMs = Number.NEGATIVE_INFINITY;

  /** `word` says of an error that Redis answered what it means. */
  constructor(word: (error: unknown) => StoreError) {
    this.#word = word;
  }

  get count(): number {
    return this.#pending.size;
  }

  /** True from a missed deadline until `answered`. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** When Redis last answered a command with an error. */
  get refusedAtMs(): number {
    return this.#refusedAtMs;
  }

  answered(): void {
    this.#isSilent = false;
  }

  /** The answer to a command, if it comes in time. Rejects with StoreError. */
  within<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#pending.delete(fail);
      };
      const fail = (error: StoreError) => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => {
        this.#isSilent = true;
        fail(unavailable(`Redis gave no answer within ${answerMsMax} ms`));
      }, answerMsMax);
      this.#pending.add(fail);
      send().then(
        answer => {
          settle();
          resolve(answer);
        },
        (error: unknown) => {
          this.#refusedAtMs = performance.now();
          fail(this.#word(error));
        },
      );
    });
  }

  /** The connection is gone, and with it every answer. */
  failAll(reason: string): void {
    this.#isSilent = false;
    for (const fail of [...this.#pending]) fail(unavailable(reason));
  }
}
