// One of several simulated gateways: the real view, caller, presence and store on Redis over a simulated connection. It can
// be stopped, killed, or frozen for a while: what would have reached it then reaches it later.

import { numbersByPlace } from '../../src/draw/permute.ts';
import type { Clock } from '../../src/flow/clock.ts';
import { EnteringHere } from '../../src/flow/entering-here.ts';
import { followOrder } from '../../src/flow/follow-order.ts';
import { LedPresence } from '../../src/flow/led-presence.ts';
import { followRoom } from '../../src/flow/load-room.ts';
import { RoomCaller } from '../../src/flow/room-caller.ts';
import { RoomView } from '../../src/flow/room-view.ts';
import type { RoomAnswer, RoomRequest } from '../../src/queue/answer-request.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import type { PresentPlaces } from '../../src/queue/turn.ts';
import type { QueueStore } from '../../src/store/queue-store.ts';
import { RedisStore } from '../../src/store/redis/redis-store.ts';
import type { RoomExchange } from '../../src/store/room-exchange.ts';
import { plainDraw } from '../support/draw-desk.ts';
import { type LinkNeeds, SimulatedLink } from './redis/simulated-link.ts';

/** Of all keys in the simulated Redis. */
export const keyPrefix = 'junban';

export type GatewayNeeds = {
  readonly rules: RoomRules;
  readonly clock: Clock;
  readonly link: Omit<LinkNeeds, 'clock' | 'inProcess'>;
  readonly name: string;
  readonly newPassId: () => string;
  readonly drawnPlaces: (drawn: number) => Uint32Array;
  readonly drawTakesMs: number;
  readonly changesPerSnapshot: number;
  readonly onCommit: (version: number, changes: readonly RoomChange[], seen: PresentPlaces) => void;
  /** So many changes that were known here are lost for good. */
  readonly onGivenUp: (changes: number) => void;
  readonly onFailure: (error: unknown) => void;
};

export class GatewayOfMany {
  readonly view: RoomView;
  readonly caller: RoomCaller;
  readonly link: SimulatedLink;
  readonly store: RedisStore;
  readonly #needs: GatewayNeeds;
  readonly #clock: Clock;
  readonly #entering: EnteringHere;
  readonly #troubles: Record<'store' | 'view', string | null> = { store: null, view: null };
  readonly #presence = new LedPresence();
  #late: (() => void)[] = [];
  #seen: PresentPlaces | null = null;
  #stopAnswering: () => void = () => undefined;
  isReady = false;
  /** Until when what it said of who is there holds. */
  saidUntilMs = Number.NEGATIVE_INFINITY;
  #readyAtMs = Number.POSITIVE_INFINITY;
  #diedAtMs: number | null = null;
  #frozenSinceMs: number | null = null;
  #thawedAtMs = Number.NEGATIVE_INFINITY;
  #leadsSinceMs = Number.POSITIVE_INFINITY;

  constructor(needs: GatewayNeeds) {
    this.#needs = needs;
    this.#clock = this.#ownClock(needs.clock);
    this.link = new SimulatedLink({ ...needs.link, clock: needs.clock, inProcess: act => this.#do(act) });
    this.store = new RedisStore(
      { keyPrefix },
      { onFailure: needs.onFailure, onGivenUp: (_, changes) => needs.onGivenUp(changes), version: 'simulated' },
      {
        ...{ link: this.link, instance: needs.name, subscriptions: this.link.subscriptions },
        clock: { nowMs: () => needs.clock.nowMs(), stop: () => undefined },
      },
    );
    this.view = new RoomView(needs.rules, this.#clock);
    this.#entering = new EnteringHere(this.#clock);
    this.caller = new RoomCaller({
      rules: needs.rules,
      store: this.#ownStore(),
      clock: this.#clock,
      draw: plainDraw,
      holder: needs.name,
      newPassId: needs.newPassId,
      knowsPresent: epoch => this.#presence.isKnown(epoch),
      // As wherever gateways share a store.
      sparesStore: true,
      changesPerSnapshot: needs.changesPerSnapshot,
      present: () => {
        // A copy: devices may come and go between the decision and its commit.
        const { places, drawn } = this.view.present;
        this.#seen = { places: places.clone(), drawn };
        return this.view.present;
      },
      onLead: epoch => {
        this.#leadsSinceMs = epoch === null ? Number.POSITIVE_INFINITY : needs.clock.nowMs();
        this.#stopAnswering();
        this.#presence.lead(epoch);
        if (epoch !== null)
          this.#stopAnswering = this.store.exchange.answerAsked(needs.rules.id, request => this.#answer(request));
      },
      onTrouble: reason => this.#tellTrouble('store', reason),
      onFailure: needs.onFailure,
    });
  }

  get name(): string {
    return this.#needs.name;
  }

  get epoch(): number | null {
    return this.#presence.epoch;
  }

  get isAlive(): boolean {
    return this.#diedAtMs === null;
  }

  get diedAtMs(): number | null {
    return this.#diedAtMs;
  }

  get isFrozen(): boolean {
    return this.#frozenSinceMs !== null;
  }

  /** Since when nothing goes in or out; null while something does. */
  get mutedSinceMs(): number | null {
    const since = [this.#frozenSinceMs, this.link.mutedSinceMs].filter(each => each !== null);
    return since.length === 0 ? null : Math.min(...since);
  }

  /** Since when everything goes as it should, but for a time without a connection that has not ended yet. */
  get wellSinceMs(): number {
    if (this.link.deafSinceMs !== null) return Number.POSITIVE_INFINITY;
    return Math.max(this.#readyAtMs, this.#thawedAtMs, this.link.faultAtMs, this.link.connectedAtMs);
  }

  get leadsSinceMs(): number {
    return this.#leadsSinceMs;
  }

  async start(): Promise<void> {
    const { onFailure, drawnPlaces, drawTakesMs } = this.#needs;
    const { view } = this;
    const clock = this.#clock;
    const onTrouble = (reason: string | null) => this.#tellTrouble('view', reason);
    await followRoom({ store: this.#ownStore(), view, clock, onTrouble, onFailure });
    await followOrder({
      ...{ view, clock, onTrouble },
      compute: drawn =>
        new Promise(resolve => {
          const places = drawnPlaces(drawn);
          clock.after(drawTakesMs, () => resolve({ places, numbers: numbersByPlace(places) }));
        }),
    });
    await this.#presence.share({ view, clock, exchange: this.#ownExchange(), onFailure });
    await this.caller.start();
    clock.every(500, () => view.expirePresence());
    this.isReady = true;
    this.#readyAtMs = clock.nowMs();
  }

  /** As on SIGTERM. */
  async stop(): Promise<void> {
    this.isReady = false;
    this.#readyAtMs = Number.POSITIVE_INFINITY;
    await this.caller.stop();
    await this.#presence.stop();
    await this.store.close();
    this.kill();
  }

  async ask(request: RoomRequest): Promise<RoomAnswer> {
    if (this.epoch !== null) {
      try {
        return await this.caller.ask(request);
      } catch {
        // Another gateway has taken over, or the store is away: asking the others tells.
      }
    }
    return this.#entering.during(request, this.#heard(this.store.exchange.ask(this.#needs.rules.id, request)));
  }

  kill(): void {
    this.#diedAtMs ??= this.#needs.clock.nowMs();
    this.isReady = false;
    this.#late = [];
    this.link.close();
  }

  freeze(): void {
    this.#frozenSinceMs ??= this.#needs.clock.nowMs();
  }

  thaw(): void {
    if (this.isFrozen) this.#thawedAtMs = this.#needs.clock.nowMs();
    this.#frozenSinceMs = null;
    for (const act of this.#late.splice(0)) this.#do(act);
  }

  /** Now, or once it is no longer frozen, or never. */
  #do(act: () => void): void {
    if (!this.isAlive) return;
    if (this.isFrozen) this.#late.push(act);
    else act();
  }

  #heard<Result>(answer: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      answer.then(
        result => this.#do(() => resolve(result)),
        error => this.#do(() => reject(error)),
      );
    });
  }

  #answer(request: RoomRequest): Promise<RoomAnswer> {
    return new Promise((resolve, reject) => {
      this.#do(() => this.caller.ask(request).then(resolve, reject));
    });
  }

  #tellTrouble(of: 'store' | 'view', reason: string | null): void {
    this.#troubles[of] = reason;
    this.view.checking = this.#troubles.store !== null || this.#troubles.view !== null;
  }

  #ownClock(clock: Clock): Clock {
    return {
      nowMs: () => clock.nowMs(),
      after: (delayMs, act) => clock.after(delayMs, () => this.#do(act)),
      every: (periodMs, act) => {
        // As a timer of a process: however many periods it slept, it runs once.
        let isDue = false;
        const stop = clock.every(periodMs, () => {
          if (!this.isAlive) return stop();
          if (isDue) return;
          isDue = true;
          this.#do(() => {
            isDue = false;
            act();
          });
        });
        return stop;
      },
    };
  }

  #ownStore(): QueueStore {
    const { store } = this;
    return {
      takeNumbers: (room, count) => store.takeNumbers(room, count),
      countNumbers: room => this.#heard(store.countNumbers(room)),
      lead: (room, holder, isQuiet) => this.#heard(store.lead(room, holder, isQuiet)),
      load: room => this.#heard(store.load(room)),
      commit: (room, epoch, version, changes) => {
        if (this.#seen !== null) this.#needs.onCommit(version, changes, this.#seen);
        return this.#heard(store.commit(room, epoch, version, changes));
      },
      compact: (room, epoch, version, snapshot) => this.#heard(store.compact(room, epoch, version, snapshot)),
      follow: (room, version, onChanges, onBehind) =>
        store.follow(
          room,
          version,
          changes => this.#do(() => onChanges(changes)),
          () => this.#do(() => onBehind?.()),
        ),
      keyRing: make => store.keyRing(make),
      replaceKeyRing: (previous, next) => store.replaceKeyRing(previous, next),
      trouble: () => store.trouble(),
      close: () => store.close(),
    };
  }

  #ownExchange(): RoomExchange {
    const { exchange: store } = this.store;
    return {
      ask: (room, request) => this.#heard(store.ask(room, request)),
      answerAsked: (room, answer) => store.answerAsked(room, answer),
      sayPresent: (room, here, leaseMs) => this.#heard(store.sayPresent(room, here, leaseMs)),
      collectPresent: room => this.#heard(store.collectPresent(room)),
      publishPresent: (room, epoch, everybody) => this.#heard(store.publishPresent(room, epoch, everybody)),
      tellMoved: room => store.tellMoved(room),
      onMoved: (room, listener) => store.onMoved(room, () => this.#do(listener)),
      tellLeft: (room, number) => store.tellLeft(room, number),
      onLeft: (room, listener) => store.onLeft(room, numbers => this.#do(() => listener(numbers))),
    };
  }
}
