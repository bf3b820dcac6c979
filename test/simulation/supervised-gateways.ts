// The gateways of a simulated room as a supervisor keeps them: so many at most, each under a name of its own, and another one
// for one that died. Wires each to the network, the faults and what follows its commits.

import type { SeededRandom } from '../../loadtest/seeded-random.ts';
import type { Clock } from '../../src/flow/clock.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import type { CommittedLine } from './committed-line.ts';
import { drawnPlaces } from './drawn-lists.ts';
import { GatewayOfMany } from './gateway-of-many.ts';
import type { GivenNumbers } from './given-numbers.ts';
import type { SimulatedNetwork } from './redis/simulated-network.ts';
import type { Ran } from './redis/simulated-redis.ts';
import type { SimulatedFaults } from './simulated-faults.ts';

export const gatewaysMax = 3;
/** Longer than gateways that go missing one after another are waited for together. */
const endedLatelyMs = 20_000;

export type SupervisedGatewaysNeeds = {
  readonly rules: RoomRules;
  readonly random: SeededRandom;
  readonly clock: Clock;
  readonly network: SimulatedNetwork;
  readonly faults: SimulatedFaults;
  readonly line: () => CommittedLine;
  readonly given: GivenNumbers;
  readonly changesPerSnapshot: number;
  readonly onFailure: (error: unknown) => void;
};

export class SupervisedGateways {
  readonly #needs: SupervisedGatewaysNeeds;
  readonly #everStarted = new Map<string, GatewayOfMany>();
  #alive: GatewayOfMany[] = [];

  constructor(needs: SupervisedGatewaysNeeds) {
    this.#needs = needs;
  }

  /** Those that were alive when it was looked last. */
  get all(): readonly GatewayOfMany[] {
    return this.#alive;
  }

  /** Of whose last word is over since not long ago. */
  get leasesEnded(): number {
    const nowMs = this.#needs.clock.nowMs();
    const ended = ({ saidUntilMs }: GatewayOfMany) => saidUntilMs <= nowMs && saidUntilMs > nowMs - endedLatelyMs;
    return [...this.#everStarted.values()].filter(ended).length;
  }

  any(): GatewayOfMany | undefined {
    return this.#alive[Math.floor(this.#needs.random.fraction() * this.#alive.length)];
  }

  /** Lets go of the dead, and mostly starts another one for them in a while. */
  replaceDead(): void {
    this.#alive = this.#alive.filter(({ isAlive }) => isAlive);
    if (this.#alive.length < gatewaysMax && this.#needs.random.chance(0.4)) this.start();
  }

  /** Lets go also of those that could not even start. */
  replaceUnready(): void {
    this.#alive = this.#alive.filter(({ isReady }) => isReady);
    if (this.#alive.length === 0) this.start();
  }

  /** As on SIGTERM. */
  stop(gateway: GatewayOfMany | undefined): void {
    if (gateway?.isReady !== true) return;
    this.#needs.faults.told('a gateway stopped');
    gateway.stop().catch(() => gateway.kill());
  }

  start(): void {
    const { rules, clock, network, faults, line, given, changesPerSnapshot, onFailure } = this.#needs;
    const name = `gateway-${this.#everStarted.size + 1}`;
    let passes = 0;
    const gateway: GatewayOfMany = new GatewayOfMany({
      ...{ rules, clock, name, drawnPlaces, drawTakesMs: 300, changesPerSnapshot, onFailure },
      link: {
        network,
        fate: () => faults.fate(),
        connectMs: () => faults.connectMs(),
        diesAt: instant => faults.killAt(instant, gateway),
        onFault: fault => faults.told(fault),
        beforeRun: ({ name }, args) => {
          if (name === 'take-numbers') given.asked(args);
          if (name !== 'compact') return;
          faults.told('a snapshot written');
          line().kept.look(network.server);
        },
      },
      newPassId: () => {
        passes += 1;
        return `${name}-pass-${passes}`;
      },
      onCommit: (version, changes, seen) => line().decided(gateway, version, changes, seen),
      onGivenUp: () => faults.told('the end of the history given up'),
    });
    this.#alive.push(gateway);
    this.#everStarted.set(name, gateway);
    gateway.start().catch(() => gateway.kill());
  }

  /** What a gateway says of who is there holds from when the server hears it, also when that is late. */
  ran({ script, given }: Ran): void {
    const [name, leaseMs, word] = given;
    if (script.name !== 'exchange-presence' || word === -1) return;
    const gateway = this.#everStarted.get(String(name));
    if (gateway === undefined) return;
    gateway.saidUntilMs = Math.max(gateway.saidUntilMs, this.#needs.clock.nowMs() + Number(leaseMs));
  }
}
