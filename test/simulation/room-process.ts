// One gateway process of a simulation: the real view and the real caller over the simulated store. It can be killed at
// any instant; whatever it had under way in the store may still happen, but it never hears of it.

import type { Clock } from '../../src/flow/clock.ts';
import { loadRoom } from '../../src/flow/load-room.ts';
import { PlaceOrder } from '../../src/flow/place-order.ts';
import { RoomCaller } from '../../src/flow/room-caller.ts';
import { RoomView } from '../../src/flow/room-view.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import type { PresentPlaces } from '../../src/queue/turn.ts';
import type { QueueStore } from '../../src/store/queue-store.ts';
import { plainDraw } from '../support/draw-desk.ts';

export type ProcessNeeds = {
  readonly rules: RoomRules;
  readonly clock: Clock;
  readonly store: QueueStore;
  readonly holder: string;
  readonly newPassId: () => string;
  /** The drawn places of a seed. */
  readonly drawnPlaces: (drawn: number) => Uint32Array;
  readonly drawTakesMs: number;
  readonly onCommit: (version: number, changes: readonly RoomChange[], seen: PresentPlaces) => void;
  readonly onFailure: (error: unknown) => void;
};

export class RoomProcess {
  readonly view: RoomView;
  readonly caller: RoomCaller;
  readonly #needs: ProcessNeeds;
  readonly #clock: Clock;
  readonly #store: QueueStore;
  #isAlive = true;
  #seen: PresentPlaces | null = null;
  isReady = false;

  constructor(needs: ProcessNeeds) {
    this.#needs = needs;
    const isAlive = () => this.#isAlive;
    this.#clock = mortalClock(needs.clock, isAlive);
    this.#store = mortalStore(needs.store, isAlive, (version, changes) => {
      if (this.#seen !== null) needs.onCommit(version, changes, this.#seen);
    });
    this.view = new RoomView(needs.rules, this.#clock);
    this.caller = new RoomCaller({
      rules: needs.rules,
      store: this.#store,
      clock: this.#clock,
      draw: plainDraw,
      holder: needs.holder,
      newPassId: needs.newPassId,
      present: () => {
        // A copy: devices may come and go between the decision and its commit.
        const { places, drawn } = this.view.present;
        this.#seen = { places: places.clone(), drawn };
        return this.view.present;
      },
      onTrouble: reason => {
        this.view.checking = reason !== null;
      },
      onFailure: needs.onFailure,
    });
  }

  async start(): Promise<void> {
    const { rules } = this.#needs;
    this.view.reset((await loadRoom(this.#store, rules)).state);
    this.#store.follow(rules.id, this.view.state.version, changes => {
      if (!this.#isAlive) return;
      this.view.apply(changes);
      if (changes.some(({ kind }) => kind === 'revealed')) this.#draw();
    });
    if (this.view.state.draw?.seed) this.#draw();
    this.#clock.every(500, () => this.view.expirePresence());
    await this.caller.start();
    this.isReady = true;
  }

  kill(): void {
    this.#isAlive = false;
    this.isReady = false;
  }

  #draw(): void {
    this.#clock.after(this.#needs.drawTakesMs, () => {
      this.view.setOrder(new PlaceOrder(this.#needs.drawnPlaces(this.view.state.draw?.drawn ?? 0)));
    });
  }
}

function mortalClock(clock: Clock, isAlive: () => boolean): Clock {
  const ifAlive = (act: () => void) => () => {
    if (isAlive()) act();
  };
  return {
    nowMs: () => clock.nowMs(),
    after: (delayMs, act) => clock.after(delayMs, ifAlive(act)),
    every(periodMs, act) {
      const stop = clock.every(periodMs, () => (isAlive() ? act() : stop()));
      return stop;
    },
  };
}

function mortalStore(
  store: QueueStore,
  isAlive: () => boolean,
  onCommit: (version: number, changes: readonly RoomChange[]) => void,
): QueueStore {
  /** The dead hear nothing. */
  const heard = <Result>(answer: Promise<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      answer.then(
        result => isAlive() && resolve(result),
        error => isAlive() && reject(error),
      );
    });
  return {
    takeNumbers: (room, count) => store.takeNumbers(room, count),
    countNumbers: room => heard(store.countNumbers(room)),
    lead: (room, holder) => heard(store.lead(room, holder)),
    load: room => heard(store.load(room)),
    commit(room, epoch, version, changes) {
      onCommit(version, changes);
      return heard(store.commit(room, epoch, version, changes));
    },
    compact: (room, epoch, version, snapshot) => heard(store.compact(room, epoch, version, snapshot)),
    follow: (room, version, onChanges) => store.follow(room, version, onChanges),
    keyRing: make => heard(store.keyRing(make)),
    replaceKeyRing: (previous, next) => heard(store.replaceKeyRing(previous, next)),
    trouble: () => null,
    close: () => Promise.resolve(),
  };
}
