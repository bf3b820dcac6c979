// A QueueStore in memory, for simulations: a correct store on a virtual clock whose answers a test can delay, lose
// (the write happened, nobody learns it) or refuse (it did not happen).

import type { Clock } from '../../src/flow/clock.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { CommitOutcome, Durability, Lead, QueueStore, StoredRoom } from '../../src/store/queue-store.ts';
import { StoreError } from '../../src/store/store-error.ts';

/** What happens to one call: how long it takes, and whether it is refused or its answer is lost. */
export type StoreFate = { readonly delayMs: number; readonly outcome: 'answered' | 'refused' | 'answer-lost' };

type Follower = { readonly onChanges: (changes: readonly RoomChange[]) => void };

type Room = {
  numbers: number;
  epoch: number;
  holder: string | null;
  heardAtMs: number | null;
  snapshot: { readonly version: number; readonly bytes: Uint8Array } | null;
  /** All changes after the snapshot. */
  changes: string[];
  readonly followers: Set<Follower>;
};

const leaseMs = 2_000;

export class MemoryStore implements QueueStore {
  readonly #clock: Clock;
  readonly #rooms = new Map<string, Room>();
  #keyRing: string | null = null;
  /** What each commit was to survive. */
  readonly durabilities: Durability[] = [];
  /** Decides about each call to come. */
  fate: (operation: 'lead' | 'load' | 'commit' | 'compact' | 'count') => StoreFate = () => ({
    delayMs: 0,
    outcome: 'answered',
  });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  takeNumbers(room: string, count: number): number {
    const open = this.#room(room);
    open.numbers += count;
    return open.numbers - count;
  }

  countNumbers(room: string): Promise<number> {
    return this.#answer('count', () => this.#room(room).numbers);
  }

  lead(room: string, holder: string): Promise<Lead | null> {
    return this.#answer('lead', () => {
      const open = this.#room(room);
      const nowMs = this.#clock.nowMs();
      const lastHeardAtMs = open.heardAtMs;
      const isFree = lastHeardAtMs === null || nowMs - lastHeardAtMs > leaseMs;
      if (open.holder !== holder) {
        if (open.holder !== null && !isFree) return null;
        open.holder = holder;
        open.epoch += 1;
      }
      open.heardAtMs = nowMs;
      return { epoch: open.epoch, nowMs, lastHeardAtMs };
    });
  }

  load(room: string): Promise<StoredRoom> {
    return this.#answer('load', () => {
      const { snapshot, changes } = this.#room(room);
      return { snapshot, changes: changes.map(decode) };
    });
  }

  commit(
    room: string,
    epoch: number,
    version: number,
    changes: readonly RoomChange[],
    durability: Durability = 'synced',
  ): Promise<CommitOutcome> {
    this.durabilities.push(durability);
    return this.#answer('commit', () => {
      const open = this.#room(room);
      if (epoch !== open.epoch || version !== versionOf(open)) return { kind: 'fenced' };
      open.changes.push(...changes.map(encode));
      for (const follower of open.followers) this.#deliver(open, follower, changes.map(encode));
      return { kind: 'committed' };
    });
  }

  compact(room: string, epoch: number, version: number, bytes: Uint8Array): Promise<void> {
    return this.#answer('compact', () => {
      const open = this.#room(room);
      const base = open.snapshot?.version ?? 0;
      if (epoch !== open.epoch || version <= base || version > versionOf(open)) return;
      open.changes = open.changes.slice(version - base);
      open.snapshot = { version, bytes: bytes.slice() };
    });
  }

  follow(room: string, version: number, onChanges: (changes: readonly RoomChange[]) => void): () => void {
    const open = this.#room(room);
    const follower: Follower = { onChanges };
    const base = open.snapshot?.version ?? 0;
    if (version < base) throw new Error(`a follower asks for version ${version}, the history begins at ${base}`);
    open.followers.add(follower);
    this.#deliver(open, follower, open.changes.slice(version - base));
    return () => open.followers.delete(follower);
  }

  async keyRing(make: () => Promise<string>): Promise<string> {
    this.#keyRing ??= await make();
    return this.#keyRing;
  }

  async replaceKeyRing(previous: string, next: string): Promise<boolean> {
    if (this.#keyRing !== previous) return false;
    this.#keyRing = next;
    return true;
  }

  trouble(): string | null {
    return null;
  }

  async close(): Promise<void> {
    this.#rooms.clear();
  }

  /** What is committed at this instant and in no snapshot. */
  changesSinceSnapshot(room: string): readonly RoomChange[] {
    return this.#room(room).changes.map(decode);
  }

  #room(room: string): Room {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const followers = new Set<Follower>();
    const opened: Room = {
      numbers: 0,
      epoch: 0,
      holder: null,
      heardAtMs: null,
      snapshot: null,
      changes: [],
      followers,
    };
    this.#rooms.set(room, opened);
    return opened;
  }

  /** Followers are told on a later turn, in order, each change once. */
  #deliver(open: Room, follower: Follower, changes: readonly string[]): void {
    if (changes.length === 0) return;
    this.#clock.after(0, () => {
      if (open.followers.has(follower)) follower.onChanges(changes.map(decode));
    });
  }

  /** Carries out `act` halfway through the delay, as a store over a network does. */
  #answer<Result>(operation: Parameters<MemoryStore['fate']>[0], act: () => Result): Promise<Result> {
    const { delayMs, outcome } = this.fate(operation);
    if (delayMs === 0 && outcome === 'answered') return Promise.resolve(act());
    return new Promise((resolve, reject) => {
      this.#clock.after(delayMs / 2, () => {
        const tell = outcome === 'refused' ? refuse : answerLater(act());
        this.#clock.after(delayMs / 2, tell);
      });
      const refuse = (): void => reject(new StoreError('unavailable', `the store did not answer: ${operation}`));
      const answerLater = (result: Result) => (outcome === 'answered' ? () => resolve(result) : refuse);
    });
  }
}

function versionOf(open: Room): number {
  return (open.snapshot?.version ?? 0) + open.changes.length;
}

function encode(change: RoomChange): string {
  return JSON.stringify(change);
}

function decode(change: string): RoomChange {
  return JSON.parse(change) as RoomChange;
}
