// Which arrival numbers the simulated servers give, and which of these may come a second time: only what one loss after
// another took from the server, and the gateway that asks has not heard of either. Everything else is promised.

import { keysOfRoom } from '../../src/store/redis/keys.ts';
import { keyPrefix } from './gateway-of-many.ts';
import type { SimulatedNetwork } from './redis/simulated-network.ts';
import type { Ran } from './redis/simulated-redis.ts';

/** From one loss to the next. Numbers below `from` were behind whatever was known when it began: none comes twice. */
type Era = { readonly server: Ran['server']; from: number };

/** On an emptied server numbers begin behind so many losses, unless the room draws. // ST193 */
const emptiedSkips = 16;

export class GivenNumbers {
  readonly #network: SimulatedNetwork;
  readonly #key: string;
  readonly #givenIn = new Map<number, Era>();
  readonly #broken = new Set<number>();
  readonly #excused = new Set<number>();
  #era: Era | null = null;

  constructor(network: SimulatedNetwork, room: string) {
    this.#network = network;
    this.#key = keysOfRoom(keyPrefix, room).numbers;
  }

  flushed(): void {
    this.#era = null;
  }

  /** A script is about to be run on the server that answers now. */
  asked(given: Ran['given']): void {
    const { server } = this.#network;
    const [, floor = 0, , skip = 0, mayHaveGaps] = given.map(Number);
    const stored = server.field(this.#key, 'next');
    const next = Number(stored ?? '0');
    if (this.#era !== null && this.#era.server === server && floor <= next) return;
    const known = Math.max(next, floor);
    // Who knows of no number can be told of none, but for what every emptied server skips.
    const isEmptied = server.flushes > 0 && stored === undefined && mayHaveGaps === 1;
    const skipped = known > 0 ? known + skip : isEmptied ? emptiedSkips * skip : 0;
    this.#era = { server, from: skipped };
  }

  ran({ server, script, given, reply }: Ran): void {
    const era = this.#era;
    if (script.name !== 'take-numbers' || era === null || server !== this.#network.server) return;
    const first = Number(reply);
    for (let number = first; number < first + Number(given[0]); number += 1) {
      const before = this.#givenIn.get(number);
      if (before !== undefined) (before !== era && number >= era.from ? this.#excused : this.#broken).add(number);
      this.#givenIn.set(number, era);
    }
  }

  mayComeTwice(number: number): boolean {
    return this.#excused.has(number) && !this.#broken.has(number);
  }
}
