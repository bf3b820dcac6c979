// A room of several gateways under random devices, operators and faults of the store between them, checked against the
// naive room after every step: P1 to P5 hold whatever is late, lost, doubled, cut off, frozen, killed or forgotten.

import { type SeededRandom, seededRandom } from '../../loadtest/seeded-random.ts';
import { standingOf } from '../../src/flow/status.ts';
import type { RoomRequest } from '../../src/queue/answer-request.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import { testRules } from '../support/room-turns.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { useVirtualTimers } from '../support/virtual-timers.ts';
import { checkPresence, checkViews } from './check-views.ts';
import { CommittedLine } from './committed-line.ts';
import type { DeviceThere } from './devices-there.ts';
import { GivenNumbers } from './given-numbers.ts';
import { must, type NaiveRoom } from './naive-room.ts';
import { SimulatedNetwork } from './redis/simulated-network.ts';
import type { Ran } from './redis/simulated-redis.ts';
import { devicesMax, SimulatedDevices } from './simulated-devices.ts';
import { SimulatedFaults } from './simulated-faults.ts';
import { gatewaysMax, SupervisedGateways } from './supervised-gateways.ts';

/** Some time after 2026 began, which is when numbers after a flush are counted from. */
const beginsAtMs = 1_767_264_000_000;

export class SimulatedGateways {
  readonly clock = new VirtualClock(beginsAtMs);
  readonly failures: unknown[] = [];
  readonly rules: RoomRules;
  readonly #random: SeededRandom;
  readonly #network: SimulatedNetwork;
  readonly #line: CommittedLine;
  readonly #devices: SimulatedDevices;
  readonly #there: DeviceThere[] = [];
  readonly #given: GivenNumbers;
  readonly #faults: SimulatedFaults;
  readonly #hasLobby: boolean;
  readonly #gateways: SupervisedGateways;
  /** Faults are seldom, so that each lasts while the others are well; and the line is long. */
  readonly #isCalm: boolean;

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
        this.#gateways.ran(ran);
        onRan(ran, this.clock.nowMs());
      },
    );
    const random = seededRandom(seed);
    this.#random = random;
    this.#faults = new SimulatedFaults(seed, random, onFault);
    this.#hasLobby = random.chance(0.3);
    const changesPerSnapshot = Math.floor(random.between(5, 100));
    this.#isCalm = random.chance(0.3);
    this.rules = {
      ...testRules,
      opensAtMs: this.#hasLobby ? this.clock.nowMs() : null,
      startsAtMs: this.#hasLobby ? this.clock.nowMs() + random.between(3_000, 15_000) : null,
      pacePerMinute: this.#choosePace(),
      activeCap: this.#chooseCap(),
      claimWindowMs: random.between(2_000, 8_000),
      graceTimeMs: random.between(1_000, 4_000),
      passIdleMs: random.between(4_000, 12_000),
      passMaxMs: random.between(8_000, 30_000),
    };
    this.#given = new GivenNumbers(this.#network, this.rules.id);
    const { rules, clock } = this;
    const [network, faults, given, there] = [this.#network, this.#faults, this.#given, this.#there];
    const onFailure = (error: unknown) => this.failures.push(error);
    this.#gateways = new SupervisedGateways({
      ...{ rules, random, clock, network, faults, given, changesPerSnapshot, onFailure },
      line: () => this.#line,
    });
    this.#line = new CommittedLine({
      ...{ rules, network, devices: there, told: faults.told, onFailure },
      nowMs: () => clock.nowMs(),
      gateways: () => this.#gateways.all,
      leasesEnded: () => this.#gateways.leasesEnded,
    });
    this.#devices = new SimulatedDevices({
      ...{ rules, random, clock, network, given, there, told: faults.told, onFailure },
      ...{ line: this.#line, draws: this.#hasLobby, anyGateway: () => this.#gateways.any() },
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
      for (let count = 0; count < gatewaysMax; count += 1) this.#gateways.start();
      for (let step = 0; step < steps; step += 1) {
        this.#network.replicate();
        this.#act();
        this.#devices.live();
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
    const gateway = this.#gateways.any();
    if (draw < 0.26) this.#devices.join();
    else if (draw < 0.32) this.#devices.moveAny();
    else if (draw < 0.36) this.#devices.sendAnyAway();
    else if (draw < 0.39) this.#devices.letAnyLeave();
    else if (draw < 0.43) this.#devices.letAnyClaim();
    else if (draw < 0.46) this.#ask({ kind: 'hold', hold: 'paused', on: this.#random.chance(0.3) });
    else if (draw < 0.49) this.#ask({ kind: 'settings', settings: { pacePerMinute: this.#choosePace() } });
    else if (draw < 0.52) this.#ask({ kind: 'settings', settings: { activeCap: this.#chooseCap() } });
    else if (draw < 0.59) this.#ask({ kind: 'use-passes', passIds: [...this.naive.passes.keys()] });
    else if (draw < 0.62) this.#endPass();
    else if (draw < 0.645) this.#faults.kill(gateway);
    else if (draw < 0.655) this.#gateways.stop(gateway);
    else if (draw < 0.69) this.#faults.freeze(gateway);
    else if (draw < 0.74) for (const each of this.#gateways.all) each.thaw();
    else if (draw < 0.78) this.#faults.cutOff(gateway);
    else if (draw < 0.83) for (const each of this.#gateways.all) each.link.heal();
    else if (draw < 0.85) this.#network.cutReplicaOff();
    else if (draw < 0.87) this.#failOver();
    else if (draw < 0.88) this.#flush();
    else if (draw < 0.91) this.#faults.deafen(gateway);
    this.#gateways.replaceDead();
  }

  #failOver(): void {
    this.#faults.told('a failover');
    this.#line.losing(this.#gateways.all, this.#network.replica);
    this.#network.failOver();
    this.#healSome();
    this.#line.follow();
  }

  /** By mistake. In a room that draws nobody promises numbers after it. */
  #flush(): void {
    if (this.#hasLobby) return;
    this.#faults.told('everything flushed');
    this.#line.losing(this.#gateways.all, null);
    this.#network.flush();
    this.#given.flushed();
    this.#healSome();
    this.#line.follow();
  }

  /** Those that come back just now know less than others. */
  #healSome(): void {
    if (this.#random.chance(0.5)) for (const each of this.#gateways.all) each.link.heal();
  }

  #endPass(): void {
    const [passId] = this.naive.passes.keys();
    if (passId !== undefined) this.#ask({ kind: 'end-pass', passId, cause: 'shop' });
  }

  #ask(request: RoomRequest): void {
    const gateway = this.#gateways.any();
    if (gateway?.isReady === true) gateway.ask(request).catch(() => undefined);
  }

  #chooseCap(): number {
    return 1 + Math.floor(this.#random.between(0, 20));
  }

  #choosePace(): number {
    return Math.floor(10 ** this.#random.between(1.7, this.#isCalm ? 2 : 3.5));
  }

  #check(): void {
    const [failure] = this.failures;
    if (failure !== undefined) throw failure;
    this.#line.follow();
    const shown = { line: this.#line, gateways: this.#gateways.all, devices: this.#there };
    checkPresence(shown, {
      ...{ nowMs: this.clock.nowMs(), network: this.#network },
      leasesEnded: this.#gateways.leasesEnded,
    });
    checkViews(shown);
  }

  /** All faults end, everybody is there and takes their turn: everybody gets in, and all gateways know the same. */
  async #endWell(): Promise<void> {
    this.#faults.end();
    for (const gateway of this.#gateways.all) {
      gateway.thaw();
      gateway.link.heal();
      gateway.link.listen();
    }
    await this.clock.advance(8_000);
    // Those that could not even start are replaced, as a supervisor would.
    this.#gateways.replaceUnready();
    await this.clock.advance(2_000);
    for (const request of this.#wayFree()) this.#ask(request);
    await this.clock.advance(6_000);
    this.#devices.comeBack();
    for (let round = 0; round < 80 && (round < 16 || this.#devices.waiting.length > 0); round += 1) {
      this.#devices.liveConnected(round === 0);
      await this.clock.advance(500);
      this.#check();
    }
    const { waiting } = this.#devices;
    const standings = waiting.map(({ number, gateway }) =>
      gateway === null ? 'nowhere' : JSON.stringify(standingOf(gateway.view, number, false)),
    );
    must(waiting.length === 0, 'P2', `some devices never got in: ${standings.join('; ')} of ${this.#roomNow()}`);
    const versions = () => this.#gateways.all.map(({ view }) => view.state.version);
    // The last change may be on its way.
    for (let tries = 0; new Set(versions()).size > 1 && tries < 5; tries += 1) await this.clock.advance(40);
    must(new Set(versions()).size === 1, 'P3', `the gateways know different histories: ${versions()}`);
    must(this.#line.isWhole, 'P1', 'the end of the history was not put back');
    const callers = this.#gateways.all.filter(({ epoch }) => epoch !== null);
    must(callers.length === 1, 'P4', `${callers.length} gateways call`);
  }

  #roomNow(): string {
    const { phase, holds, settings, passes, calls } = this.#gateways.all[0]?.view.state ?? {};
    const gateways = this.#gateways.all.map(({ isReady, epoch, view }) => ({
      isReady,
      epoch,
      checking: view.checking,
    }));
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
