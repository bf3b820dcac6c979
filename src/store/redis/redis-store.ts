// The store on Redis or Valkey: any number of gateways share it. Every operation is one script on the keys of one room;
// what they do is in lua/, how they get there in redis-link.ts. Wires the parts of it together.

import { randomBytes } from 'node:crypto';
import type { RoomChange } from '../../queue/room-change.ts';
import type { CommitOutcome, Lead, QueueStore, StoredRoom } from '../queue-store.ts';
import { StoreError } from '../store-error.ts';
import { HeardDocuments } from './heard-documents.ts';
import { keysOfRoom, type RoomKeys } from './keys.ts';
import { NumberQueue } from './number-queue.ts';
import { type OpenConnections, openConnections } from './open-connections.ts';
import { RedisExchange } from './redis-exchange.ts';
import { RedisOperators } from './redis-operators.ts';
import type { RedisSettings } from './redis-settings.ts';
import { integerOf, replyCodes } from './replies.ts';
import { RoomHistory } from './room-history.ts';
import { RoomLead } from './room-lead.ts';
import { scripts } from './scripts.ts';
import { certificateEndsAtMs } from './server-certificate.ts';
import { decodeTold } from './stored-history.ts';
import { StoredKeyRing } from './stored-key-ring.ts';

type Room = {
  readonly keys: RoomKeys;
  readonly numbers: NumberQueue;
  readonly history: RoomHistory;
  readonly lead: RoomLead;
  readonly stopListening: () => void;
};

export type RedisStoreOptions = {
  /** Told of what nobody expected: what is stored cannot be read. */
  readonly onFailure: (error: unknown) => void;
  /** Told when Redis was found to have lost what it had; what this gateway knows is then put back. */
  readonly onLoss?: (room: string) => void;
  /** Told when so many changes that this gateway knows are lost for good: others went on without them. */
  readonly onGivenUp?: (room: string, changes: number) => void;
  /** Of Junban: told to gateways of other versions that cannot read what this one writes. */
  readonly version?: string;
  /** Whether a key document came from another, by changes of its keys. Default: never. */
  readonly isOfKeyRing?: (stored: string, known: string) => boolean;
};

export class RedisStore implements QueueStore {
  readonly exchange: RedisExchange;
  readonly operators: HeardDocuments;
  readonly #link: OpenConnections['link'];
  readonly #clock: OpenConnections['clock'];
  readonly #subscriptions: OpenConnections['subscriptions'];
  readonly #prefix: string;
  readonly #options: RedisStoreOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #instance: string;
  readonly #keyRing: StoredKeyRing;
  /** Of the server process that answered last. */
  #runId: string;
  #isClosed = false;

  /** Rejects with StoreError, saying the remedy, when Redis is not reached, refuses us, or is not fit for a line. */
  static async open(settings: RedisSettings, options: RedisStoreOptions): Promise<RedisStore> {
    return new RedisStore(settings, options, await openConnections(settings, options.onFailure));
  }

  constructor(
    settings: Pick<RedisSettings, 'keyPrefix'>,
    options: RedisStoreOptions,
    { link, instance, clock, subscriptions }: OpenConnections,
  ) {
    this.#clock = clock;
    this.#prefix = settings.keyPrefix;
    this.#options = options;
    this.#link = link;
    this.#instance = instance;
    this.#runId = link.runId;
    this.#subscriptions = subscriptions;
    this.#keyRing = new StoredKeyRing({
      ...{ link, prefix: this.#prefix, onFailure: options.onFailure },
      isOfKeyRing: options.isOfKeyRing ?? (() => false),
    });
    const stored = new RedisOperators(link, this.#prefix);
    this.operators = new HeardDocuments(stored, this.#prefix, this.#subscriptions);
    this.exchange = new RedisExchange({
      ...{ link, subscriptions: this.#subscriptions, prefix: this.#prefix, instance },
      versionOf: room => this.#room(room).history.version,
      whenFollowed: (room, version, done) => this.#room(room).history.whenFollowed(version, done),
      onMoved: room => this.#room(room).history.heardMoved(),
      nowMs: () => clock.nowMs(),
      trouble: () => this.trouble(),
      onFailure: options.onFailure,
    });
    link.onUsable(() => {
      for (const { history } of this.#rooms.values()) history.look();
      if (link.runId !== '' && link.runId === this.#runId) return;
      this.#runId = link.runId;
      this.operators.putBack().catch(options.onFailure);
    });
  }

  /** What an operator should know of the server though it can be used. */
  get warnings(): readonly string[] {
    return this.#link.warnings;
  }

  /** When the certificate that Redis showed runs out; null without TLS, or while there is no connection. */
  certificateEndsAtMs(): number | null {
    return certificateEndsAtMs(this.#link.client);
  }

  /** The store's clock, on which all gateways agree. Epoch milliseconds. */
  nowMs(): number {
    return this.#clock.nowMs();
  }

  takeNumbers(room: string, count: number, draws = false): number | Promise<number> {
    const trouble = this.trouble();
    if (trouble !== null) return Promise.reject(new StoreError('unavailable', trouble));
    const { numbers } = this.#room(room);
    numbers.draws = draws;
    return numbers.take(count);
  }

  async countNumbers(room: string): Promise<number> {
    return this.#room(room).numbers.count();
  }

  async lead(room: string, holder: string, isQuiet = false): Promise<Lead | null> {
    const open = this.#room(room);
    // A caller that hears nobody would leave everybody else's claims unanswered. // ST190
    const unheard = this.#subscriptions.trouble;
    if (unheard !== null) throw new StoreError('unavailable', unheard);
    return open.lead.take(holder, isQuiet);
  }

  load(room: string): Promise<StoredRoom> {
    return this.#room(room).history.load();
  }

  async commit(room: string, epoch: number, version: number, changes: readonly RoomChange[]): Promise<CommitOutcome> {
    if (changes.length === 0) return { kind: 'committed' };
    const { keys, history } = this.#room(room);
    const tag = randomBytes(6).toString('base64url');
    const bodies = changes.map(change => JSON.stringify(change));
    const reply = await this.#link.run(
      scripts.commit,
      [keys.head, keys.changes],
      [epoch, version, history.tagAt(version) ?? '', tag, keys.channel, this.#instance, ...bodies],
    );
    if (integerOf(reply) !== replyCodes.commit.committed) {
      history.look();
      return { kind: 'fenced' };
    }
    history.committed(
      version,
      bodies.map(body => ({ tag, body })),
    );
    return { kind: 'committed' };
  }

  async compact(room: string, epoch: number, version: number, snapshot: Uint8Array): Promise<void> {
    const { keys, history } = this.#room(room);
    const reply = await this.#link.run(
      scripts.compact,
      [keys.head, keys.changes, keys.snapshot],
      [epoch, version, Buffer.from(snapshot), this.#instance],
    );
    if (integerOf(reply) === replyCodes.compact.replaced) history.compacted(version, snapshot);
  }

  follow(
    room: string,
    version: number,
    onChanges: (changes: readonly RoomChange[]) => void,
    onBehind?: () => void,
  ): () => void {
    return this.#room(room).history.follow({ version, onChanges, onBehind: onBehind ?? (() => refuseGap(room)) });
  }

  keyRing(make: () => Promise<string>): Promise<string> {
    return this.#keyRing.read(make);
  }

  replaceKeyRing(previous: string, next: string): Promise<boolean> {
    return this.#keyRing.replace(previous, next);
  }

  trouble(): string | null {
    return this.#isClosed ? 'the store is closed' : (this.#link.trouble ?? this.#subscriptions.trouble);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.exchange.stop();
    this.#clock.stop();
    await Promise.all([...this.#rooms.values()].map(({ lead }) => lead.release()));
    for (const { history, stopListening } of this.#rooms.values()) {
      history.stop();
      stopListening();
    }
    this.#subscriptions.close();
    this.#link.close();
  }

  #room(room: string): Room {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const keys = keysOfRoom(this.#prefix, room);
    const numbers = new NumberQueue(this.#link, keys.numbers);
    const history = new RoomHistory({
      ...{ link: this.#link, keys, numbers, softwareVersion: this.#options.version ?? '' },
      onLoss: everything => {
        this.#options.onLoss?.(room);
        this.#keyRing.putBack(everything);
        this.operators.putBack().catch(this.#options.onFailure);
      },
      onGivenUp: changes => this.#options.onGivenUp?.(room, changes),
      onDelivered: changes => this.exchange.saw(room, changes),
      onFailure: this.#options.onFailure,
    });
    const stopListening = this.#subscriptions.add(keys.channel, {
      onMessage: message => this.#hear(room, opened, message),
      onSubscribed: () => {
        history.look();
        this.exchange.heardMoved(room);
      },
    });
    const lead = new RoomLead({
      ...{ link: this.#link, keys, history, clock: this.#clock, instance: this.#instance },
      softwareVersion: this.#options.version ?? '',
      onForgotten: () => this.#keyRing.putBack(true),
    });
    const opened: Room = { keys, numbers, history, lead, stopListening };
    this.#rooms.set(room, opened);
    return opened;
  }

  #hear(room: string, open: Room, message: string): void {
    const told = decodeTold(message);
    if (told === null) open.history.look();
    else if (told.kind === 'released') open.lead.heardReleased();
    else if (told.kind === 'moved') this.exchange.heardMoved(room);
    else if (told.kind === 'left') this.exchange.heardLeft(room, told.numbers, told.atMs);
    else open.history.heard(told.from, told.previous, told.entries);
  }
}

function refuseGap(room: string): never {
  throw new Error(`a follower of room ${room} is behind its snapshot and cannot load again`);
}
