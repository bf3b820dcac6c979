// A room under random devices, operators and faults, compared with the naive room after every step.

import { type SeededRandom, seededRandom } from '../../loadtest/seeded-random.ts';
import { standingOf } from '../../src/flow/status.ts';
import type { RoomAnswer, RoomRequest } from '../../src/queue/answer-request.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import { MemoryStore, type StoreFate } from '../support/memory-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { compareWithNaive } from './compare-with-naive.ts';
import { Decisions } from './decisions.ts';
import { must, NaiveRoom } from './naive-room.ts';
import { choosePace, chooseRules, drawnPlaces } from './random-rules.ts';
import { devicesMax, RoomDevices } from './room-devices.ts';
import { RoomProcess } from './room-process.ts';

/** What a caller saw when it decided on a commit. */
type Seen = { readonly places: ReadonlySet<number>; readonly drawn: number; readonly atMs: number };

export class SimulatedRoom {
  readonly clock = new VirtualClock();
  readonly store = new MemoryStore(this.clock);
  readonly rules: RoomRules;
  readonly failures: unknown[] = [];
  readonly naive: NaiveRoom;
  readonly #random: SeededRandom;
  readonly #devices: RoomDevices;
  readonly #decisions = new Decisions<Seen>();
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
    const { rules, clock, store, naive } = this;
    this.#devices = new RoomDevices({
      ...{ rules, clock, store, naive, random: this.#random, process: () => this.#ready },
      ask: (request, onAnswer) => this.#ask(request, onAnswer),
    });
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
      this.#devices.live();
      await this.clock.advance(this.#random.between(0, 400));
      this.#check();
    }
    await this.#endWell();
  }

  #act(): void {
    const { fraction } = this.#random;
    const draw = fraction();
    const process = this.#process;
    if (draw < 0.25) this.#devices.join();
    else if (draw < 0.35) this.#devices.connectAny();
    else if (draw < 0.45) this.#devices.disconnectAny();
    else if (draw < 0.48) this.#devices.letAnyPoll();
    else if (draw < 0.51) this.#devices.letAnyLeave();
    else if (draw < 0.54) this.#devices.letAnyClaim();
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
        const seen = { places: new Set(places.places()), drawn, atMs: this.clock.nowMs() };
        this.#decisions.note(version, changes, seen);
      },
      onFailure: error => this.failures.push(error),
    });
    this.#process = process;
    this.#devices.cutOff();
    process.start().catch((error: unknown) => {
      // The store refused to be read: the gateway is started again, as a supervisor would.
      if (this.#process === process) this.#process = null;
      process.kill();
      if (!String(error).includes('did not answer')) this.failures.push(error);
    });
  }

  #usePasses(): void {
    this.#ask({ kind: 'use-passes', passIds: [...this.naive.passes.keys()].filter(() => this.#random.chance(0.5)) });
  }

  #endPass(): void {
    const [passId] = this.naive.passes.keys();
    if (passId !== undefined) this.#ask({ kind: 'end-pass', passId, cause: 'shop' });
  }

  get #ready(): RoomProcess | null {
    return this.#process?.isReady === true ? this.#process : null;
  }

  /** Asking may fail while the store does; a device asks again. */
  #ask(request: RoomRequest, onAnswer: (answer: RoomAnswer) => void = () => undefined): void {
    this.#ready?.caller.ask(request).then(
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

  #fate(): StoreFate {
    const { between, chance } = this.#random;
    const delayMs = chance(this.#slowShare) ? between(0, 300) : 0;
    if (!chance(this.#faultShare)) return { delayMs, outcome: 'answered' };
    return { delayMs: delayMs + 1, outcome: chance(0.5) ? 'refused' : 'answer-lost' };
  }

  #onCommitted(changes: readonly RoomChange[]): void {
    for (let index = 0; index < changes.length; ) {
      const { changes: decided, seen } = this.#decisions.first(this.naive.version, changes.slice(index));
      for (const change of decided) {
        const isSeen = seen.drawn === this.naive.drawn;
        this.naive.take(change, isSeen ? seen.places : new Set(), seen.atMs);
      }
      index += decided.length;
    }
  }

  #check(): void {
    const [failure] = this.failures;
    if (failure !== undefined) throw failure;
    must(this.naive.frontier >= this.#frontierSeen, 'P2', 'the frontier went back');
    this.#frontierSeen = this.naive.frontier;
    const view = this.#ready?.view;
    if (view === undefined || view.state.version !== this.naive.version) return;
    compareWithNaive(view, this.naive, this.#devices.numbers, number => this.#devices.placeOf(number));
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
    this.#devices.comeBack();
    for (let round = 0; round < 60; round += 1) {
      this.#devices.hurry();
      this.#devices.live();
      await this.clock.advance(500);
      this.#check();
    }
    const { waiting } = this.#devices;
    const standings = waiting.map(number => {
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
