// A room of several gateways under random devices, operators and faults of the store between them, checked against the
// naive room after every step: P1 to P5 hold whatever is late, lost, doubled, cut off, frozen, killed or forgotten.

import { type SeededRandom, seededRandom } from '../../loadtest/seeded-random.ts';
import { standingOf } from '../../src/flow/status.ts';
import type { RoomRequest } from '../../src/queue/answer-request.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import { testRules } from '../support/room-turns.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { useVirtualTimers } from '../support/virtual-timers.ts';
import { checkPresence, checkViews } from './check-views.ts';
import { CommittedLine } from './committed-line.ts';
import { DeviceThere } from './devices-there.ts';
import { drawnPlaces } from './drawn-lists.ts';
import { GatewayOfMany } from './gateway-of-many.ts';
import { GivenNumbers } from './given-numbers.ts';
import { changesOf } from './kept-history.ts';
import { must, type NaiveRoom } from './naive-room.ts';
import { SimulatedNetwork } from './redis/simulated-network.ts';
import type { Ran } from './redis/simulated-redis.ts';
import { SimulatedFaults } from './simulated-faults.ts';

type Device = {
  readonly there: DeviceThere;
  eager: boolean;
  asksAtMs: number;
  awayUntilMs: number;
};

const gatewaysMax = 3;
const devicesMax = 60;
/** Some time after 2026 began, which is when numbers after a flush are counted from. */
const beginsAtMs = 1_767_264_000_000;

export class SimulatedGateways {
  readonly clock = new VirtualClock(beginsAtMs);
  readonly failures: unknown[] = [];
  readonly rules: RoomRules;
  readonly #random: SeededRandom;
  readonly #network: SimulatedNetwork;
  readonly #line: CommittedLine;
  readonly #devices: Device[] = [];
  readonly #there: DeviceThere[] = [];
  readonly #numbers = new Set<number>();
  readonly #given: GivenNumbers;
  readonly #faults: SimulatedFaults;
  readonly #hasLobby: boolean;
  readonly #changesPerSnapshot: number;
  /** Faults are seldom, so that each lasts while the others are well; and the line is long. */
  readonly #isCalm: boolean;
  #gateways: GatewayOfMany[] = [];
  readonly #everStarted = new Map<string, GatewayOfMany>();
  #count = 0;

  /** Told of every fault as it occurs. */
  constructor(
    seed: number,
    onFault: (fault: string) => void = () => undefined,
    /** Told of every script that ran, and when. */
    onRan: (ran: Ran, atMs: number) => void = () => undefined,
  ) {
    this.#network = new SimulatedNetwork(
      () => this.clock.nowMs(),
      ran => {
        this.#line.ran(ran);
        this.#given.ran(ran);
        this.#said(ran);
        onRan(ran, this.clock.nowMs());
      },
    );
    const random = seededRandom(seed);
    this.#random = random;
    this.#faults = new SimulatedFaults(seed, random, onFault);
    this.#hasLobby = random.chance(0.3);
    this.#changesPerSnapshot = Math.floor(random.between(5, 100));
    this.#isCalm = random.chance(0.3);
    this.rules = {
      ...testRules,
      opensAtMs: this.#hasLobby ? this.clock.nowMs() : null,
      startsAtMs: this.#hasLobby ? this.clock.nowMs() + random.between(3_000, 15_000) : null,
      pacePerMinute: this.#choosePace(),
      activeCap: 1 + Math.floor(random.between(0, 20)),
      claimWindowMs: random.between(2_000, 8_000),
      graceTimeMs: random.between(1_000, 4_000),
      passIdleMs: random.between(4_000, 12_000),
      passMaxMs: random.between(8_000, 30_000),
    };
    this.#given = new GivenNumbers(this.#network, this.rules.id);
    this.#line = new CommittedLine({
      ...{ rules: this.rules, network: this.#network, devices: this.#there, told: this.#faults.told },
      nowMs: () => this.clock.nowMs(),
      gateways: () => this.#gateways,
      onFailure: error => this.failures.push(error),
    });
  }

  get naive(): NaiveRoom {
    return this.#line.naive;
  }

  get admitted(): number {
    return this.naive.everAdmitted.size;
  }

  async run(steps: number): Promise<void> {
    const stopTimers = useVirtualTimers(this.clock);
    try {
      for (let count = 0; count < gatewaysMax; count += 1) this.#startGateway();
      for (let step = 0; step < steps; step += 1) {
        this.#network.replicate();
        this.#act();
        for (const device of this.#devices) this.#live(device);
        await this.clock.advance(this.#random.between(0, 500));
        this.#check();
      }
      await this.#endWell();
    } finally {
      stopTimers();
    }
  }

  #act(): void {
    const draw = this.#random.fraction();
    if (this.#isCalm && draw >= 0.62 && this.#random.chance(0.85)) return;
    const gateway = this.#any();
    if (draw < 0.26) this.#join();
    else if (draw < 0.32) this.#withDevice(device => this.#move(device));
    else if (draw < 0.36) this.#withDevice(device => this.#goAway(device));
    else if (draw < 0.39) this.#withDevice(device => this.#leave(device));
    else if (draw < 0.43) this.#withDevice(device => this.#askFor(device, 'claim'));
    else if (draw < 0.46) this.#ask({ kind: 'hold', hold: 'paused', on: this.#random.chance(0.3) });
    else if (draw < 0.49) this.#ask({ kind: 'settings', settings: { pacePerMinute: this.#choosePace() } });
    else if (draw < 0.52) this.#ask({ kind: 'settings', settings: { activeCap: 1 + Math.floor(draw * 30) } });
    else if (draw < 0.59) this.#ask({ kind: 'use-passes', passIds: [...this.naive.passes.keys()] });
    else if (draw < 0.62) this.#endPass();
    else if (draw < 0.645) this.#faults.kill(gateway);
    else if (draw < 0.655) this.#stop(gateway);
    else if (draw < 0.69) this.#faults.freeze(gateway);
    else if (draw < 0.74) for (const each of this.#gateways) each.thaw();
    else if (draw < 0.78) this.#faults.cutOff(gateway);
    else if (draw < 0.83) for (const each of this.#gateways) each.link.heal();
    else if (draw < 0.85) this.#network.cutReplicaOff();
    else if (draw < 0.87) this.#failOver();
    else if (draw < 0.88) this.#flush();
    else if (draw < 0.91) this.#faults.deafen(gateway);
    this.#gateways = this.#gateways.filter(({ isAlive }) => isAlive);
    if (this.#gateways.length < gatewaysMax && this.#random.chance(0.4)) this.#startGateway();
  }

  #failOver(): void {
    this.#faults.told('a failover');
    this.#line.losing(this.#gateways);
    this.#network.failOver();
    this.#healSome();
    this.#line.follow();
  }

  /** What a gateway says of who is there holds from when the server hears it, also when that is late. */
  #said({ script, given }: Ran): void {
    const [name, leaseMs, word] = given;
    if (script.name !== 'exchange-presence' || word === -1) return;
    const gateway = this.#everStarted.get(String(name));
    if (gateway !== undefined)
      gateway.saidUntilMs = Math.max(gateway.saidUntilMs, this.clock.nowMs() + Number(leaseMs));
  }

  /** By mistake. In a room that draws nobody promises numbers after it. */
  #flush(): void {
    if (this.#hasLobby) return;
    this.#faults.told('everything flushed');
    this.#line.losing(this.#gateways);
    this.#network.flush();
    this.#given.flushed();
    this.#healSome();
    this.#line.follow();
  }

  /** Those that come back just now know less than others. */
  #healSome(): void {
    if (this.#random.chance(0.5)) for (const each of this.#gateways) each.link.heal();
  }

  #stop(gateway: GatewayOfMany | undefined): void {
    if (gateway?.isReady !== true) return;
    this.#faults.told('a gateway stopped');
    gateway.stop().catch(() => gateway.kill());
  }

  #startGateway(): void {
    this.#count += 1;
    const name = `gateway-${this.#count}`;
    let passes = 0;
    const gateway: GatewayOfMany = new GatewayOfMany({
      ...{ rules: this.rules, clock: this.clock, name, drawnPlaces, drawTakesMs: 300 },
      changesPerSnapshot: this.#changesPerSnapshot,
      link: {
        network: this.#network,
        fate: () => this.#faults.fate(),
        connectMs: () => this.#faults.connectMs(),
        diesAt: instant => this.#faults.killAt(instant, gateway),
        onFault: fault => this.#faults.told(fault),
        beforeRun: ({ name }, given) => {
          if (name === 'take-numbers') this.#given.asked(given);
          if (name !== 'compact') return;
          this.#faults.told('a snapshot written');
          this.#line.kept.look(this.#network.server);
        },
      },
      newPassId: () => {
        passes += 1;
        return `${name}-pass-${passes}`;
      },
      onCommit: (version, changes, seen) => this.#line.decided(gateway, version, changes, seen),
      onGivenUp: () => this.#faults.told('the end of the history given up'),
      onFailure: error => this.failures.push(error),
    });
    this.#gateways.push(gateway);
    this.#everStarted.set(name, gateway);
    gateway.start().catch(() => gateway.kill());
  }

  #join(): void {
    const gateway = this.#any();
    if (gateway === undefined || this.#devices.length >= devicesMax || this.naive.phase === 'closed') return;
    const numbers = gateway.store.takeNumbers(this.rules.id, 1, this.#hasLobby);
    Promise.resolve(numbers)
      .then(
        number => {
          if (this.#numbers.has(number)) {
            must(this.#given.mayComeTwice(number), 'P1', `number ${number} was given twice`);
            this.#faults.told('a number given twice that two losses took');
            return;
          }
          this.#numbers.add(number);
          const there = new DeviceThere(number);
          const device: Device = { there, eager: this.#random.chance(0.85), asksAtMs: 0, awayUntilMs: 0 };
          this.#devices.push(device);
          this.#there.push(there);
          this.#move(device);
        },
        // The store did not answer: the device asks again some other time.
        () => undefined,
      )
      .catch(error => this.failures.push(error));
  }

  /** The device connects with any gateway, and lets go of the one that it had. */
  #move({ there }: Device): void {
    const next = this.#any();
    if (next === undefined || !next.isReady || next.isFrozen) return;
    if (there.gateway !== null && there.gateway !== next) this.#faults.told('a device on another gateway');
    there.connect(next, this.clock.nowMs());
  }

  #goAway(device: Device): void {
    const awayMs = this.#random.between(0, 4) * this.rules.graceTimeMs;
    if (awayMs > this.rules.graceTimeMs) this.#faults.told('a device gone for longer than its grace time');
    device.awayUntilMs = this.clock.nowMs() + awayMs;
    device.there.disconnect(this.clock.nowMs());
  }

  #live(device: Device): void {
    const nowMs = this.clock.nowMs();
    if (!device.eager || nowMs < device.awayUntilMs) return;
    if (device.there.gateway?.isAlive !== true && this.#random.chance(0.5)) this.#move(device);
    const { gateway } = device.there;
    if (gateway?.isReady !== true || gateway.isFrozen || nowMs < device.asksAtMs) return;
    const { state } = standingOf(gateway.view, device.there.number, false);
    if (state !== 'called' && state !== 'missed') return;
    device.asksAtMs = nowMs + this.#random.between(500, 2_000);
    this.#askFor(device, 'claim');
  }

  #leave(device: Device): void {
    const gateway = this.#any();
    if (gateway?.isReady !== true) return;
    device.there.leave(this.clock.nowMs());
    gateway.view.forget(device.there.number);
    gateway.store.exchange.tellLeft(this.rules.id, device.there.number);
    this.#askFor(device, 'leave');
  }

  #askFor({ there }: Device, kind: 'claim' | 'leave'): void {
    const gateway = this.#any();
    const place = gateway?.isReady === true ? gateway.view.placeOf(there.number) : null;
    if (gateway === undefined || place === null) return;
    gateway.ask({ kind, place }).then(
      answer => {
        // The caller answers its own devices also while its view loads another history, and who has just come back to the
        // store may know another history than the one of the answer, and not know that yet.
        const isSure = gateway.epoch === null && gateway.wellSinceMs <= this.clock.nowMs() - 1_000;
        if (answer.kind !== 'admitted' || !gateway.isAlive || !isSure) return;
        if (gateway.view.state.passes.has(answer.passId)) return;
        if (!this.#isOver(answer.passId))
          this.failures.push(new Error(`P6 is broken: pass ${answer.passId} is not known where it was answered`));
      },
      () => undefined,
    );
  }

  /** What is answered is committed: since then the pass has ended, or its commit was given up. */
  #isOver(passId: string): boolean {
    const { kept } = this.#line;
    const changes = changesOf(kept.look(this.#network.server));
    const isAdmitted = (change: RoomChange) =>
      change.kind === 'admitted' && change.passes.some(pass => pass.passId === passId);
    if (!changes.some(isAdmitted)) return kept.everHad(isAdmitted);
    return changes.some(change => change.kind === 'pass-ended' && change.passIds.includes(passId));
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
    return Math.floor(10 ** this.#random.between(1.7, this.#isCalm ? 2 : 3.5));
  }

  #check(): void {
    const [failure] = this.failures;
    if (failure !== undefined) throw failure;
    this.#line.follow();
    const shown = { line: this.#line, gateways: this.#gateways, devices: this.#there };
    checkPresence(shown, { nowMs: this.clock.nowMs(), network: this.#network });
    checkViews(shown);
  }

  /** All faults end, everybody is there and takes their turn: everybody gets in, and all gateways know the same. */
  async #endWell(): Promise<void> {
    this.#faults.end();
    for (const gateway of this.#gateways) {
      gateway.thaw();
      gateway.link.heal();
      gateway.link.listen();
    }
    await this.clock.advance(8_000);
    // Those that could not even start are replaced, as a supervisor would.
    this.#gateways = this.#gateways.filter(({ isReady }) => isReady);
    if (this.#gateways.length === 0) this.#startGateway();
    await this.clock.advance(2_000);
    for (const request of this.#wayFree()) this.#ask(request);
    await this.clock.advance(6_000);
    for (const device of this.#devices) {
      device.eager = true;
      device.awayUntilMs = 0;
    }
    for (let round = 0; round < 80 && (round < 16 || this.#waiting.length > 0); round += 1) {
      for (const device of this.#devices) {
        if (device.there.gateway === null || round === 0) this.#move(device);
        this.#live(device);
      }
      await this.clock.advance(500);
      this.#check();
    }
    const waiting = this.#waiting;
    const standings = waiting.map(({ number, gateway }) =>
      gateway === null ? 'nowhere' : JSON.stringify(standingOf(gateway.view, number, false)),
    );
    must(waiting.length === 0, 'P2', `some devices never got in: ${standings.join('; ')} of ${this.#roomNow()}`);
    const versions = () => this.#gateways.map(({ view }) => view.state.version);
    // The last change may be on its way.
    for (let tries = 0; new Set(versions()).size > 1 && tries < 5; tries += 1) await this.clock.advance(40);
    must(new Set(versions()).size === 1, 'P3', `the gateways know different histories: ${versions()}`);
    must(this.#line.isWhole, 'P1', 'the end of the history was not put back');
    const callers = this.#gateways.filter(({ epoch }) => epoch !== null);
    must(callers.length === 1, 'P4', `${callers.length} gateways call`);
  }

  /** Devices that were never let in. */
  get #waiting(): readonly DeviceThere[] {
    const { everAdmitted } = this.naive;
    return this.#there.filter(({ number }) => !everAdmitted.has(this.#line.placeOf(number)));
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
