// A room of several gateways under random devices, operators and faults of the store between them, checked against the
// naive room after every step: P1 to P5 hold whatever is late, lost, doubled, cut off, frozen, killed or forgotten.

import { type SeededRandom, seededRandom } from '../../loadtest/seeded-random.ts';
import { standingOf } from '../../src/flow/status.ts';
import type { RoomRequest } from '../../src/queue/answer-request.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import { testRules } from '../support/room-turns.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { drawnPlaces } from './drawn-lists.ts';
import { GatewayOfMany } from './gateway-of-many.ts';
import { must, NaiveRoom } from './naive-room.ts';
import { changesOf, SharedServer } from './shared-server.ts';
import { MessageRoom, SharedStore } from './shared-store.ts';
import { SimulatedFaults } from './simulated-faults.ts';

type Device = {
  readonly number: number;
  gateway: GatewayOfMany | null;
  eager: boolean;
  asksAtMs: number;
};

type Decision = {
  readonly changes: readonly string[];
  readonly places: ReadonlySet<number>;
  readonly drawn: number;
  readonly atMs: number;
};

const gatewaysMax = 3;
const devicesMax = 60;

export class SimulatedGateways {
  readonly clock = new VirtualClock();
  readonly failures: unknown[] = [];
  readonly rules: RoomRules;
  readonly naive: NaiveRoom;
  readonly #random: SeededRandom;
  readonly #server: SharedServer;
  readonly #messages = new MessageRoom();
  readonly #devices: Device[] = [];
  readonly #numbers = new Set<number>();
  readonly #decisions = new Map<number, Decision[]>();
  readonly #faults: SimulatedFaults;
  #gateways: GatewayOfMany[] = [];
  #count = 0;
  /** Told of every fault as it occurs. */
  constructor(seed: number, onFault: (fault: string) => void = () => undefined) {
    this.#random = seededRandom(seed);
    this.#faults = new SimulatedFaults(seed, this.#random, onFault);
    const { random } = { random: this.#random };
    const hasLobby = random.chance(0.3);
    this.rules = {
      ...testRules,
      opensAtMs: hasLobby ? this.clock.nowMs() : null,
      startsAtMs: hasLobby ? this.clock.nowMs() + random.between(3_000, 15_000) : null,
      pacePerMinute: Math.floor(10 ** random.between(1.7, 3.5)),
      activeCap: 1 + Math.floor(random.between(0, 20)),
      claimWindowMs: random.between(2_000, 8_000),
      graceTimeMs: random.between(1_000, 4_000),
      passIdleMs: random.between(4_000, 12_000),
      passMaxMs: random.between(8_000, 30_000),
    };
    this.naive = new NaiveRoom(this.rules);
    this.#server = new SharedServer(() => this.clock.nowMs());
  }

  get admitted(): number {
    return this.naive.everAdmitted.size;
  }

  async run(steps: number): Promise<void> {
    for (let count = 0; count < gatewaysMax; count += 1) this.#startGateway();
    for (let step = 0; step < steps; step += 1) {
      this.#act();
      for (const device of this.#devices) this.#live(device);
      await this.clock.advance(this.#random.between(0, 500));
      this.#check();
      // Something was committed and no living gateway has heard of it: the best instant to lose it.
      if (this.#known < this.#server.version && this.#random.chance(0.5)) this.#failOver();
    }
    await this.#endWell();
  }

  #act(): void {
    const draw = this.#random.fraction();
    const gateway = this.#any();
    if (draw < 0.3) this.#join();
    else if (draw < 0.36) this.#withDevice(device => this.#move(device));
    else if (draw < 0.4) this.#withDevice(device => this.#leave(device));
    else if (draw < 0.44) this.#withDevice(device => this.#askFor(device, 'claim'));
    else if (draw < 0.47) this.#ask({ kind: 'hold', hold: 'paused', on: this.#random.chance(0.3) });
    else if (draw < 0.5) this.#ask({ kind: 'settings', settings: { pacePerMinute: this.#choosePace() } });
    else if (draw < 0.53) this.#ask({ kind: 'settings', settings: { activeCap: 1 + Math.floor(draw * 30) } });
    else if (draw < 0.6) this.#ask({ kind: 'use-passes', passIds: [...this.naive.passes.keys()] });
    else if (draw < 0.63) this.#endPass();
    else if (draw < 0.66) this.#faults.kill(gateway);
    else if (draw < 0.7) this.#faults.freeze(gateway);
    else if (draw < 0.78) for (const each of this.#gateways) each.thaw();
    else if (draw < 0.81) this.#faults.cutOff(gateway);
    else if (draw < 0.88) for (const each of this.#gateways) each.store.isCut = false;
    else if (draw < 0.9) this.#failOver();
    this.#gateways = this.#gateways.filter(({ isAlive }) => isAlive);
    if (this.#gateways.length < gatewaysMax && this.#random.chance(0.4)) this.#startGateway();
  }

  /** What no living gateway has been given is gone; so are the last lead, and who is present. */
  #failOver(): void {
    const kept = this.#known;
    if (kept < this.naive.version) return;
    this.#faults.told('a failover');
    if (kept < this.#server.version) this.#faults.told('the end of the history lost');
    this.#server.loseEnd(Math.min(kept, this.#server.version));
    for (const version of this.#decisions.keys()) if (version >= kept) this.#decisions.delete(version);
  }

  /** How many changes some living gateway has been given. */
  get #known(): number {
    return Math.max(0, ...this.#gateways.map(({ store }) => store.version));
  }

  #startGateway(): void {
    this.#count += 1;
    const name = `gateway-${this.#count}`;
    let tags = 0;
    const store = new SharedStore({
      ...{ server: this.#server, messages: this.#messages, clock: this.clock, instance: name },
      fate: () => this.#faults.fate(),
      diesAt: instant => this.#faults.killAt(instant, gateway),
      onFault: fault => this.#faults.told(fault),
      newTag: () => {
        tags += 1;
        return `${name}-${tags}`;
      },
    });
    let passes = 0;
    const gateway: GatewayOfMany = new GatewayOfMany({
      ...{ rules: this.rules, clock: this.clock, store, name, drawnPlaces, drawTakesMs: 300 },
      newPassId: () => {
        passes += 1;
        return `${name}-pass-${passes}`;
      },
      onCommit: (version, changes, { places, drawn }) => {
        const decisions = this.#decisions.get(version) ?? [];
        const seen = { places: new Set(places.places()), drawn };
        decisions.push({ changes: changes.map(encode), ...seen, atMs: this.clock.nowMs() });
        this.#decisions.set(version, decisions);
      },
      onFailure: error => this.failures.push(error),
    });
    this.#gateways.push(gateway);
    gateway.start().catch(() => gateway.kill());
  }

  #join(): void {
    const gateway = this.#any();
    if (gateway === undefined || this.#devices.length >= devicesMax || this.naive.phase === 'closed') return;
    gateway.store
      .takeNumbers('', 1)
      .then(
        number => {
          must(!this.#numbers.has(number), 'P1', `number ${number} was given twice`);
          this.#numbers.add(number);
          const device: Device = { number, gateway: null, eager: this.#random.chance(0.85), asksAtMs: 0 };
          this.#devices.push(device);
          this.#move(device);
        },
        // The store did not answer: the device asks again some other time.
        () => undefined,
      )
      .catch(error => this.failures.push(error));
  }

  /** The device connects with any gateway, and lets go of the one that it had. */
  #move(device: Device): void {
    const next = this.#any();
    if (next === undefined || !next.isReady) return;
    if (device.gateway?.isAlive) device.gateway.view.detach(device.number);
    if (device.gateway !== null && device.gateway !== next) this.#faults.told('a device on another gateway');
    device.gateway = next;
    next.view.attach(device.number);
  }

  #live(device: Device): void {
    if (!device.eager) return;
    if (device.gateway?.isAlive !== true && this.#random.chance(0.5)) this.#move(device);
    const gateway = device.gateway;
    if (gateway?.isReady !== true || gateway.isFrozen || this.clock.nowMs() < device.asksAtMs) return;
    const { state } = standingOf(gateway.view, device.number, false);
    if (state !== 'called' && state !== 'missed') return;
    device.asksAtMs = this.clock.nowMs() + this.#random.between(500, 2_000);
    this.#askFor(device, 'claim');
  }

  #leave(device: Device): void {
    const gateway = this.#any();
    if (gateway?.isReady !== true) return;
    gateway.view.forget(device.number);
    gateway.store.tellLeft('', device.number);
    this.#askFor(device, 'leave');
  }

  #askFor(device: Device, kind: 'claim' | 'leave'): void {
    const gateway = this.#any();
    const place = gateway?.isReady === true ? gateway.view.placeOf(device.number) : null;
    if (gateway === undefined || place === null) return;
    gateway.ask({ kind, place }).then(
      answer => {
        // P6: what is answered is committed, and known where it was asked.
        if (answer.kind === 'admitted' && gateway.isAlive && !gateway.view.state.passes.has(answer.passId)) {
          const ended = this.#endedPasses().has(answer.passId);
          if (!ended)
            this.failures.push(new Error(`P6 is broken: pass ${answer.passId} is not known where it was answered`));
        }
      },
      () => undefined,
    );
  }

  #endedPasses(): ReadonlySet<string> {
    const ended = changesOf(this.#server.entries).flatMap(change =>
      change.kind === 'pass-ended' ? change.passIds : [],
    );
    return new Set(ended);
  }

  #endPass(): void {
    const [passId] = this.naive.passes.keys();
    if (passId !== undefined) this.#ask({ kind: 'end-pass', passId, cause: 'shop' });
  }

  #ask(request: RoomRequest): void {
    const gateway = this.#any();
    if (gateway?.isReady === true) gateway.ask(request).catch(() => undefined);
  }

  #any(): GatewayOfMany | undefined {
    return this.#gateways[Math.floor(this.#random.fraction() * this.#gateways.length)];
  }

  #withDevice(act: (device: Device) => void): void {
    const device = this.#devices[Math.floor(this.#random.fraction() * this.#devices.length)];
    if (device !== undefined) act(device);
  }

  #choosePace(): number {
    return Math.floor(10 ** this.#random.between(1.7, 3.5));
  }

  /** The naive room follows what some living gateway has been given. */
  #follow(): void {
    const changes = changesOf(this.#server.entries.slice(this.naive.version, this.#known));
    for (let index = 0; index < changes.length; ) {
      const rest = changes.slice(index).map(encode);
      const decision = this.#decisions
        .get(this.naive.version)
        ?.find(each => each.changes.every((change, at) => change === rest[at]));
      must(decision !== undefined, 'P6', `change ${this.naive.version} was committed and nobody decided it`);
      for (const change of changes.slice(index, index + decision.changes.length)) {
        const seen = decision.drawn === this.naive.drawn ? decision.places : new Set<number>();
        this.naive.take(change, seen, decision.atMs);
      }
      index += decision.changes.length;
    }
  }

  #check(): void {
    const [failure] = this.failures;
    if (failure !== undefined) throw failure;
    this.#follow();
    const { naive } = this;
    for (const { view, isReady, isAlive, isFrozen } of this.#gateways) {
      if (!isAlive || !isReady || isFrozen || view.state.version !== naive.version) continue;
      const { state } = view;
      must([...state.calls.keys()].join() === [...naive.calls.keys()].join(), 'P2', 'the calls differ');
      must([...state.passes.keys()].join() === [...naive.passes.keys()].join(), 'P5', 'the passes differ');
      if (view.order === null || naive.phase !== 'open') continue;
      const line = naive.inLine(new Set(view.present.places.places()));
      view.lineNow();
      must(view.total === line.length, 'P3', `${view.total} in line, expected ${line.length}`);
      for (const { number } of this.#devices) {
        const place = number < naive.drawn ? (drawnPlaces(naive.drawn)[number] ?? number) : number;
        const standing = standingOf(view, number, false);
        must(standing.place === place, 'P1', `number ${number} stands at ${standing.place}, expected ${place}`);
        if (standing.state !== 'waiting' && standing.state !== 'missed') continue;
        const ahead = line.filter(other => other < place).length;
        must(standing.ahead === ahead, 'P3', `${standing.ahead} ahead of ${place}, expected ${ahead}`);
      }
    }
  }

  /** All faults end, everybody is there and takes their turn: everybody gets in, and all gateways know the same. */
  async #endWell(): Promise<void> {
    this.#faults.end();
    for (const gateway of this.#gateways) {
      gateway.thaw();
      gateway.store.isCut = false;
    }
    await this.clock.advance(8_000);
    // Those that could not even start are replaced, as a supervisor would.
    this.#gateways = this.#gateways.filter(({ isReady }) => isReady);
    if (this.#gateways.length === 0) this.#startGateway();
    await this.clock.advance(2_000);
    for (const request of this.#wayFree()) this.#ask(request);
    await this.clock.advance(6_000);
    for (const device of this.#devices) device.eager = true;
    for (let round = 0; round < 80; round += 1) {
      for (const device of this.#devices) {
        if (device.gateway === null || round === 0) this.#move(device);
        this.#live(device);
      }
      await this.clock.advance(500);
      this.#check();
    }
    const placeOf = (number: number) =>
      number < this.naive.drawn ? (drawnPlaces(this.naive.drawn)[number] ?? number) : number;
    const waiting = this.#devices.filter(({ number }) => !this.naive.everAdmitted.has(placeOf(number)));
    const standings = waiting.map(({ number, gateway }) =>
      gateway === null ? 'nowhere' : JSON.stringify(standingOf(gateway.view, number, false)),
    );
    must(waiting.length === 0, 'P2', `some devices never got in: ${standings.join('; ')} of ${this.#roomNow()}`);
    const versions = this.#gateways.map(({ view }) => view.state.version);
    must(new Set(versions).size === 1, 'P3', `the gateways know different histories: ${versions}`);
    const callers = this.#gateways.filter(({ epoch }) => epoch !== null);
    must(callers.length === 1, 'P4', `${callers.length} gateways call`);
  }

  #roomNow(): string {
    const { phase, holds, settings, passes, calls } = this.#gateways[0]?.view.state ?? {};
    const gateways = this.#gateways.map(({ isReady, epoch, view }) => ({ isReady, epoch, checking: view.checking }));
    const inside = [passes?.size, calls?.size];
    return JSON.stringify({ phase, holds: [...(holds ?? [])], settings, inside, gateways });
  }

  #wayFree(): readonly RoomRequest[] {
    return [
      { kind: 'phase', phase: 'open' },
      { kind: 'hold', hold: 'paused', on: false },
      { kind: 'settings', settings: { pacePerMinute: 3_000, activeCap: devicesMax } },
    ];
  }
}

function encode(change: RoomChange): string {
  return JSON.stringify(change);
}
