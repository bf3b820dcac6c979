// The history of one room as this gateway knows it: from messages while none is lost, from Redis when one was. What
// Redis lost and this gateway still knows is put back. Leaves to others who is given it, and when it is looked at.

import type { RoomChange } from '../../queue/room-change.ts';
import { decodeChange } from '../decode-change.ts';
import type { StoredRoom } from '../queue-store.ts';
import { type HistoryFollower, HistoryFollowers } from './history-followers.ts';
import { HistoryLooks } from './history-looks.ts';
import { type Entry, HistoryMemory, type StoredHistory, tagOf, versionOf } from './history-memory.ts';
import type { RoomKeys } from './keys.ts';
import type { NumberQueue } from './number-queue.ts';
import type { RedisLink } from './redis-link.ts';
import { integerOf, replyCodes } from './replies.ts';
import { scripts } from './scripts.ts';
import { decodeHistory, encodeEntry, type ReadHistory, storedFormat } from './stored-history.ts';

/** More changes than a caller leaves without a snapshot: as soon as there is a newer one it is taken over. */
const entriesMax = 4_096;
/** Whoever finds the history changed between reading and restoring reads again. */
const restoreTriesMax = 3;

export type RoomHistoryNeeds = {
  readonly link: Pick<RedisLink, 'run' | 'runId'>;
  readonly keys: RoomKeys;
  readonly numbers: Pick<NumberQueue, 'floor' | 'heard' | 'count'>;
  /** The version of Junban that this is. */
  readonly softwareVersion: string;
  /** Redis was found to have lost what it had; `everything`: it had nothing, or what was begun after that. */
  readonly onLoss: (everything: boolean) => void;
  /** So many changes that were known here are in the store no more, and others stand in their place. */
  readonly onGivenUp: (changes: number) => void;
  /** New changes, after the followers were given them; none is told twice, some may be left out after a loss. */
  readonly onDelivered: (changes: readonly RoomChange[]) => void;
  /** What is stored cannot be read. */
  readonly onFailure: (error: unknown) => void;
};

export class RoomHistory {
  readonly #needs: RoomHistoryNeeds;
  readonly #memory = new HistoryMemory();
  readonly #followers: HistoryFollowers;
  readonly #looks: HistoryLooks;
  /** The version of Junban that called last, as it was read last. */
  #writer = '';
  #isLoaded = false;

  constructor(needs: RoomHistoryNeeds) {
    this.#needs = needs;
    const { onDelivered, onFailure } = needs;
    this.#followers = new HistoryFollowers({
      ...{ memory: this.#memory, decode: body => this.#decodeChange(body), onDelivered, onFailure },
      onNobody: () => this.#looks.stop(),
    });
    this.#looks = new HistoryLooks({
      ...{ isWanted: () => this.#followers.count > 0, look: () => this.#catchUp(), onFailure },
    });
  }

  get version(): number {
    return this.#memory.version;
  }

  /** Calls back when the followers have been given the first `version` changes, if that comes soon. */
  whenFollowed(version: number, done: () => void): void {
    if (this.#followers.areAt(version)) return done();
    this.#followers.whenAt(version, done);
    this.look();
  }

  get epoch(): number {
    return this.#memory.epoch;
  }

  get origin(): string {
    return this.#memory.origin;
  }

  heardEpoch(epoch: number): void {
    this.#memory.heardEpoch(epoch);
  }

  tagAt(version: number): string | undefined {
    return this.#isLoaded ? this.#memory.tagAt(version) : undefined;
  }

  /** Reads everything, after putting back what was lost. */
  async load(): Promise<StoredRoom> {
    for (let tries = 1; ; tries++) {
      const read = await this.#read(-1, '');
      const { stored } = read;
      if (!this.#isLoaded || !this.#memory.isLostIn(stored) || tries > restoreTriesMax) {
        this.#adopt(stored);
        const { base, snapshot, entries } = stored;
        return {
          snapshot: snapshot === null ? null : { version: base, bytes: snapshot },
          changes: entries.map(({ body }) => this.#decodeChange(body)),
        };
      }
      await this.#restore(stored);
    }
  }

  /** Puts back what the store lost of what is known here, and takes over what is new. */
  async compare(): Promise<void> {
    if (this.#isLoaded) await this.#catchUp();
  }

  follow(follower: HistoryFollower): () => void {
    const leave = this.#followers.add(follower);
    this.#looks.start();
    queueMicrotask(() => {
      this.#followers.deliver();
      this.look();
    });
    return leave;
  }

  /** Changes that were told, or that this gateway committed itself. */
  heard(from: number, previous: string, entries: readonly Entry[]): void {
    if (this.#isLoaded && this.#memory.append(from, previous, entries)) {
      this.#looks.heard();
      this.#followers.deliver();
      // No message says which history this is: who knew it without that would put it back as another one. // ST217
      if (this.#memory.origin === '') this.look();
    } else this.look();
  }

  committed(from: number, entries: readonly Entry[]): void {
    const previous = this.tagAt(from);
    if (previous !== undefined) this.heard(from, previous, entries);
    else this.look();
  }

  /** Devices come or go: numbers are handed out, of which nobody is told. */
  heardMoved(): void {
    this.#looks.heardMoved();
  }

  compacted(version: number, snapshot: Uint8Array): void {
    this.#memory.compact(version, snapshot);
  }

  /** Reads what is new. Without followers nobody needs it. */
  look(): void {
    this.#looks.look();
  }

  stop(): void {
    this.#followers.stop();
    this.#looks.stop();
  }

  async #catchUp(): Promise<void> {
    if (!this.#isLoaded) await this.load();
    else {
      const memory = this.#memory;
      const { version, tag } = memory;
      const { floor } = this.#needs.numbers;
      const read = await this.#read(version, tag);
      if (this.#needs.numbers.heard(read.nextNumber, floor)) {
        this.#needs.onLoss(false);
        await this.#needs.numbers.count();
      }
      memory.heardEpoch(read.stored.epoch);
      const { origin, base, entries } = read.stored;
      const isOther = origin !== '' && origin !== memory.origin;
      const isShorter = memory.length > entriesMax && base > memory.base;
      if (read.kind !== 'read' || isOther || isShorter || !memory.append(version, tag, entries)) await this.load();
    }
    this.#followers.deliver();
    this.#followers.sendUnreachableAway();
  }

  async #read(after: number, tag: string): Promise<ReadHistory> {
    const { head, changes, snapshot, numbers } = this.#needs.keys;
    const keys = [head, changes, snapshot, numbers];
    const { link } = this.#needs;
    const read = decodeHistory(await link.run(scripts.readHistory, keys, [after, tag, link.runId]));
    this.#writer = read.writer;
    return read;
  }

  #adopt(stored: StoredHistory): void {
    const isFirst = !this.#isLoaded;
    const isContinued = isFirst || this.#memory.isContinuedBy(stored);
    const lost = isContinued ? 0 : this.#memory.missingIn(stored);
    this.#memory.adopt(stored);
    this.#isLoaded = true;
    if (lost > 0) this.#needs.onGivenUp(lost);
    if (isFirst || !isContinued) this.#followers.beginHere();
    if (isContinued) this.#followers.deliver();
    else this.#followers.sendAllAway();
  }

  /** Puts back what this gateway knows and the store lost, if the store is still where it was read. */
  async #restore(left: StoredHistory): Promise<void> {
    const { link, keys, onLoss } = this.#needs;
    const kept = this.#memory.toStored();
    const reply = await link.run(
      scripts.restoreHistory,
      [keys.head, keys.changes, keys.snapshot],
      [
        ...[versionOf(left), tagOf(left), kept.epoch, storedFormat, kept.base, kept.baseTag, tagOf(kept)],
        Buffer.from(kept.snapshot ?? new Uint8Array(0)),
        kept.origin,
        ...kept.entries.map(encodeEntry),
      ],
    );
    if (integerOf(reply) === replyCodes.restoreHistory.restored)
      onLoss(versionOf(left) === 0 || left.origin !== kept.origin);
  }

  #decodeChange(body: string): RoomChange {
    const versions = `version ${this.#writer || 'unknown'} of Junban called last, this is ${this.#needs.softwareVersion}`;
    return decodeChange(body, `${versions}; run the later one`);
  }
}
