// A room under random devices, operators and faults, compared with the naive room after every step.

import { type SeededRandom, seededRandom } from '../../loadtest/seeded-random.ts';
import { standingOf } from '../../src/flow/status.ts';
import type { RoomAnswer, RoomRequest } from '../../src/queue/answer-request.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import { MemoryStore, type StoreFate } from '../support/memory-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { compareWithNaive } from './compare-with-naive.ts';
import { must, NaiveRoom } from './naive-room.ts';
import { choosePace, chooseRules, drawnPlaces } from './random-rules.ts';
import { RoomProcess } from './room-process.ts';

type Device = {
  readonly number: number;
  connections: number;
  /** Takes its turn when it is called, and comes back after a crash. */
  eager: boolean;
  asksAtMs: number;
  isInside: boolean;
};

/** What a caller saw when it decided on a commit. */
type Decision = {
  readonly changes: readonly string[];
  readonly seen: { readonly places: ReadonlySet<number>; readonly drawn: number };
  readonly atMs: number;
};

const devicesMax = 120;

export class SimulatedRoom {
  readonly clock = new VirtualClock();
  readonly store = new MemoryStore(this.clock);
  readonly rules: RoomRules;
  readonly failures: unknown[] = [];
  readonly naive: NaiveRoom;
  readonly #random: SeededRandom;
  readonly #devices: Device[] = [];
  readonly #decisions = new Map<number, Decision[]>();
  readonly #drawTakesMs: number;
  #process: RoomProcess | null = null;
  #processes = 0;
  #passes = 0;
  #frontierSeen = 0;
  #faultShare: number;
  #slowShare: number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.rules = chooseRules(this.#random, this.clock.nowMs());
    this.naive = new NaiveRoom(this.rules);
    this.#drawTakesMs = this.#random.between(0, 400);
    this.#faultShare = this.#random.chance(0.5) ? 0 : this.#random.between(0, 0.03);
    this.#slowShare = this.#random.chance(0.5) ? 0 : this.#random.between(0, 0.3);
    this.store.fate = () => this.#fate();
    this.store.follow(this.rules.id, 0, changes => this.#onCommitted(changes));
  }

  get admitted(): number {
    return this.naive.everAdmitted.size;
  }

  async run(steps: number): Promise<void> {
    this.#start();
    for (let step = 0; step < steps; step += 1) {
      this.#act();
      for (const device of this.#devices) this.#live(device);
      await this.clock.advance(this.#random.between(0, 400));
      this.#check();
    }
    await this.#endWell();
  }

  #act(): void {
    const { fraction } = this.#random;
    const draw = fraction();
    const process = this.#process;
    if (draw < 0.25) this.#join();
    else if (draw < 0.35) this.#withDevice(device => this.#connect(device));
    else if (draw < 0.45) this.#withDevice(device => this.#disconnect(device));
    else if (draw < 0.48) this.#withDevice(device => this.#poll(device));
    else if (draw < 0.51) this.#withDevice(device => this.#leave(device));
    else if (draw < 0.54) this.#withDevice(device => this.#claim(device));
    else if (draw < 0.57) this.#ask({ kind: 'hold', hold: 'paused', on: fraction() < 0.4 });
    else if (draw < 0.6) this.#ask({ kind: 'hold', hold: 'shop-down', on: fraction() < 0.4 });
    else if (draw < 0.64) this.#ask({ kind: 'settings', settings: { pacePerMinute: choosePace(this.#random) } });
    else if (draw < 0.67) this.#ask({ kind: 'settings', settings: { activeCap: 1 + Math.floor(fraction() * 20) } });
    else if (draw < 0.75) this.#usePasses();
    else if (draw < 0.78) this.#endPass();
    else if (draw < 0.8 && process !== null) {
      process.kill();
      this.#process = null;
    } else if (draw < 0.95 && process === null) this.#start();
  }

  #start(): void {
    this.#processes += 1;
    const process = new RoomProcess({
      rules: this.rules,
      clock: this.clock,
      store: this.store,
      holder: `gateway-${this.#processes}`,
      newPassId: () => {
        this.#passes += 1;
        return `pass-${this.#passes}`;
      },
      drawnPlaces: drawn => drawnPlaces(drawn),
      drawTakesMs: this.#drawTakesMs,
      onCommit: (version, changes, { places, drawn }) => {
        const decisions = this.#decisions.get(version) ?? [];
        const seen = { places: new Set(places.places()), drawn };
        decisions.push({ changes: changes.map(encode), seen, atMs: this.clock.nowMs() });
        this.#decisions.set(version, decisions);
      },
      onFailure: error => this.failures.push(error),
    });
    this.#process = process;
    for (const device of this.#devices) device.connections = 0;
    process.start().catch((error: unknown) => {
      // The store refused to be read: the gateway is started again, as a supervisor would.
      if (this.#process === process) this.#process = null;
      process.kill();
      if (!String(error).includes('did not answer')) this.failures.push(error);
    });
  }

  #join(): void {
    if (this.#devices.length >= devicesMax || this.#process?.isReady !== true) return;
    if (this.naive.phase === 'closed') return;
    const number = this.store.takeNumbers(this.rules.id, 1);
    const device: Device = {
      number,
      connections: 0,
      eager: this.#random.chance(0.8),
      asksAtMs: 0,
      isInside: false,
    };
    this.#devices.push(device);
    if (this.#random.chance(0.2)) this.#askFor(device, place => ({ kind: 'enter', place }));
    else if (this.#random.chance(0.9)) this.#connect(device);
  }

  /** What a device does by itself: it reconnects, claims when called, and asks again while it is entering. */
  #live(device: Device): void {
    const view = this.#process?.isReady === true ? this.#process.view : null;
    if (view === null || !device.eager) return;
    if (device.connections === 0 && this.#random.chance(0.1)) this.#connect(device);
    if (this.clock.nowMs() < device.asksAtMs) return;
    const { state } = standingOf(view, device.number, false);
    if (state === 'called' || (state === 'missed' && this.#random.chance(0.2))) {
      device.asksAtMs = this.clock.nowMs() + this.#random.between(500, 3_000);
      this.#claim(device);
    }
  }

  #connect(device: Device): void {
    if (this.#process?.isReady !== true || device.connections > 2) return;
    device.connections += 1;
    this.#process.view.attach(device.number);
  }

  #disconnect(device: Device): void {
    if (this.#process?.isReady !== true || device.connections === 0) return;
    device.connections -= 1;
    this.#process.view.detach(device.number);
  }

  #poll(device: Device): void {
    if (this.#process?.isReady !== true) return;
    this.#process.view.touch(device.number, this.clock.nowMs() + 1_000 + this.rules.graceTimeMs);
  }

  #leave(device: Device): void {
    if (this.#process?.isReady !== true) return;
    this.#process.view.forget(device.number);
    this.#askFor(device, place => ({ kind: 'leave', place }));
  }

  #claim(device: Device): void {
    this.#askFor(device, place => ({ kind: 'claim', place }));
  }

  #usePasses(): void {
    this.#ask({ kind: 'use-passes', passIds: [...this.naive.passes.keys()].filter(() => this.#random.chance(0.5)) });
  }

  #endPass(): void {
    const [passId] = this.naive.passes.keys();
    if (passId !== undefined) this.#ask({ kind: 'end-pass', passId, cause: 'shop' });
  }

  #askFor(device: Device, request: (place: number) => RoomRequest): void {
    const place = this.#process?.isReady === true ? this.#process.view.placeOf(device.number) : null;
    if (place === null || place === undefined) return;
    this.#ask(request(place), answer => {
      if (answer.kind === 'admitted') device.isInside = true;
      // P6: what was answered is committed.
      if (answer.kind === 'admitted') must(this.#wasCommitted(place), 'P6', `${place} was let in without a commit`);
    });
  }

  /** Asking may fail while the store does; a device asks again. */
  #ask(request: RoomRequest, onAnswer: (answer: RoomAnswer) => void = () => undefined): void {
    if (this.#process?.isReady !== true) return;
    this.#process.caller.ask(request).then(
      answer => {
        try {
          onAnswer(answer);
        } catch (error) {
          this.failures.push(error);
        }
      },
      () => undefined,
    );
  }

  #wasCommitted(place: number): boolean {
    return this.store
      .changesSinceSnapshot(this.rules.id)
      .some(change => change.kind === 'admitted' && change.passes.some(pass => pass.place === place));
  }

  #withDevice(act: (device: Device) => void): void {
    const device = this.#devices[Math.floor(this.#random.fraction() * this.#devices.length)];
    if (device !== undefined) act(device);
  }

  #fate(): StoreFate {
    const { between, chance } = this.#random;
    const delayMs = chance(this.#slowShare) ? between(0, 300) : 0;
    if (!chance(this.#faultShare)) return { delayMs, outcome: 'answered' };
    return { delayMs: delayMs + 1, outcome: chance(0.5) ? 'refused' : 'answer-lost' };
  }

  #onCommitted(changes: readonly RoomChange[]): void {
    for (let index = 0; index < changes.length; ) {
      const rest = changes.slice(index).map(encode);
      const decision = this.#decisions
        .get(this.naive.version)
        ?.find(each => each.changes.every((change, at) => change === rest[at]));
      must(decision !== undefined, 'P6', `change ${this.naive.version} was committed and nobody decided it`);
      for (const change of changes.slice(index, index + decision.changes.length)) {
        const seen = decision.seen.drawn === this.naive.drawn ? decision.seen.places : new Set<number>();
        this.naive.take(change, seen, decision.atMs);
      }
      index += decision.changes.length;
    }
  }

  #check(): void {
    const [failure] = this.failures;
    if (failure !== undefined) throw failure;
    must(this.naive.frontier >= this.#frontierSeen, 'P2', 'the frontier went back');
    this.#frontierSeen = this.naive.frontier;
    const view = this.#process?.isReady === true ? this.#process.view : null;
    if (view === null || view.state.version !== this.naive.version) return;
    const numbers = this.#devices.map(({ number }) => number);
    compareWithNaive(view, this.naive, numbers, number => this.#placeOf(number));
  }

  #placeOf(number: number): number {
    return number < this.naive.drawn ? (drawnPlaces(this.naive.drawn)[number] ?? number) : number;
  }

  /** All faults end, everybody is there and takes their turn: everybody gets in. */
  async #endWell(): Promise<void> {
    this.#faultShare = 0;
    this.#slowShare = 0;
    await this.clock.advance(5_000);
    if (this.#process === null) this.#start();
    await this.clock.advance(5_000);
    this.#ask({ kind: 'phase', phase: 'open' });
    this.#ask({ kind: 'hold', hold: 'paused', on: false });
    this.#ask({ kind: 'hold', hold: 'shop-down', on: false });
    this.#ask({ kind: 'settings', settings: { pacePerMinute: 3_000, activeCap: devicesMax } });
    await this.clock.advance(3_000);
    for (const device of this.#devices) {
      device.eager = true;
      // Also those who left with a socket still open: they come back with a new one.
      this.#process?.view.attach(device.number);
    }
    for (let round = 0; round < 60; round += 1) {
      for (const device of this.#devices) {
        // The shortest claim windows are a second long: now nobody is too slow for them.
        device.asksAtMs = 0;
        this.#live(device);
      }
      await this.clock.advance(500);
      this.#check();
    }
    const waiting = this.#devices.filter(({ number }) => !this.naive.everAdmitted.has(this.#placeOf(number)));
    const standings = waiting.map(({ number }) => {
      const view = this.#process?.view;
      return view === undefined ? 'no gateway' : `${number}: ${JSON.stringify(standingOf(view, number, false))}`;
    });
    const { phase, holds, settings, passes, calls } = this.#process?.view.state ?? {};
    const room = JSON.stringify({
      phase,
      holds: [...(holds ?? [])],
      settings,
      inside: passes?.size,
      calls: calls?.size,
    });
    must(waiting.length === 0, 'P2', `some devices never got in: ${standings.join('; ')} of ${room}`);
  }
}

function encode(change: RoomChange): string {
  return JSON.stringify(change);
}
