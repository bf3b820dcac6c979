// The devices of a simulated room of several gateways: they join, connect with any gateway, go away and come back, leave, and
// claim when it is their turn. Leaves who is really there, and who must know of it, to devices-there.ts.

import type { SeededRandom } from '../../loadtest/seeded-random.ts';
import type { Clock } from '../../src/flow/clock.ts';
import { standingOf } from '../../src/flow/status.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import type { CommittedLine } from './committed-line.ts';
import { DeviceThere } from './devices-there.ts';
import type { GatewayOfMany } from './gateway-of-many.ts';
import type { GivenNumbers } from './given-numbers.ts';
import { changesOf } from './kept-history.ts';
import { must } from './naive-room.ts';
import type { SimulatedNetwork } from './redis/simulated-network.ts';

type Device = {
  readonly there: DeviceThere;
  eager: boolean;
  asksAtMs: number;
  awayUntilMs: number;
};

export const devicesMax = 60;

export type SimulatedDevicesNeeds = {
  readonly rules: RoomRules;
  readonly draws: boolean;
  readonly random: SeededRandom;
  readonly clock: Clock;
  readonly line: CommittedLine;
  readonly network: SimulatedNetwork;
  readonly given: GivenNumbers;
  /** Who is there is kept here as well. */
  readonly there: DeviceThere[];
  readonly anyGateway: () => GatewayOfMany | undefined;
  readonly told: (fault: string) => void;
  readonly onFailure: (error: unknown) => void;
};

export class SimulatedDevices {
  readonly #needs: SimulatedDevicesNeeds;
  readonly #devices: Device[] = [];
  readonly #numbers = new Set<number>();

  constructor(needs: SimulatedDevicesNeeds) {
    this.#needs = needs;
  }

  /** Those that were never let in. */
  get waiting(): readonly DeviceThere[] {
    const { line, there } = this.#needs;
    return there.filter(({ number }) => !line.naive.everAdmitted.has(line.placeOf(number)));
  }

  join(): void {
    const { rules, draws, line, anyGateway, onFailure } = this.#needs;
    const gateway = anyGateway();
    if (gateway === undefined || this.#devices.length >= devicesMax || line.naive.phase === 'closed') return;
    Promise.resolve(gateway.store.takeNumbers(rules.id, 1, draws))
      // Where the store does not answer the device asks again some other time.
      .then(
        number => this.#joined(number),
        () => undefined,
      )
      .catch(onFailure);
  }

  moveAny(): void {
    this.#withDevice(device => this.#move(device));
  }

  sendAnyAway(): void {
    this.#withDevice(device => {
      const { random, rules, clock, told } = this.#needs;
      const awayMs = random.between(0, 4) * rules.graceTimeMs;
      if (awayMs > rules.graceTimeMs) told('a device gone for longer than its grace time');
      device.awayUntilMs = clock.nowMs() + awayMs;
      device.there.disconnect(clock.nowMs());
    });
  }

  letAnyLeave(): void {
    this.#withDevice(device => this.#leave(device));
  }

  letAnyClaim(): void {
    this.#withDevice(device => this.#askFor(device, 'claim'));
  }

  /** Whoever is there and has to do something does it. */
  live(): void {
    for (const device of this.#devices) this.#live(device);
  }

  /** From now on nobody is away or idle. */
  comeBack(): void {
    for (const device of this.#devices) {
      device.eager = true;
      device.awayUntilMs = 0;
    }
  }

  /** As `live`; `all` connect anew, or those that are with no gateway. */
  liveConnected(all: boolean): void {
    for (const device of this.#devices) {
      if (device.there.gateway === null || all) this.#move(device);
      this.#live(device);
    }
  }

  #joined(number: number): void {
    const { given, random, there, told } = this.#needs;
    if (this.#numbers.has(number)) {
      must(given.mayComeTwice(number), 'P1', `number ${number} was given twice`);
      told('a number given twice that two losses took');
      return;
    }
    this.#numbers.add(number);
    const device: Device = {
      ...{ there: new DeviceThere(number), eager: random.chance(0.85) },
      ...{ asksAtMs: 0, awayUntilMs: 0 },
    };
    this.#devices.push(device);
    there.push(device.there);
    this.#move(device);
  }

  /** The device connects with any gateway, and lets go of the one that it had. */
  #move({ there }: Device): void {
    const { anyGateway, told, clock } = this.#needs;
    const next = anyGateway();
    if (next === undefined || !next.isReady || next.isFrozen) return;
    if (there.gateway !== null && there.gateway !== next) told('a device on another gateway');
    there.connect(next, clock.nowMs());
  }

  #live(device: Device): void {
    const { random, clock } = this.#needs;
    const nowMs = clock.nowMs();
    if (!device.eager || nowMs < device.awayUntilMs) return;
    if (device.there.gateway?.isAlive !== true && random.chance(0.5)) this.#move(device);
    const { gateway } = device.there;
    if (gateway?.isReady !== true || gateway.isFrozen || nowMs < device.asksAtMs) return;
    const { state } = standingOf(gateway.view, device.there.number, false);
    if (state !== 'called' && state !== 'missed') return;
    device.asksAtMs = nowMs + random.between(500, 2_000);
    this.#askFor(device, 'claim');
  }

  #leave(device: Device): void {
    const { rules, clock, anyGateway } = this.#needs;
    const gateway = anyGateway();
    if (gateway?.isReady !== true) return;
    device.there.leave(clock.nowMs());
    gateway.view.forget(device.there.number);
    gateway.store.exchange.tellLeft(rules.id, device.there.number);
    this.#askFor(device, 'leave');
  }

  #askFor({ there }: Device, kind: 'claim' | 'leave'): void {
    const { clock, anyGateway, onFailure } = this.#needs;
    const gateway = anyGateway();
    const place = gateway?.isReady === true ? gateway.view.placeOf(there.number) : null;
    if (gateway === undefined || place === null) return;
    gateway.ask({ kind, place }).then(
      answer => {
        // The caller answers its own devices also while its view loads another history, and who has just come back to the
        // store may know another history than the one of the answer, and not know that yet.
        const isSure = gateway.epoch === null && gateway.wellSinceMs <= clock.nowMs() - 1_000;
        if (answer.kind !== 'admitted' || !gateway.isAlive || !isSure) return;
        if (gateway.view.state.passes.has(answer.passId)) return;
        if (!this.#isOver(answer.passId))
          onFailure(new Error(`P6 is broken: pass ${answer.passId} is not known where it was answered`));
      },
      () => undefined,
    );
  }

  /** What is answered is committed: since then the pass has ended, or its commit was given up. */
  #isOver(passId: string): boolean {
    const { line, network } = this.#needs;
    const changes = changesOf(line.kept.look(network.server));
    const isAdmitted = (change: RoomChange) =>
      change.kind === 'admitted' && change.passes.some(pass => pass.passId === passId);
    if (!changes.some(isAdmitted)) return line.kept.everHad(isAdmitted);
    return changes.some(change => change.kind === 'pass-ended' && change.passIds.includes(passId));
  }

  #withDevice(act: (device: Device) => void): void {
    const device = this.#devices[Math.floor(this.#needs.random.fraction() * this.#devices.length)];
    if (device !== undefined) act(device);
  }
}
