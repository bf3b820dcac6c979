// The scenarios of the M941 lab on a virtual clock: the room's real caller with its gates, presence and autopilot, the
// front of a gateway, a shop with a knee, fans who stand in line, claim, visit, retry and pay, and bots who come to the door
// without a pass again and again.

import { defaultBehaviour, type FanBehaviour, type FanPlan, planFan } from '../../../loadtest/fans/behaviour.ts';
import type { LabRun, LabSecond } from '../../../loadtest/lab/play-scenario.ts';
import { kneeAtFirst, type LabEvent, labBehaviour, type Scenario } from '../../../loadtest/lab/scenarios.ts';
import { type SeededRandom, seededRandom } from '../../../loadtest/seeded-random.ts';
import type { VisitRank } from '../../../src/admission/shop-turnstile.ts';
import { recordEstimates } from '../../../src/flow/record-estimates.ts';
import { reportShop } from '../../../src/flow/report-shop.ts';
import { watchShop } from '../../../src/flow/watch-shop.ts';
import { autopilotMode, paceOf } from '../../../src/queue/pace-in-force.ts';
import { type CallerRoom, openCallerRoom, placesCalled } from '../../support/caller-room.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';
import { type FrontAnswer, SimulatedFront } from './simulated-front.ts';
import { type ShopAnswer, type ShopEvents, SimulatedShop } from './simulated-shop.ts';

const retriesMax = 4;
const retryAfterMs = 3_000;
const usesToldMs = 1_000;
const botsPeriodMs = 50;

type Fan = { readonly plan: FanPlan; readonly passId: string | null };
type Step = { readonly rank: VisitRank; readonly isLogin: boolean; readonly isEnd: boolean };

/** How many of the ranges that devices in line were told held their true wait, and how far off the expected wait was. */
export type LabEstimates = {
  readonly held: number;
  readonly missed: number;
  readonly dropped: number;
  readonly errorMedian: number | null;
};

/** Requests of bots: refused at the door, and let in because nobody waited. */
export type LabBots = { readonly refused: number; readonly walkedIn: number };

export async function simulateScenario(
  scenario: Scenario,
  seed: number,
  kneeFactor: number,
): Promise<LabRun & { readonly estimates: LabEstimates; readonly bots: LabBots }> {
  const { pacePerMinute, autopilot } = scenario.room ?? { pacePerMinute: 60, autopilot: false };
  const room = await openCallerRoom(
    {
      ...{ pacePerMinute, activeCap: 10_000, claimWindowMs: 30_000, graceTimeMs: 5_000 },
      ...{ passIdleMs: 600_000, passMaxMs: 2_700_000 },
      autopilot: {
        ...{ mode: autopilot ? 'on' : 'off', minPerMinute: 60, maxPerMinute: 6_000 },
        ...{ stepPercent: 10, latencyTargetMs: null },
      },
    },
    seed,
  );
  const lab = new SimulatedLab(scenario, room, seed, kneeFactor);
  recordEstimates(room.view, room.clock);
  await lab.play();
  const { outcomes, errorMedian } = room.view.calibration;
  return { ...lab.run, estimates: { ...outcomes, errorMedian }, bots: lab.bots };
}

function eventsOf(clock: VirtualClock): ShopEvents {
  return {
    get nowMs() {
      return clock.nowMs();
    },
    after: (delayMs, act) => void clock.after(delayMs, act),
    at: (atMs, act) => void clock.after(atMs - clock.nowMs(), act),
  };
}

class SimulatedLab {
  readonly #scenario: Scenario;
  readonly #room: CallerRoom;
  readonly #random: SeededRandom;
  readonly #behaviour: FanBehaviour;
  readonly #shop: SimulatedShop;
  readonly #front: SimulatedFront;
  readonly #kneeFactor: number;
  readonly #claimants = new Map<number, Fan>();
  readonly #used = new Set<string>();
  readonly #seconds: LabSecond[] = [];
  readonly #now = { requests: 0, served: 0, errors: 0 };
  readonly #counts = { thrownBack: 0, held: 0, gaveUp: 0, bought: 0 };
  readonly #bots = { refused: 0, walkedIn: 0 };
  #slowLoginMs = 0;

  constructor(scenario: Scenario, room: CallerRoom, seed: number, kneeFactor: number) {
    this.#scenario = scenario;
    this.#room = room;
    this.#random = seededRandom(seed);
    this.#kneeFactor = kneeFactor;
    this.#behaviour = { ...defaultBehaviour, ...labBehaviour, ...scenario.behaviour };
    const events = eventsOf(room.clock);
    this.#shop = new SimulatedShop(events, this.#random, kneeAtFirst * kneeFactor);
    const askShop = (_: VisitRank, answer: (kind: ShopAnswer) => void, moreMs: number) =>
      this.#shop.ask(moreMs === 0 ? answer : kind => events.after(moreMs, () => answer(kind)));
    this.#front = new SimulatedFront(events, askShop, scenario.room?.autopilot === true);
  }

  get run(): Omit<LabRun, 'estimates'> {
    return { scenario: this.#scenario, seconds: this.#seconds, ...this.#counts };
  }

  get bots(): LabBots {
    return { ...this.#bots };
  }

  async play(): Promise<void> {
    const { clock, caller, view } = this.#room;
    const { fans, arrivalsPerSecond, seconds, events } = this.#scenario;
    clock.every(100, () => this.#front.expire());
    clock.every(usesToldMs, () => this.#tellUses());
    const ask = caller.ask.bind(caller);
    const [isFailing, countsAt] = [() => this.#front.isFailing(), () => this.#front.counts()];
    watchShop({ clock, by: 'gateway', ask, isFailing, countsAt });
    const isSteering = () => autopilotMode(view.state, view.rules) !== 'off';
    reportShop({ clock, ask, isSteering, take: () => this.#front.takeReport() });
    view.onChange(changes => {
      for (const place of placesCalled(changes)) this.#onCalled(place);
    });
    this.#sendBots();
    const crowd = Math.round(fans * Math.max(1, this.#kneeFactor));
    for (let fan = 0; fan < crowd; fan += 1) clock.after((fan * 1_000) / arrivalsPerSecond, () => this.#arrive());
    for (let second = 0; second < seconds; second += 1) {
      for (const event of events) if (event.atSecond === second) this.#happen(event);
      await clock.advance(1_000);
      this.#note();
    }
  }

  #sendBots(): void {
    const { bots } = this.#scenario;
    if (bots === undefined) return;
    const { clock } = this.#room;
    clock.after(bots.fromSecond * 1_000, () => {
      clock.every(botsPeriodMs, () => {
        for (let count = 0; count < (bots.perSecond * botsPeriodMs) / 1_000; count += 1) this.#comeAsBot();
      });
    });
  }

  /** Asks to walk straight in, though the door would not even ask the caller while somebody waits. */
  #comeAsBot(): void {
    const { store, rules, caller } = this.#room;
    caller.ask({ kind: 'enter', place: store.takeNumbers(rules.id, 1) }).then(
      ({ kind }) => {
        if (kind !== 'admitted') {
          this.#bots.refused += 1;
          return;
        }
        this.#bots.walkedIn += 1;
        this.#front.request('entry', answer => this.#count(answer));
      },
      () => undefined,
    );
  }

  #count(kind: FrontAnswer): void {
    if (kind === 'held') this.#counts.held += 1;
    else this.#now.requests += 1;
    if (kind === 'served') this.#now.served += 1;
    if (kind === 'error') this.#now.errors += 1;
  }

  #happen({ call, body }: LabEvent): void {
    const value = (name: string) => Number(new Map<string, unknown>(Object.entries(body ?? {})).get(name));
    if (call === 'die') this.#shop.die();
    else if (call === 'revive') this.#shop.isAlive = true;
    else if (call === 'knee') this.#shop.setKnee(value('requestsPerSecond') * this.#kneeFactor);
    else if (call === 'slow-login') this.#slowLoginMs = value('delayMs');
    else throw new Error(`no such call: ${call}`);
  }

  #note(): void {
    const { state, rules } = this.#room.view;
    const knee = this.#shop.isAlive ? this.#shop.requestsPerSecond : 0;
    const pacePerMinute = paceOf(state, rules);
    this.#seconds.push({
      knee,
      ...this.#now,
      seen: this.#now.errors,
      pacePerMinute,
      inside: state.passes.size,
      waiting: this.#room.view.line().total,
    });
    Object.assign(this.#now, { requests: 0, served: 0, errors: 0 });
  }

  #arrive(): void {
    const plan = planFan(this.#behaviour, this.#random);
    if (this.#scenario.room === null) return this.#visit({ plan, passId: null }, stepsOf(plan, this.#random));
    const { store, rules, view } = this.#room;
    const number = store.takeNumbers(rules.id, 1);
    this.#claimants.set(number, { plan, passId: null });
    view.attach(number);
  }

  #next(): void {
    this.#room.clock.after(this.#random.between(...this.#behaviour.nextFanAfter), () => this.#arrive());
  }

  #onCalled(place: number): void {
    const fan = this.#claimants.get(place);
    if (fan === undefined) return;
    if (!fan.plan.isNoShow) return void this.#room.clock.after(fan.plan.claimDelayMs, () => this.#claim(place, fan));
    this.#claimants.delete(place);
    this.#room.view.detach(place);
    this.#next();
  }

  #claim(place: number, fan: Fan): void {
    const { caller, clock, view } = this.#room;
    caller.ask({ kind: 'claim', place }).then(
      answer => {
        if (answer.kind === 'entering') return void clock.after(500, () => this.#claim(place, fan));
        if (answer.kind !== 'admitted') return;
        this.#claimants.delete(place);
        view.detach(place);
        this.#visit({ ...fan, passId: answer.passId }, stepsOf(fan.plan, this.#random));
      },
      () => undefined,
    );
  }

  /** One page after the other, each after a moment of thought. */
  #visit(fan: Fan, [step, ...rest]: readonly Step[]): void {
    if (step === undefined) return this.#next();
    this.#room.clock.after(this.#random.between(...this.#behaviour.thinks), () => this.#step(fan, step, rest, 0));
  }

  #step(fan: Fan, step: Step, rest: readonly Step[], failures: number): void {
    const { passId } = fan;
    if (passId !== null && !this.#room.view.state.passes.has(passId)) {
      this.#counts.thrownBack += 1;
      return this.#next();
    }
    if (passId !== null) this.#used.add(passId);
    const moreMs = step.isLogin ? this.#slowLoginMs : 0;
    this.#front.request(step.rank, kind => this.#answered(kind, fan, step, rest, failures), moreMs);
  }

  #answered(kind: FrontAnswer, fan: Fan, step: Step, rest: readonly Step[], failures: number): void {
    this.#count(kind);
    if (kind === 'served') {
      if (step.isEnd) this.#end(fan);
      return this.#visit(fan, rest);
    }
    if (failures >= retriesMax && kind === 'error') {
      this.#counts.gaveUp += 1;
      return this.#next();
    }
    const backOffMs = Math.max(
      kind === 'held' ? retryAfterMs : 0,
      500 * 2 ** failures * this.#random.between(0.5, 1.5),
    );
    this.#room.clock.after(backOffMs, () => this.#step(fan, step, rest, kind === 'held' ? failures : failures + 1));
  }

  /** The shop says with the order that this pass is over. */
  #end({ passId }: Fan): void {
    this.#counts.bought += 1;
    if (passId !== null) this.#room.caller.ask({ kind: 'end-pass', passId, cause: 'shop' }).catch(String);
  }

  #tellUses(): void {
    const passIds = [...this.#used];
    this.#used.clear();
    if (passIds.length > 0) this.#room.caller.ask({ kind: 'use-passes', passIds }).catch(String);
  }
}

/** The pages of a visit that cost the shop something; the confirmation is its last. */
function stepsOf(plan: FanPlan, random: SeededRandom): readonly Step[] {
  const page = { rank: 'inside', isLogin: false, isEnd: false } as const;
  const pages = Array.from({ length: plan.pages - 1 }, () => page).filter(() => !random.chance(0.2));
  const paying = { rank: 'checkout', isLogin: false, isEnd: false } as const;
  const buying = [{ ...page, isLogin: true }, paying, paying, paying, { ...paying, isEnd: true }];
  return [{ ...page, rank: 'entry' }, ...pages, ...(plan.buys ? buying : [])];
}
