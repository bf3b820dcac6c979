// One gateway's connection to the simulated shared store: every call and message may be late, lost, carried out twice or
// after it was given up; the connection may be cut altogether. Keeps what the port promises, as the adapter for Redis does.

import type { Clock } from '../../src/flow/clock.ts';
import type { RoomAnswer, RoomRequest } from '../../src/queue/answer-request.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { CommitOutcome, Lead, QueueStore, StoredRoom } from '../../src/store/queue-store.ts';
import type { CollectedPresence, PresenceBytes, RoomExchange } from '../../src/store/room-exchange.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { changesOf, type Entry, type SharedServer } from './shared-server.ts';

/** What becomes of one call: how often it is carried out, after how long, and whether its answer comes. */
export type CallFate = { readonly delayMs: number; readonly times: 0 | 1 | 2; readonly isAnswered: boolean };

/** What a gateway asks the store for; it can die before it asks, and before it hears the answer. */
export const storeSteps = [
  ...(['take-numbers', 'count-numbers', 'lead', 'load', 'commit'] as const),
  ...(['say-present', 'collect-present', 'publish-present'] as const),
] as const;
export type StoreStep = (typeof storeSteps)[number];
export type Instant = `${'before' | 'after'} ${StoreStep}`;

const lookPeriodMs = 1_000;
const askAgainMs = 500;
const askMsMax = 5_000;
const deadlineMs = 1_500;
/** From here on an answer counts as late. */
const lateMs = 100;

type Follower = { version: number; readonly onChanges: (changes: readonly RoomChange[]) => void };
type Answer = (request: RoomRequest) => Promise<RoomAnswer>;

/** Where messages between gateways go. */
export class MessageRoom {
  readonly stores = new Set<SharedStore>();
}

export class SharedStore implements QueueStore, RoomExchange {
  readonly #server: SharedServer;
  readonly #messages: MessageRoom;
  readonly #clock: Clock;
  readonly #instance: string;
  readonly #fate: () => CallFate;
  readonly #newTag: () => string;
  readonly #diesAt: (instant: Instant) => boolean;
  readonly #onFault: (fault: string) => void;
  /** As far as this gateway knows the history. */
  #entries: readonly Entry[] = [];
  #epoch = 0;
  #follower: Follower | null = null;
  #answer: Answer | null = null;
  #answered = new Map<string, Promise<RoomAnswer>>();
  #onMoved: () => void = () => undefined;
  #onLeft: (numbers: readonly number[]) => void = () => undefined;
  #stopLooking: () => void = () => undefined;
  isCut = false;

  constructor(of: {
    readonly server: SharedServer;
    readonly messages: MessageRoom;
    readonly clock: Clock;
    readonly instance: string;
    readonly fate: () => CallFate;
    readonly newTag: () => string;
    /** True: the gateway is dead from this instant on. */
    readonly diesAt: (instant: Instant) => boolean;
    /** Told of what became of a call, where it was not carried out once and answered in time. */
    readonly onFault: (fault: string) => void;
  }) {
    this.#server = of.server;
    this.#messages = of.messages;
    this.#clock = of.clock;
    this.#instance = of.instance;
    this.#fate = of.fate;
    this.#newTag = of.newTag;
    this.#diesAt = of.diesAt;
    this.#onFault = of.onFault;
    of.messages.stores.add(this);
  }

  /** How many changes this gateway has been given. */
  get version(): number {
    return this.#entries.length;
  }

  takeNumbers(_: string, count: number): Promise<number> {
    return this.#call('take-numbers', () => this.#server.takeNumbers(count));
  }

  countNumbers(): Promise<number> {
    return this.#call('count-numbers', () => this.#server.numbers);
  }

  async lead(): Promise<Lead | null> {
    const lead = await this.#call('lead', () => this.#server.lead(this.#instance, this.#epoch));
    this.#epoch = Math.max(this.#epoch, lead?.epoch ?? 0);
    return lead;
  }

  async load(): Promise<StoredRoom> {
    const entries = await this.#call('load', () => [...this.#server.entries]);
    this.#know(entries);
    return { snapshot: null, changes: changesOf(entries) };
  }

  async commit(_: string, epoch: number, version: number, changes: readonly RoomChange[]): Promise<CommitOutcome> {
    const tag = this.#newTag();
    const entries = changes.map(change => ({ tag, body: JSON.stringify(change) }));
    const previous = this.#entries[version - 1]?.tag ?? '';
    const isCommitted = await this.#call('commit', () => {
      const done = this.#server.commit({ instance: this.#instance, epoch, version, previous, entries });
      if (done) this.#tellAll();
      return done;
    });
    if (!isCommitted) return { kind: 'fenced' };
    if (this.version < version + changes.length) this.#know([...this.#entries.slice(0, version), ...entries]);
    return { kind: 'committed' };
  }

  compact(): Promise<void> {
    return Promise.resolve();
  }

  follow(_: string, version: number, onChanges: (changes: readonly RoomChange[]) => void): () => void {
    this.#follower = { version, onChanges };
    this.#stopLooking = this.#clock.every(lookPeriodMs, () => void this.load().catch(() => undefined));
    this.#clock.after(0, () => this.#deliver());
    return () => this.close();
  }

  ask(_: string, request: RoomRequest): Promise<RoomAnswer> {
    const id = this.#newTag();
    const untilMs = this.#clock.nowMs() + askMsMax;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const end = (act: () => void) => {
        isOver = true;
        act();
      };
      const send = () => {
        if (isOver) return;
        if (this.#clock.nowMs() >= untilMs) return end(() => reject(unavailable('no caller answered')));
        for (const store of this.#messages.stores) {
          this.#travel(store, () =>
            store.#hearAsked(id, request, this, answer => isOver || end(() => resolve(answer))),
          );
        }
        this.#clock.after(askAgainMs, send);
      };
      send();
    });
  }

  answerAsked(_: string, answer: Answer): () => void {
    this.#answer = answer;
    return () => {
      if (this.#answer === answer) this.#answer = null;
    };
  }

  sayPresent(_: string, here: PresenceBytes, leaseMs: number): Promise<PresenceBytes | null> {
    return this.#call('say-present', () => this.#server.say(this.#instance, here, leaseMs));
  }

  collectPresent(): Promise<CollectedPresence> {
    return this.#call('collect-present', () => {
      const said = this.#server.collect();
      return { gateways: said.length, said };
    });
  }

  publishPresent(_: string, epoch: number, everybody: PresenceBytes): Promise<boolean> {
    return this.#call('publish-present', () => this.#server.publish(this.#instance, epoch, everybody));
  }

  tellMoved(_: string): void {
    for (const store of this.#messages.stores) if (store !== this) this.#travel(store, () => store.#onMoved());
  }

  onMoved(_: string, listener: () => void): () => void {
    this.#onMoved = listener;
    return () => {
      this.#onMoved = () => undefined;
    };
  }

  tellLeft(_: string, number: number): void {
    for (const store of this.#messages.stores) if (store !== this) this.#travel(store, () => store.#onLeft([number]));
  }

  onLeft(_: string, listener: (numbers: readonly number[]) => void): () => void {
    this.#onLeft = listener;
    return () => {
      this.#onLeft = () => undefined;
    };
  }

  keyRing(make: () => Promise<string>): Promise<string> {
    return make();
  }

  replaceKeyRing(): Promise<boolean> {
    return Promise.resolve(false);
  }

  trouble(): string | null {
    return this.isCut ? 'the connection is cut' : null;
  }

  close(): Promise<void> {
    this.#messages.stores.delete(this);
    this.#stopLooking();
    this.#follower = null;
    return Promise.resolve();
  }

  #call<Result>(step: StoreStep, act: () => Result): Promise<Result> {
    if (this.isCut) return Promise.reject(unavailable('the connection is cut'));
    // Nobody is there any more to be told.
    if (this.#diesAt(`before ${step}`)) return new Promise(() => undefined);
    const { delayMs, times, isAnswered } = this.#fate();
    return new Promise((resolve, reject) => {
      let isGivenUp = false;
      const giveUp = this.#clock.after(deadlineMs, () => {
        isGivenUp = true;
        reject(unavailable('no answer in time'));
      });
      this.#clock.after(delayMs / 2, () => {
        if (times === 0) return this.#onFault('a call lost');
        if (isGivenUp) this.#onFault('a call carried out after it was given up');
        const { term } = this.#server;
        const result = act();
        // The second time comes late: perhaps when the call has long been given up.
        if (times === 2) {
          this.#clock.after(2 * delayMs, () => {
            this.#onFault('a call carried out twice');
            act();
          });
        }
        this.#clock.after(delayMs / 2, () => {
          if (isGivenUp) return;
          if (!isAnswered || this.isCut || term !== this.#server.term) return this.#onFault('an answer lost');
          if (delayMs > lateMs) this.#onFault('an answer late');
          giveUp();
          if (!this.#diesAt(`after ${step}`)) resolve(result);
        });
      });
    });
  }

  #travel(to: SharedStore, arrive: () => void): void {
    const { delayMs, times } = this.#fate();
    if (this.isCut || to.isCut || times === 0) return this.#onFault('a message lost');
    this.#clock.after(delayMs, arrive);
  }

  #hearAsked(id: string, request: RoomRequest, from: SharedStore, tell: (answer: RoomAnswer) => void): void {
    if (this.#answer === null) return;
    const known = this.#answered.get(id);
    const answering = known ?? this.#answer(request);
    this.#answered.set(id, answering);
    answering.then(
      answer => {
        const { version } = this;
        this.#travel(from, () => {
          // An answer counts once the changes are there that it rests on.
          if (from.version >= version) tell(answer);
          else
            void from.load().then(
              () => from.version >= version && tell(answer),
              () => undefined,
            );
        });
      },
      () => this.#answered.delete(id),
    );
  }

  #tellAll(): void {
    const entries = [...this.#server.entries];
    const { term } = this.#server;
    for (const store of this.#messages.stores) {
      if (store !== this) this.#travel(store, () => term === this.#server.term && store.#know(entries));
    }
  }

  #know(entries: readonly Entry[]): void {
    if (entries.length <= this.version) return;
    this.#entries = entries;
    this.#deliver();
  }

  #deliver(): void {
    const follower = this.#follower;
    if (follower === null || follower.version >= this.version) return;
    const news = this.#entries.slice(follower.version);
    follower.version = this.version;
    follower.onChanges(changesOf(news));
  }
}

function unavailable(message: string): StoreError {
  return new StoreError('unavailable', message);
}
