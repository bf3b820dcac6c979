// The embedded store: one process, its state in one folder on the local disk. Numbers come from memory, out of blocks
// reserved on disk; what must survive is on disk before it is answered. SQLite is left to the disk thread.

import type { RoomChange } from '../../queue/room-change.ts';
import { decodeChange } from '../decode-change.ts';
import type { OperatorsStore } from '../operators-store.ts';
import type { CommitOutcome, Durability, Lead, QueueStore, StoredRoom } from '../queue-store.ts';
import { StoreError } from '../store-error.ts';
import { ChangeFeed } from './change-feed.ts';
import { Disk, type DiskOptions } from './disk.ts';
import type { UnusedFrom } from './disk-protocol.ts';
import { EmbeddedOperators } from './embedded-operators.ts';
import { NumberBlock } from './number-block.ts';

type Room = {
  readonly numbers: NumberBlock;
  readonly feed: ChangeFeed;
  /** Null until this process first took the lead. */
  epoch: number | null;
};

export class EmbeddedStore implements QueueStore {
  readonly operators: OperatorsStore;
  readonly #disk: Disk;
  readonly #nowMs: () => number;
  readonly #rooms = new Map<string, Room>();

  /** Rejects with StoreError: `in-use` if another process has the folder, `unreadable` if it holds something else. */
  static async open(
    path: string,
    options: { readonly nowMs: () => number; readonly disk?: Partial<DiskOptions> },
  ): Promise<EmbeddedStore> {
    return new EmbeddedStore(await Disk.open(path, options.disk), options.nowMs);
  }

  private constructor(disk: Disk, nowMs: () => number) {
    this.#disk = disk;
    this.operators = new EmbeddedOperators(disk);
    this.#nowMs = nowMs;
  }

  takeNumbers(room: string, count: number): number | Promise<number> {
    // Reserved numbers could go on for a while on a dead disk, but nobody who got one would ever be called.
    const { trouble } = this.#disk;
    if (trouble !== null) return Promise.reject(new StoreError('unavailable', trouble));
    return this.#room(room).numbers.take(count);
  }

  async countNumbers(room: string): Promise<number> {
    const { numbers } = this.#room(room);
    return numbers.next ?? (await numbers.take(0));
  }

  /** There is one process and so one holder; a new process gets a new epoch. */
  async lead(room: string): Promise<Lead> {
    const open = this.#room(room);
    const nowMs = this.#nowMs();
    const isNew = open.epoch === null;
    const { epoch, lastHeardAtMs } = await this.#disk.request({ kind: 'lead', room, atMs: nowMs, isNew });
    open.epoch = epoch;
    return { epoch, nowMs, lastHeardAtMs };
  }

  async load(room: string): Promise<StoredRoom> {
    const { snapshot, changes } = await this.#readAfter(room, 0);
    return { snapshot, changes };
  }

  async commit(
    room: string,
    epoch: number,
    version: number,
    changes: readonly RoomChange[],
    durability: Durability = 'synced',
  ): Promise<CommitOutcome> {
    const open = this.#room(room);
    if (epoch !== open.epoch) return { kind: 'fenced' };
    const bodies = changes.map(change => JSON.stringify(change));
    const isCommitted = await this.#disk.request({ kind: 'commit', room, version, changes: bodies, durability });
    if (!isCommitted) return { kind: 'fenced' };
    open.feed.push(version, changes);
    return { kind: 'committed' };
  }

  async compact(room: string, epoch: number, version: number, snapshot: Uint8Array): Promise<void> {
    if (epoch === this.#room(room).epoch) await this.#disk.request({ kind: 'compact', room, version, snapshot });
  }

  follow(
    room: string,
    version: number,
    onChanges: (changes: readonly RoomChange[]) => void,
    onBehind?: () => void,
  ): () => void {
    return this.#room(room).feed.follow(version, onChanges, onBehind ?? (() => refuseGap(room)));
  }

  async keyRing(make: () => Promise<string>): Promise<string> {
    const known = await this.#disk.request({ kind: 'read-key-ring' });
    if (known !== null) return known;
    const first = await this.#disk.request({ kind: 'key-ring', document: await make() });
    if (first === null) throw new StoreError('unreadable', 'the key ring was written and is not there');
    return first;
  }

  replaceKeyRing(previous: string, next: string): Promise<boolean> {
    return this.#disk.request({ kind: 'replace-key-ring', previous, document: next });
  }

  trouble(): string | null {
    return this.#disk.trouble;
  }

  /** Gives unused numbers back, so that a restart in order leaves no gap. */
  async close(): Promise<void> {
    const unused: UnusedFrom[] = [];
    for (const [room, { numbers, feed }] of this.#rooms) {
      numbers.stop(new StoreError('unavailable', 'the store is closed'));
      feed.stop();
      if (numbers.next !== null) unused.push([room, numbers.next]);
    }
    await this.#disk.close(unused);
  }

  #room(room: string): Room {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const opened: Room = {
      numbers: new NumberBlock(
        count => this.#disk.request({ kind: 'reserve', room, count }),
        () => performance.now(),
      ),
      feed: new ChangeFeed(version => this.#readAfter(room, version)),
      epoch: null,
    };
    this.#rooms.set(room, opened);
    return opened;
  }

  async #readAfter(room: string, after: number): Promise<StoredRoom & { readonly version: number }> {
    const { version, snapshot, changes } = await this.#disk.request({ kind: 'load', room, after });
    return { version, snapshot, changes: changes.map(body => decodeChange(body, writtenBy)) };
  }
}

function refuseGap(room: string): never {
  throw new Error(`a follower of room ${room} is behind its snapshot and cannot load again`);
}

const writtenBy = 'a later version wrote it, run that one';
