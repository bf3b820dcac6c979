// The devices of a simulated room of one gateway: they join, connect and go, leave, and claim when it is their turn.

import type { SeededRandom } from '../../loadtest/seeded-random.ts';
import type { Clock } from '../../src/flow/clock.ts';
import { standingOf } from '../../src/flow/status.ts';
import type { RoomAnswer, RoomRequest } from '../../src/queue/answer-request.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { must, type NaiveRoom } from './naive-room.ts';
import { drawnPlaces } from './random-rules.ts';
import type { RoomProcess } from './room-process.ts';

type Device = {
  readonly number: number;
  connections: number;
  /** Takes its turn when it is called, and comes back after a crash. */
  eager: boolean;
  asksAtMs: number;
};

export const devicesMax = 120;

export type RoomDevicesNeeds = {
  readonly rules: RoomRules;
  readonly clock: Clock;
  readonly store: MemoryStore;
  readonly naive: NaiveRoom;
  readonly random: SeededRandom;
  /** The gateway, while it is ready. */
  readonly process: () => RoomProcess | null;
  readonly ask: (request: RoomRequest, onAnswer?: (answer: RoomAnswer) => void) => void;
};

export class RoomDevices {
  readonly #needs: RoomDevicesNeeds;
  readonly #devices: Device[] = [];

  constructor(needs: RoomDevicesNeeds) {
    this.#needs = needs;
  }

  get numbers(): readonly number[] {
    return this.#devices.map(({ number }) => number);
  }

  /** Those that were never let in. */
  get waiting(): readonly number[] {
    const { everAdmitted } = this.#needs.naive;
    return this.numbers.filter(number => !everAdmitted.has(this.placeOf(number)));
  }

  placeOf(number: number): number {
    const { drawn } = this.#needs.naive;
    return number < drawn ? (drawnPlaces(drawn)[number] ?? number) : number;
  }

  join(): void {
    const { rules, store, naive, random, process } = this.#needs;
    if (this.#devices.length >= devicesMax || process() === null || naive.phase === 'closed') return;
    const number = store.takeNumbers(rules.id, 1);
    const device: Device = { number, connections: 0, eager: random.chance(0.8), asksAtMs: 0 };
    this.#devices.push(device);
    if (random.chance(0.2)) this.#askFor(device, 'enter');
    else if (random.chance(0.9)) this.#connect(device);
  }

  connectAny(): void {
    this.#withDevice(device => this.#connect(device));
  }

  disconnectAny(): void {
    this.#withDevice(device => {
      const process = this.#needs.process();
      if (process === null || device.connections === 0) return;
      device.connections -= 1;
      process.view.detach(device.number);
    });
  }

  letAnyPoll(): void {
    const { rules, clock, process } = this.#needs;
    this.#withDevice(({ number }) => process()?.view.touch(number, clock.nowMs() + 1_000 + rules.graceTimeMs));
  }

  letAnyLeave(): void {
    this.#withDevice(device => {
      this.#needs.process()?.view.forget(device.number);
      this.#askFor(device, 'leave');
    });
  }

  letAnyClaim(): void {
    this.#withDevice(device => this.#askFor(device, 'claim'));
  }

  /** The gateway is gone, and with it every connection. */
  cutOff(): void {
    for (const device of this.#devices) device.connections = 0;
  }

  /** What devices do by themselves: they reconnect, claim when called, and ask again while they are entering. */
  live(): void {
    for (const device of this.#devices) this.#live(device);
  }

  /** Everybody is there from now on. Also those who left with a socket still open: they come back with a new one. */
  comeBack(): void {
    for (const device of this.#devices) {
      device.eager = true;
      this.#needs.process()?.view.attach(device.number);
    }
  }

  /** The shortest claim windows are a second long: nobody is too slow for them. */
  hurry(): void {
    for (const device of this.#devices) device.asksAtMs = 0;
  }

  #live(device: Device): void {
    const { clock, random, process } = this.#needs;
    const view = process()?.view;
    if (view === undefined || !device.eager) return;
    if (device.connections === 0 && random.chance(0.1)) this.#connect(device);
    if (clock.nowMs() < device.asksAtMs) return;
    const { state } = standingOf(view, device.number, false);
    if (state === 'called' || (state === 'missed' && random.chance(0.2))) {
      device.asksAtMs = clock.nowMs() + random.between(500, 3_000);
      this.#askFor(device, 'claim');
    }
  }

  #connect(device: Device): void {
    const process = this.#needs.process();
    if (process === null || device.connections > 2) return;
    device.connections += 1;
    process.view.attach(device.number);
  }

  #askFor({ number }: Device, kind: 'enter' | 'leave' | 'claim'): void {
    const { ask, process } = this.#needs;
    const place = process()?.view.placeOf(number) ?? null;
    if (place === null) return;
    ask({ kind, place }, answer => {
      // What was answered is committed.
      if (answer.kind === 'admitted') must(this.#wasCommitted(place), 'P6', `${place} was let in without a commit`);
    });
  }

  #wasCommitted(place: number): boolean {
    const { store, rules } = this.#needs;
    return store
      .changesSinceSnapshot(rules.id)
      .some(change => change.kind === 'admitted' && change.passes.some(pass => pass.place === place));
  }

  #withDevice(act: (device: Device) => void): void {
    const device = this.#devices[Math.floor(this.#needs.random.fraction() * this.#devices.length)];
    if (device !== undefined) act(device);
  }
}
