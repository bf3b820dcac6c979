// The process of a simulated gateway: it can be frozen for a while, and killed. What reaches it while it is frozen it does
// when it is awake again; once it is dead, nothing. Through it come its timers, and all that it hears of the store.

import type { Clock } from '../../src/flow/clock.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { QueueStore } from '../../src/store/queue-store.ts';
import type { RoomExchange } from '../../src/store/room-exchange.ts';

export class FreezableProcess {
  /** Its timers. */
  readonly clock: Clock;
  readonly #clock: Clock;
  #late: (() => void)[] = [];
  #diedAtMs: number | null = null;
  #frozenSinceMs: number | null = null;
  #thawedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.clock = this.#ownClock(clock);
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

  get frozenSinceMs(): number | null {
    return this.#frozenSinceMs;
  }

  get thawedAtMs(): number {
    return this.#thawedAtMs;
  }

  kill(): void {
    this.#diedAtMs ??= this.#clock.nowMs();
    this.#late = [];
  }

  freeze(): void {
    this.#frozenSinceMs ??= this.#clock.nowMs();
  }

  thaw(): void {
    if (this.isFrozen) this.#thawedAtMs = this.#clock.nowMs();
    this.#frozenSinceMs = null;
    for (const act of this.#late.splice(0)) this.do(act);
  }

  /** Now, or once it is no longer frozen, or never. */
  do(act: () => void): void {
    if (!this.isAlive) return;
    if (this.isFrozen) this.#late.push(act);
    else act();
  }

  heard<Result>(answer: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      answer.then(
        result => this.do(() => resolve(result)),
        error => this.do(() => reject(error)),
      );
    });
  }

  /** Its store; `onCommit` is told of each commit before it is sent. */
  storeOf(store: QueueStore, onCommit: (version: number, changes: readonly RoomChange[]) => void): QueueStore {
    return {
      takeNumbers: (room, count) => store.takeNumbers(room, count),
      countNumbers: room => this.heard(store.countNumbers(room)),
      lead: (room, holder, isQuiet) => this.heard(store.lead(room, holder, isQuiet)),
      load: room => this.heard(store.load(room)),
      commit: (room, epoch, version, changes, durability) => {
        onCommit(version, changes);
        return this.heard(store.commit(room, epoch, version, changes, durability));
      },
      compact: (room, epoch, version, snapshot) => this.heard(store.compact(room, epoch, version, snapshot)),
      follow: (room, version, onChanges, onBehind) =>
        store.follow(
          room,
          version,
          changes => this.do(() => onChanges(changes)),
          () => this.do(() => onBehind?.()),
        ),
      keyRing: make => store.keyRing(make),
      replaceKeyRing: (previous, next) => store.replaceKeyRing(previous, next),
      trouble: () => store.trouble(),
      close: () => store.close(),
    };
  }

  exchangeOf(exchange: RoomExchange): RoomExchange {
    return {
      ask: (room, request) => this.heard(exchange.ask(room, request)),
      answerAsked: (room, answer) => exchange.answerAsked(room, answer),
      sayPresent: (room, here, leaseMs) => this.heard(exchange.sayPresent(room, here, leaseMs)),
      collectPresent: room => this.heard(exchange.collectPresent(room)),
      publishPresent: (room, epoch, everybody) => this.heard(exchange.publishPresent(room, epoch, everybody)),
      tellMoved: room => exchange.tellMoved(room),
      onMoved: (room, listener) => exchange.onMoved(room, () => this.do(listener)),
      tellLeft: (room, number) => exchange.tellLeft(room, number),
      onLeft: (room, listener) => exchange.onLeft(room, numbers => this.do(() => listener(numbers))),
    };
  }

  #ownClock(clock: Clock): Clock {
    return {
      nowMs: () => clock.nowMs(),
      after: (delayMs, act) => clock.after(delayMs, () => this.do(act)),
      every: (periodMs, act) => {
        // As a timer of a process: however many periods it slept, it runs once.
        let isDue = false;
        const stop = clock.every(periodMs, () => {
          if (!this.isAlive) return stop();
          if (isDue) return;
          isDue = true;
          this.do(() => {
            isDue = false;
            act();
          });
        });
        return stop;
      },
    };
  }
}
