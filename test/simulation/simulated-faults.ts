// What goes wrong between simulated gateways and their store, out of a seed: what becomes of each call, and at which instant
// a gateway dies. Every fault is told as it occurs, so that a run can show what it went through.

import type { SeededRandom } from '../../loadtest/seeded-random.ts';
import type { GatewayOfMany } from './gateway-of-many.ts';
import { type CallFate, linkSteps } from './redis/simulated-link.ts';

const instants: readonly string[] = linkSteps.flatMap(step => [`before ${step}`, `after ${step}`]);

/** Every kind of fault that must occur for a run to prove anything. */
export const faultKinds: readonly string[] = [
  ...['an answer late', 'an answer lost', 'a call lost', 'a call carried out twice', 'a message lost'],
  ...['a call carried out after it was given up', 'a gateway cut off', 'a gateway frozen', 'a gateway killed'],
  ...[
    'a failover',
    'the end of the history lost',
    'the end of the history put back',
    'the end of the history given up',
  ],
  ...['a snapshot written', 'everything flushed', 'a gateway stopped', 'a device on another gateway'],
  ...['a device gone for longer than its grace time', 'a listening connection dead'],
  ...instants.map(instant => `a crash ${instant}`),
];

export class SimulatedFaults {
  readonly told: (fault: string) => void;
  readonly #random: SeededRandom;
  #faultShare: number;
  #slowShare: number;
  /** Where the next crash comes, and how often that instant passes before. */
  #crashAt: string | null;
  #crashAfter: number;

  constructor(seed: number, random: SeededRandom, told: (fault: string) => void) {
    this.told = told;
    this.#random = random;
    this.#faultShare = random.chance(0.5) ? 0 : random.between(0, 0.05);
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

  /** After a failover, mostly at once, and now and then too late for what only this gateway knows. */
  connectMs(): number {
    const { between, chance } = this.#random;
    return chance(0.9) ? between(0, 300) : between(300, 6_000);
  }

  /** True: the gateway died at this instant. */
  killAt(instant: string, gateway: GatewayOfMany): boolean {
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
    gateway.link.cut();
  }

  /** Mostly there is soon another connection; else nothing is heard for so long that it is trouble. */
  deafen(gateway: GatewayOfMany | undefined): void {
    if (gateway === undefined) return;
    this.told('a listening connection dead');
    const { between, chance } = this.#random;
    gateway.link.deafen(between(0, 3_500), chance(0.6) ? between(0, 300) : between(300, 6_000));
  }

  /** From now on all goes well. */
  end(): void {
    this.#faultShare = 0;
    this.#slowShare = 0;
    this.#crashAt = null;
  }
}
