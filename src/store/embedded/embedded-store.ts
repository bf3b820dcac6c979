// The embedded store: one process, its state in one folder on the local disk. Reads and numbers come from memory;
// what must survive is on disk before it is answered.

import type { RoomChange } from '../../queue/room-change.ts';
import type { CommitOutcome, Lead, QueueStore, StoredRoom } from '../queue-store.ts';
import { StoreError } from '../store-error.ts';
import { Disk } from './disk.ts';
import type { DiskResult, DiskRoom } from './disk-protocol.ts';
import { NumberBlock } from './number-block.ts';

type Follower = { readonly onChanges: (changes: readonly RoomChange[]) => void; version: number };

type Room = {
  readonly numbers: NumberBlock;
  readonly followers: Set<Follower>;
  readonly lastHeardAtMs: number | null;
  version: number;
};

/** One process has the folder, so it is the only caller there can be. */
const onlyEpoch = 1;

export class EmbeddedStore implements QueueStore {
  readonly #disk: Disk;
  readonly #nowMs: () => number;
  readonly #rooms = new Map<string, Room>();

  /** Rejects with StoreError: `in-use` if another process has the folder, `unreadable` if it holds something else. */
  static async open(path: string, options: { readonly nowMs: () => number }): Promise<EmbeddedStore> {
    return new EmbeddedStore(await Disk.open(path), options.nowMs);
  }

  private constructor(disk: Disk, nowMs: () => number) {
    this.#disk = disk;
    this.#nowMs = nowMs;
  }

  takeNumbers(room: string, count: number): number | Promise<number> {
    if (this.#disk.trouble !== null) return Promise.reject(new StoreError('unavailable', this.#disk.trouble));
    const open = this.#rooms.get(room);
    return open === undefined ? this.#room(room).then(({ numbers }) => numbers.take(count)) : open.numbers.take(count);
  }

  async countNumbers(room: string): Promise<number> {
    return (await this.#room(room)).numbers.next;
  }

  async lead(room: string): Promise<Lead> {
    const { lastHeardAtMs } = await this.#room(room);
    const nowMs = this.#nowMs();
    await this.#disk.request({ kind: 'attend', room, atMs: nowMs });
    return { epoch: onlyEpoch, nowMs, lastHeardAtMs };
  }

  async load(room: string): Promise<StoredRoom> {
    await this.#room(room);
    const { snapshot, changes } = await this.#read(room, 0);
    return { snapshot, changes: changes.map(decodeChange) };
  }

  async commit(room: string, _epoch: number, version: number, changes: readonly RoomChange[]): Promise<CommitOutcome> {
    const open = await this.#room(room);
    const bodies = changes.map(change => JSON.stringify(change));
    if (!(await this.#disk.request({ kind: 'commit', room, version, changes: bodies }))) return { kind: 'fenced' };
    open.version = version + changes.length;
    for (const follower of open.followers) deliver(follower, version, changes);
    return { kind: 'committed' };
  }

  async compact(room: string, _epoch: number, version: number, snapshot: Uint8Array): Promise<void> {
    await this.#disk.request({ kind: 'compact', room, version, snapshot });
  }

  follow(room: string, version: number, onChanges: (changes: readonly RoomChange[]) => void): () => void {
    const follower: Follower = { onChanges, version };
    const joined = this.#room(room).then(async open => {
      while (open.version > follower.version) await this.#catchUp(room, follower);
      open.followers.add(follower);
    });
    // A store that cannot be read fails its caller's turns too, and those report it.
    joined.catch(() => undefined);
    return () => {
      follower.version = Number.POSITIVE_INFINITY;
      this.#rooms.get(room)?.followers.delete(follower);
    };
  }

  async keyRing(make: () => Promise<string>): Promise<string> {
    const known = await this.#disk.request({ kind: 'read-key-ring' });
    if (typeof known === 'string') return known;
    return String(await this.#disk.request({ kind: 'key-ring', document: await make() }));
  }

  async replaceKeyRing(previous: string, next: string): Promise<boolean> {
    return (await this.#disk.request({ kind: 'replace-key-ring', previous, document: next })) === true;
  }

  trouble(): string | null {
    return this.#disk.trouble;
  }

  /** Gives unused numbers back, so that a restart in order leaves no gap. */
  close(): Promise<void> {
    return this.#disk.close([...this.#rooms].map(([room, { numbers }]) => [room, numbers.next] as const));
  }

  async #room(room: string): Promise<Room> {
    const open = this.#rooms.get(room);
    if (open !== undefined) return open;
    const { reserved, attendedAtMs, version } = await this.#read(room, 0);
    const opened: Room = {
      numbers: new NumberBlock(reserved, upTo => this.#reserve(room, upTo), this.#nowMs),
      followers: new Set(),
      lastHeardAtMs: attendedAtMs,
      version,
    };
    // Two first requests may have read the room side by side: the first one in stays.
    const first = this.#rooms.get(room) ?? opened;
    this.#rooms.set(room, first);
    return first;
  }

  async #reserve(room: string, upTo: number): Promise<void> {
    await this.#disk.request({ kind: 'reserve', room, upTo });
  }

  async #catchUp(room: string, follower: Follower): Promise<void> {
    const { version, changes } = await this.#read(room, follower.version);
    deliver(follower, version - changes.length, changes.map(decodeChange));
  }

  async #read(room: string, after: number): Promise<DiskRoom> {
    return decodeRoom(await this.#disk.request({ kind: 'load', room, after }));
  }
}

/** Gives a follower what it has not seen of the changes after `version`. */
function deliver(follower: Follower, version: number, changes: readonly RoomChange[]): void {
  const seen = follower.version - version;
  if (seen >= changes.length) return;
  follower.version = version + changes.length;
  follower.onChanges(seen > 0 ? changes.slice(seen) : changes);
}

function decodeChange(body: string): RoomChange {
  return JSON.parse(body) as RoomChange;
}

function decodeRoom(result: DiskResult): DiskRoom {
  if (result === null || typeof result !== 'object') throw new StoreError('unreadable', 'the disk thread gave no room');
  return result;
}
