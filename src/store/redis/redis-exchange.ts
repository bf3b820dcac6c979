// The exchange between gateways over Redis: requests and answers as messages, presence as leases. What is common to all
// gateways of a room is put together in Redis and read as one, however many they are.

import type { RoomAnswer, RoomRequest } from '../../queue/answer-request.ts';
import type { RoomChange } from '../../queue/room-change.ts';
import type { CollectedPresence, PresenceBytes, RoomExchange } from '../room-exchange.ts';
import { isStoreError, StoreError } from '../store-error.ts';
import { AskedRequests } from './asked-requests.ts';
import { answersChannel, keysOfRoom } from './keys.ts';
import { PresenceLeases } from './presence-leases.ts';
import type { RedisLink } from './redis-link.ts';
import { RequestAnswers } from './request-answers.ts';
import type { Subscriptions } from './subscriptions.ts';

export type RedisExchangeNeeds = {
  readonly link: Pick<RedisLink, 'run' | 'publish'>;
  readonly subscriptions: Pick<Subscriptions, 'add'>;
  readonly prefix: string;
  readonly instance: string;
  /** How many changes the history of a room has, as far as this gateway knows. */
  readonly versionOf: (room: string) => number;
  readonly whenFollowed: (room: string, version: number, done: () => void) => void;
  /** The store's clock. */
  readonly nowMs: () => number;
  /** Somebody came or went. */
  readonly onMoved: (room: string) => void;
  /** Why nobody can be asked now; null while they can. */
  readonly trouble: () => string | null;
  /** Told of what nobody expected. */
  readonly onFailure: (error: unknown) => void;
};

/** A word that somebody left which comes later is not taken: they may be back by then. */
const leftMsMax = 2_000;

export class RedisExchange implements RoomExchange {
  readonly #needs: RedisExchangeNeeds;
  readonly #asked: AskedRequests;
  readonly #presence: PresenceLeases;
  readonly #answering = new Map<string, RequestAnswers>();
  readonly #leftListeners = new Map<string, (numbers: readonly number[]) => void>();
  readonly #movedListeners = new Map<string, () => void>();
  #left = new Map<string, { readonly atMs: number; readonly numbers: number[] }>();

  constructor(needs: RedisExchangeNeeds) {
    this.#needs = needs;
    const { link, subscriptions, prefix, instance } = needs;
    this.#asked = new AskedRequests({
      instance,
      publish: (room, message) => link.publish(keysOfRoom(prefix, room).asked, message),
      whenFollowed: needs.whenFollowed,
    });
    subscriptions.add(answersChannel(prefix, instance), {
      onMessage: message => this.#asked.heard(message),
      onSubscribed: () => this.#asked.sendAgain(),
    });
    this.#presence = new PresenceLeases({ link, prefix, instance, onMoved: needs.onMoved });
  }

  ask(room: string, request: RoomRequest): Promise<RoomAnswer> {
    const trouble = this.#needs.trouble();
    if (trouble !== null) return Promise.reject(new StoreError('unavailable', trouble));
    // The caller may be this gateway: then nothing has to travel, unless another one has taken over.
    const here = this.#answering.get(room)?.answerHere(request);
    return here?.catch((error: unknown) => this.#askElsewhere(room, request, error)) ?? this.#asked.ask(room, request);
  }

  answerAsked(room: string, answer: (request: RoomRequest) => Promise<RoomAnswer>): () => void {
    const { link, subscriptions, prefix } = this.#needs;
    const answers = new RequestAnswers({
      room,
      answer,
      version: () => this.#needs.versionOf(room),
      publish: (instance, message) => link.publish(answersChannel(prefix, instance), message),
      onFailure: this.#needs.onFailure,
    });
    this.#answering.set(room, answers);
    const stopListening = subscriptions.add(keysOfRoom(prefix, room).asked, {
      onMessage: message => answers.heard(message),
      // Who asked meanwhile asks again by itself.
      onSubscribed: () => undefined,
    });
    return () => {
      stopListening();
      if (this.#answering.get(room) === answers) this.#answering.delete(room);
    };
  }

  sayPresent(room: string, here: PresenceBytes, leaseMs: number): Promise<PresenceBytes | 'lost' | null> {
    return this.#presence.say(room, here, leaseMs);
  }

  collectPresent(room: string): Promise<CollectedPresence> {
    return this.#presence.collect(room);
  }

  publishPresent(room: string, epoch: number, everybody: PresenceBytes): Promise<boolean> {
    return this.#presence.publish(room, epoch, everybody);
  }

  tellMoved(room: string): void {
    const { channel } = keysOfRoom(this.#needs.prefix, room);
    // Who does not hear of it finds out a little later.
    this.#needs.link.publish(channel, JSON.stringify({ kind: 'moved' })).catch(() => undefined);
  }

  onMoved(room: string, listener: () => void): () => void {
    this.#movedListeners.set(room, listener);
    return () => this.#movedListeners.delete(room);
  }

  tellLeft(room: string, number: number): void {
    if (this.#left.size === 0) setImmediate(() => this.#sendLeft());
    const left = this.#left.get(room);
    if (left === undefined) this.#left.set(room, { atMs: this.#needs.nowMs(), numbers: [number] });
    else left.numbers.push(number);
  }

  onLeft(room: string, listener: (numbers: readonly number[]) => void): () => void {
    this.#leftListeners.set(room, listener);
    return () => this.#leftListeners.delete(room);
  }

  /** What the followers of the room here were given. */
  saw(room: string, changes: readonly RoomChange[]): void {
    this.#answering.get(room)?.saw(changes);
    this.#asked.saw(room, changes);
  }

  /** What the channel of the room says. */
  heardLeft(room: string, numbers: readonly number[], atMs: number | null): void {
    if (atMs !== null && this.#needs.nowMs() - atMs > leftMsMax) return; // ST260
    this.#leftListeners.get(room)?.(numbers);
  }

  heardMoved(room: string): void {
    this.#needs.onMoved(room);
    this.#movedListeners.get(room)?.();
  }

  #sendLeft(): void {
    const left = this.#left;
    this.#left = new Map();
    for (const [room, { numbers, atMs }] of left) {
      const { channel } = keysOfRoom(this.#needs.prefix, room);
      // Who does not hear of it counts the devices as present until their grace time is over.
      this.#needs.link.publish(channel, JSON.stringify({ kind: 'left', numbers, atMs })).catch(() => undefined);
    }
  }

  #askElsewhere(room: string, request: RoomRequest, error: unknown): Promise<RoomAnswer> {
    if (!isStoreError(error, 'unavailable') || this.#needs.trouble() !== null) throw error;
    return this.#asked.ask(room, request);
  }

  /** Whoever still waits for an answer is told that none will come. */
  stop(): void {
    this.#asked.stop();
  }
}
