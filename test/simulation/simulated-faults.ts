// What goes wrong between simulated gateways and their store, out of a seed: what becomes of each call, and at which instant
// a gateway dies. Every fault is told as it occurs, so that a run can show what it went through.

import type { SeededRandom } from '../../loadtest/seeded-random.ts';
import type { GatewayOfMany } from './gateway-of-many.ts';
import { type CallFate, type Instant, storeSteps } from './shared-store.ts';

const instants: readonly Instant[] = storeSteps.flatMap(step => [`before ${step}` as const, `after ${step}` as const]);

/** Every kind of fault that must occur for a run to prove anything. */
export const faultKinds: readonly string[] = [
  ...['an answer late', 'an answer lost', 'a call lost', 'a call carried out twice', 'a message lost'],
  ...['a call carried out after it was given up', 'a gateway cut off', 'a gateway frozen', 'a gateway killed'],
  ...['a failover', 'the end of the history lost', 'a device on another gateway'],
  ...instants.map(instant => `a crash ${instant}`),
];

export class SimulatedFaults {
  readonly told: (fault: string) => void;
  readonly #random: SeededRandom;
  #faultShare: number;
  #slowShare: number;
  /** Where the next crash comes, and how often that instant passes before. */
  #crashAt: Instant | null;
  #crashAfter: number;

  constructor(seed: number, random: SeededRandom, told: (fault: string) => void) {
    this.told = told;
    this.#random = random;
    this.#faultShare = random.chance(0.3) ? 0 : random.between(0, 0.05);
    this.#slowShare = random.chance(0.3) ? 0 : random.between(0, 0.3);
    this.#crashAt = instants[seed % instants.length] ?? null;
    this.#crashAfter = Math.floor(random.between(0, 2));
  }

  fate(): CallFate {
    const { between, chance } = this.#random;
    const delayMs = chance(this.#slowShare) ? between(0, 800) : between(0, 4);
    if (!chance(this.#faultShare)) return { delayMs, times: 1, isAnswered: true };
    // Carried out when nobody waits for it any more.
    if (chance(0.2)) return { delayMs: between(3_000, 8_000), times: 1, isAnswered: true };
    const times = chance(0.4) ? 0 : chance(0.5) ? 1 : 2;
    return { delayMs, times, isAnswered: chance(0.5) };
  }

  /** True: the gateway died at this instant. */
  killAt(instant: Instant, gateway: GatewayOfMany): boolean {
    if (!gateway.isAlive || instant !== this.#crashAt) return false;
    this.#crashAfter -= 1;
    if (this.#crashAfter >= 0) return false;
    // The next one comes anywhere.
    this.#crashAt = instants[Math.floor(this.#random.fraction() * instants.length)] ?? null;
    this.#crashAfter = Math.floor(this.#random.between(0, 40));
    this.told(`a crash ${instant}`);
    gateway.kill();
    return true;
  }

  kill(gateway: GatewayOfMany | undefined): void {
    if (gateway === undefined) return;
    this.told('a gateway killed');
    gateway.kill();
  }

  freeze(gateway: GatewayOfMany | undefined): void {
    if (gateway === undefined) return;
    this.told('a gateway frozen');
    gateway.freeze();
  }

  cutOff(gateway: GatewayOfMany | undefined): void {
    if (gateway === undefined) return;
    this.told('a gateway cut off');
    gateway.store.isCut = true;
  }

  /** From now on all goes well. */
  end(): void {
    this.#faultShare = 0;
    this.#slowShare = 0;
    this.#crashAt = null;
  }
}
