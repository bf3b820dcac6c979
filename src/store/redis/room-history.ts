// The history of one room as this gateway follows it: from messages while none is lost, from Redis when one was. What
// Redis lost and this gateway still knows is put back.

import type { RoomChange } from '../../queue/room-change.ts';
import { decodeChange } from '../decode-change.ts';
import type { StoredRoom } from '../queue-store.ts';
import { isStoreError } from '../store-error.ts';
import { type Entry, HistoryMemory, type StoredHistory, tagOf, versionOf } from './history-memory.ts';
import type { RoomKeys } from './keys.ts';
import type { NumberQueue } from './number-queue.ts';
import type { RedisLink } from './redis-link.ts';
import { integerOf, replyCodes } from './replies.ts';
import { scripts } from './scripts.ts';
import { decodeHistory, encodeEntry, type ReadHistory, storedFormat } from './stored-history.ts';

/** Looking is thought of so often. */
const lookPeriodMs = 1_000;
/** So many looks are spared while nobody comes or goes: a connection that carries no messages is noticed by others. // ST191 */
const sparedLooksMax = 4;
/** An answer that waits longer for its changes is dropped: whoever asked asks again. */
const followedMsMax = 1_000;
/** More changes than a caller leaves without a snapshot: as soon as there is a newer one it is taken over. */
const entriesMax = 4_096;
/** Whoever finds the history changed between reading and restoring reads again. */
const restoreTriesMax = 3;

type Follower = {
  version: number;
  readonly onChanges: (changes: readonly RoomChange[]) => void;
  readonly onBehind: () => void;
};

/** Told once the followers know enough. */
type Awaiting = { readonly version: number; readonly done: () => void; readonly timer: NodeJS.Timeout };

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
  readonly #followers = new Set<Follower>();
  readonly #awaiting = new Set<Awaiting>();
  /** Followers that were sent away to load again, or could not take what they were given, and are not back. */
  #loading = 0;
  /** The version of Junban that called last, as it was read last. */
  #writer = '';
  #isLooking = false;
  #lookAgain = false;
  #isLoaded = false;
  #timer: NodeJS.Timeout | null = null;
  /** Up to which change `onDelivered` was told. */
  #deliveredVersion = 0;
  /** Since the last time that looking was thought of. */
  #hasHeard = false;
  #hasMoved = false;
  #sparedLooks = 0;

  constructor(needs: RoomHistoryNeeds) {
    this.#needs = needs;
  }

  get version(): number {
    return this.#memory.version;
  }

  /** Calls back when the followers have been given the first `version` changes, if that comes soon. */
  whenFollowed(version: number, done: () => void): void {
    if (this.#areFollowed(version)) return done();
    const timer = setTimeout(() => this.#awaiting.delete(waiting), followedMsMax);
    const waiting: Awaiting = { version, done, timer };
    this.#awaiting.add(waiting);
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

  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    this.#loading = Math.max(0, this.#loading - 1);
    this.#timer ??= setInterval(() => this.#lookAtTimes(), lookPeriodMs);
    queueMicrotask(() => {
      this.#deliver();
      this.look();
    });
    return () => {
      this.#followers.delete(follower);
      if (this.#followers.size === 0) this.#stopTimer();
    };
  }

  /** Changes that were told, or that this gateway committed itself. */
  heard(from: number, previous: string, entries: readonly Entry[]): void {
    if (this.#isLoaded && this.#memory.append(from, previous, entries)) {
      this.#hasHeard = true;
      this.#deliver();
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
    this.#hasMoved = true;
  }

  compacted(version: number, snapshot: Uint8Array): void {
    this.#memory.compact(version, snapshot);
  }

  /** Reads what is new, unless a reading is under way: then it is read once more after it. Without followers nobody needs it. */
  look(): void {
    if (this.#followers.size === 0) return;
    if (this.#isLooking) {
      this.#lookAgain = true;
      return;
    }
    this.#isLooking = true;
    this.#catchUp().then(
      () => this.#looked(),
      (error: unknown) => {
        // While Redis is away every look fails; the next one comes by the timer and by the next connection.
        if (!isStoreError(error, 'unavailable')) this.#needs.onFailure(error);
        this.#lookAgain = false;
        this.#looked();
      },
    );
  }

  /**
   * Whoever heard of a change, and of none missing before it, a moment ago has lost no message. Where nobody moves either a
   * lost message, a pause say, is found after 5 s.
   */
  #lookAtTimes(): void {
    const isSpared = this.#hasHeard || !this.#hasMoved;
    this.#hasHeard = false;
    this.#hasMoved = false;
    if (isSpared && this.#sparedLooks < sparedLooksMax) {
      this.#sparedLooks += 1;
      return;
    }
    this.#sparedLooks = 0;
    this.look();
  }

  stop(): void {
    this.#followers.clear();
    for (const { timer } of this.#awaiting) clearTimeout(timer);
    this.#awaiting.clear();
    this.#stopTimer();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #looked(): void {
    this.#isLooking = false;
    if (!this.#lookAgain) return;
    this.#lookAgain = false;
    this.look();
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
    this.#deliver();
    this.#dropUnreachable();
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
    if (isFirst || !isContinued) this.#deliveredVersion = this.#memory.version;
    if (isContinued) return this.#deliver();
    // What the followers applied is not what the store says happened: they start again.
    for (const follower of [...this.#followers]) this.#dropBehind(follower);
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

  #deliver(): void {
    const read = this.#reader();
    for (const follower of [...this.#followers]) {
      const changes = read(follower.version);
      if (changes === null) this.#dropBehind(follower, this.#memory.bodiesAfter(follower.version) !== undefined);
      else if (changes.length > 0) {
        follower.version += changes.length;
        follower.onChanges(changes);
        if (!this.#followers.has(follower)) this.#loading += 1;
      }
    }
    // Whoever loads again has not been given them.
    if (this.#loading > 0) return;
    const fresh = read(this.#deliveredVersion) ?? [];
    this.#deliveredVersion = this.#memory.version;
    if (fresh.length > 0) this.#needs.onDelivered(fresh);
    for (const waiting of [...this.#awaiting]) {
      if (!this.#areFollowed(waiting.version)) continue;
      clearTimeout(waiting.timer);
      this.#awaiting.delete(waiting);
      waiting.done();
    }
  }

  /** What is known here is not known to a follower that has to load it. // ST230 */
  #areFollowed(version: number): boolean {
    const areThere = this.#loading === 0 && [...this.#followers].every(follower => follower.version >= version);
    return areThere && this.#memory.version >= version;
  }

  /** Gives the changes after a version; null: they are not there any more, or cannot be read. Whoever is as far reads once. */
  #reader(): (version: number) => readonly RoomChange[] | null {
    const known = new Map<number, readonly RoomChange[] | null>();
    return version => {
      const before = known.get(version);
      if (before !== undefined) return before;
      const bodies = this.#memory.bodiesAfter(version);
      const changes = bodies === undefined ? null : this.#decode(bodies);
      known.set(version, changes);
      return changes;
    };
  }

  #decodeChange(body: string): RoomChange {
    const versions = `version ${this.#writer || 'unknown'} of Junban called last, this is ${this.#needs.softwareVersion}`;
    return decodeChange(body, `${versions}; run the later one`);
  }

  /** Null: one of them cannot be read. No follower goes on over a gap; loading tells the same of what is stored. */
  #decode(bodies: readonly string[]): readonly RoomChange[] | null {
    try {
      return bodies.map(body => this.#decodeChange(body));
    } catch (error) {
      this.#needs.onFailure(error);
      return null;
    }
  }

  /** A follower beyond the end of what is there follows a history that is gone. */
  #dropUnreachable(): void {
    for (const follower of [...this.#followers]) {
      if (follower.version > this.#memory.version) this.#dropBehind(follower);
    }
  }

  /** Whoever cannot read a change may never be back: nobody waits for it. // ST161 */
  #dropBehind(follower: Follower, cannotRead = false): void {
    if (!this.#followers.delete(follower)) return;
    if (!cannotRead) this.#loading += 1;
    if (this.#followers.size === 0) this.#stopTimer();
    follower.onBehind();
  }
}
