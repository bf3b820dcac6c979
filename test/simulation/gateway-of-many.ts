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
import { plainDraw } from '../support/draw-desk.ts';
import { FreezableProcess } from './freezable-process.ts';
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
  readonly #process: FreezableProcess;
  readonly #clock: Clock;
  readonly #queueStore: QueueStore;
  readonly #entering: EnteringHere;
  readonly #troubles: Record<'store' | 'view', string | null> = { store: null, view: null };
  readonly #presence = new LedPresence();
  #seen: PresentPlaces | null = null;
  #stopAnswering: () => void = () => undefined;
  isReady = false;
  /** Until when what it said of who is there holds. */
  saidUntilMs = Number.NEGATIVE_INFINITY;
  #readyAtMs = Number.POSITIVE_INFINITY;
  #leadsSinceMs = Number.POSITIVE_INFINITY;

  constructor(needs: GatewayNeeds) {
    this.#needs = needs;
    this.#process = new FreezableProcess(needs.clock);
    this.#clock = this.#process.clock;
    this.link = new SimulatedLink({ ...needs.link, clock: needs.clock, inProcess: act => this.#process.do(act) });
    this.store = new RedisStore(
      { keyPrefix },
      { onFailure: needs.onFailure, onGivenUp: (_, changes) => needs.onGivenUp(changes), version: 'simulated' },
      {
        ...{ link: this.link, instance: needs.name, subscriptions: this.link.subscriptions },
        clock: { nowMs: () => needs.clock.nowMs(), stop: () => undefined },
      },
    );
    this.#queueStore = this.#process.storeOf(this.store, (version, changes) => {
      if (this.#seen !== null) needs.onCommit(version, changes, this.#seen);
    });
    this.view = new RoomView(needs.rules, this.#clock);
    this.#entering = new EnteringHere(this.#clock);
    this.caller = new RoomCaller({
      rules: needs.rules,
      store: this.#queueStore,
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
    return this.#process.isAlive;
  }

  get diedAtMs(): number | null {
    return this.#process.diedAtMs;
  }

  get isFrozen(): boolean {
    return this.#process.isFrozen;
  }

  /** Since when nothing goes in or out; null while something does. */
  get mutedSinceMs(): number | null {
    const since = [this.#process.frozenSinceMs, this.link.mutedSinceMs].filter(each => each !== null);
    return since.length === 0 ? null : Math.min(...since);
  }

  /** Since when everything goes as it should, but for a time without a connection that has not ended yet. */
  get wellSinceMs(): number {
    if (this.link.deafSinceMs !== null) return Number.POSITIVE_INFINITY;
    return Math.max(this.#readyAtMs, this.#process.thawedAtMs, this.link.faultAtMs, this.link.connectedAtMs);
  }

  get leadsSinceMs(): number {
    return this.#leadsSinceMs;
  }

  async start(): Promise<void> {
    const { onFailure, drawnPlaces, drawTakesMs } = this.#needs;
    const { view } = this;
    const clock = this.#clock;
    const onTrouble = (reason: string | null) => this.#tellTrouble('view', reason);
    await followRoom({ store: this.#queueStore, view, clock, onTrouble, onFailure });
    await followOrder({
      ...{ view, clock, onTrouble },
      compute: drawn =>
        new Promise(resolve => {
          const places = drawnPlaces(drawn);
          clock.after(drawTakesMs, () => resolve({ places, numbers: numbersByPlace(places) }));
        }),
    });
    await this.#presence.share({ view, clock, exchange: this.#process.exchangeOf(this.store.exchange), onFailure });
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
    return this.#entering.during(request, this.#process.heard(this.store.exchange.ask(this.#needs.rules.id, request)));
  }

  kill(): void {
    this.#process.kill();
    this.isReady = false;
    this.link.close();
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  #answer(request: RoomRequest): Promise<RoomAnswer> {
    return new Promise((resolve, reject) => {
      this.#process.do(() => this.caller.ask(request).then(resolve, reject));
    });
  }

  #tellTrouble(of: 'store' | 'view', reason: string | null): void {
    this.#troubles[of] = reason;
    this.view.checking = this.#troubles.store !== null || this.#troubles.view !== null;
  }
}
