// One of several simulated gateways: the real view, caller, presence and way of asking over its connection to the shared
// store. It can be killed, or frozen for a while: what would have reached it then reaches it later.

import type { Clock } from '../../src/flow/clock.ts';
import { EnteringHere } from '../../src/flow/entering-here.ts';
import { loadRoom } from '../../src/flow/load-room.ts';
import { PlaceOrder } from '../../src/flow/place-order.ts';
import { RoomCaller } from '../../src/flow/room-caller.ts';
import { RoomView } from '../../src/flow/room-view.ts';
import { SharedPresence } from '../../src/flow/share-presence.ts';
import type { RoomAnswer, RoomRequest } from '../../src/queue/answer-request.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import type { PresentPlaces } from '../../src/queue/turn.ts';
import type { QueueStore } from '../../src/store/queue-store.ts';
import type { RoomExchange } from '../../src/store/room-exchange.ts';
import { plainDraw } from '../support/draw-desk.ts';
import type { SharedStore } from './shared-store.ts';

export type GatewayNeeds = {
  readonly rules: RoomRules;
  readonly clock: Clock;
  readonly store: SharedStore;
  readonly name: string;
  readonly newPassId: () => string;
  readonly drawnPlaces: (drawn: number) => Uint32Array;
  readonly drawTakesMs: number;
  readonly onCommit: (version: number, changes: readonly RoomChange[], seen: PresentPlaces) => void;
  readonly onFailure: (error: unknown) => void;
};

export class GatewayOfMany {
  readonly view: RoomView;
  readonly caller: RoomCaller;
  readonly store: SharedStore;
  readonly #needs: GatewayNeeds;
  readonly #clock: Clock;
  readonly #entering: EnteringHere;
  #late: (() => void)[] = [];
  #seen: PresentPlaces | null = null;
  #epoch: number | null = null;
  #stopAnswering: () => void = () => undefined;
  isAlive = true;
  isFrozen = false;
  isReady = false;

  constructor(needs: GatewayNeeds) {
    this.#needs = needs;
    this.store = needs.store;
    this.#clock = this.#ownClock(needs.clock);
    this.view = new RoomView(needs.rules, this.#clock);
    this.#entering = new EnteringHere(this.#clock);
    this.caller = new RoomCaller({
      rules: needs.rules,
      store: this.#ownStore(),
      clock: this.#clock,
      draw: plainDraw,
      holder: needs.name,
      newPassId: needs.newPassId,
      // As wherever gateways share a store.
      sparesStore: true,
      present: () => {
        // A copy: devices may come and go between the decision and its commit.
        const { places, drawn } = this.view.present;
        this.#seen = { places: places.clone(), drawn };
        return this.view.present;
      },
      onLead: epoch => {
        this.#epoch = epoch;
        this.#stopAnswering();
        if (epoch !== null) this.#stopAnswering = this.store.answerAsked('', request => this.#answer(request));
      },
      onTrouble: reason => {
        this.view.checking = reason !== null;
      },
      onFailure: needs.onFailure,
    });
  }

  get epoch(): number | null {
    return this.#epoch;
  }

  async start(): Promise<void> {
    const { rules, onFailure } = this.#needs;
    this.view.reset((await loadRoom(this.#ownStore(), rules)).state);
    const { store, view } = this;
    store.follow(rules.id, view.state.version, changes =>
      this.#do(() => {
        view.apply(changes);
        if (changes.some(({ kind }) => kind === 'revealed')) this.#draw();
      }),
    );
    if (view.state.draw?.seed) this.#draw();
    await SharedPresence.start({
      ...{ view, clock: this.#clock, exchange: this.#ownExchange(), onFailure },
      epoch: () => this.#epoch,
    });
    await this.caller.start();
    this.#clock.every(500, () => view.expirePresence());
    this.isReady = true;
  }

  async ask(request: RoomRequest): Promise<RoomAnswer> {
    if (this.#epoch !== null) {
      try {
        return await this.caller.ask(request);
      } catch {
        // Another gateway has taken over, or the store is away: asking the others tells.
      }
    }
    return this.#entering.during(request, this.#heard(this.store.ask('', request)));
  }

  kill(): void {
    this.isAlive = false;
    this.isReady = false;
    this.#late = [];
    void this.store.close();
  }

  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
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

  #draw(): void {
    this.#clock.after(this.#needs.drawTakesMs, () => {
      this.view.setOrder(new PlaceOrder(this.#needs.drawnPlaces(this.view.state.draw?.drawn ?? 0)));
    });
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
      countNumbers: () => this.#heard(store.countNumbers()),
      lead: () => this.#heard(store.lead()),
      load: () => this.#heard(store.load()),
      commit: (room, epoch, version, changes) => {
        if (this.#seen !== null) this.#needs.onCommit(version, changes, this.#seen);
        return this.#heard(store.commit(room, epoch, version, changes));
      },
      compact: () => store.compact(),
      follow: (room, version, onChanges) => store.follow(room, version, onChanges),
      keyRing: make => store.keyRing(make),
      replaceKeyRing: () => store.replaceKeyRing(),
      trouble: () => store.trouble(),
      close: () => store.close(),
    };
  }

  #ownExchange(): RoomExchange {
    const { store } = this;
    return {
      ask: (room, request) => this.#heard(store.ask(room, request)),
      answerAsked: (room, answer) => store.answerAsked(room, answer),
      sayPresent: (room, here, leaseMs) => this.#heard(store.sayPresent(room, here, leaseMs)),
      collectPresent: () => this.#heard(store.collectPresent()),
      publishPresent: (room, epoch, everybody) => this.#heard(store.publishPresent(room, epoch, everybody)),
      tellMoved: room => store.tellMoved(room),
      onMoved: (room, listener) => store.onMoved(room, () => this.#do(listener)),
      tellLeft: (room, number) => store.tellLeft(room, number),
      onLeft: (room, listener) => store.onLeft(room, numbers => this.#do(() => listener(numbers))),
    };
  }
}
