// Those on this gateway who follow the history of one room: each is given every change once and in order, and whoever
// cannot go on is sent away to load again. Leaves to others where the changes come from.

import type { RoomChange } from '../../queue/room-change.ts';
import type { HistoryMemory } from './history-memory.ts';

/** An answer that waits longer for its changes is dropped: whoever asked asks again. */
const followedMsMax = 1_000;

export type HistoryFollower = {
  version: number;
  readonly onChanges: (changes: readonly RoomChange[]) => void;
  readonly onBehind: () => void;
};

/** Told once the followers know enough. */
type Awaiting = { readonly version: number; readonly done: () => void; readonly timer: NodeJS.Timeout };

export type HistoryFollowersNeeds = {
  readonly memory: Pick<HistoryMemory, 'version' | 'bodiesAfter'>;
  /** Throws on what cannot be read. */
  readonly decode: (body: string) => RoomChange;
  /** New changes, after the followers were given them; none is told twice, some may be left out after a loss. */
  readonly onDelivered: (changes: readonly RoomChange[]) => void;
  /** Nobody follows any more. */
  readonly onNobody: () => void;
  readonly onFailure: (error: unknown) => void;
};

export class HistoryFollowers {
  readonly #needs: HistoryFollowersNeeds;
  readonly #followers = new Set<HistoryFollower>();
  readonly #awaiting = new Set<Awaiting>();
  /** Followers that were sent away to load again, or could not take what they were given, and are not back. */
  #loading = 0;
  /** Up to which change `onDelivered` was told. */
  #deliveredVersion = 0;

  constructor(needs: HistoryFollowersNeeds) {
    this.#needs = needs;
  }

  get count(): number {
    return this.#followers.size;
  }

  add(follower: HistoryFollower): () => void {
    this.#followers.add(follower);
    this.#loading = Math.max(0, this.#loading - 1);
    return () => {
      this.#followers.delete(follower);
      if (this.#followers.size === 0) this.#needs.onNobody();
    };
  }

  /** What is known here is not known to a follower that has to load it. // ST230 */
  areAt(version: number): boolean {
    const areThere = this.#loading === 0 && [...this.#followers].every(follower => follower.version >= version);
    return areThere && this.#needs.memory.version >= version;
  }

  /** Calls back when all have been given the first `version` changes, if that comes soon. */
  whenAt(version: number, done: () => void): void {
    const timer = setTimeout(() => this.#awaiting.delete(waiting), followedMsMax);
    const waiting: Awaiting = { version, done, timer };
    this.#awaiting.add(waiting);
  }

  /** Gives each what it does not have yet of what is known. */
  deliver(): void {
    const { memory, onDelivered } = this.#needs;
    const read = this.#reader();
    for (const follower of [...this.#followers]) {
      const changes = read(follower.version);
      if (changes === null) this.#sendAway(follower, memory.bodiesAfter(follower.version) !== undefined);
      else if (changes.length > 0) {
        follower.version += changes.length;
        follower.onChanges(changes);
        if (!this.#followers.has(follower)) this.#loading += 1;
      }
    }
    // Whoever loads again has not been given them.
    if (this.#loading > 0) return;
    const fresh = read(this.#deliveredVersion) ?? [];
    this.#deliveredVersion = memory.version;
    if (fresh.length > 0) onDelivered(fresh);
    for (const waiting of [...this.#awaiting]) {
      if (!this.areAt(waiting.version)) continue;
      clearTimeout(waiting.timer);
      this.#awaiting.delete(waiting);
      waiting.done();
    }
  }

  /** `onDelivered` is told nothing of what is known until now. */
  beginHere(): void {
    this.#deliveredVersion = this.#needs.memory.version;
  }

  /** What they applied is not what the store says happened: they start again. */
  sendAllAway(): void {
    for (const follower of [...this.#followers]) this.#sendAway(follower);
  }

  /** A follower beyond the end of what is there follows a history that is gone. */
  sendUnreachableAway(): void {
    for (const follower of [...this.#followers]) {
      if (follower.version > this.#needs.memory.version) this.#sendAway(follower);
    }
  }

  stop(): void {
    this.#followers.clear();
    for (const { timer } of this.#awaiting) clearTimeout(timer);
    this.#awaiting.clear();
  }

  /** Gives the changes after a version; null: they are not there any more, or cannot be read. Whoever is as far reads once. */
  #reader(): (version: number) => readonly RoomChange[] | null {
    const known = new Map<number, readonly RoomChange[] | null>();
    return version => {
      const before = known.get(version);
      if (before !== undefined) return before;
      const bodies = this.#needs.memory.bodiesAfter(version);
      const changes = bodies === undefined ? null : this.#decode(bodies);
      known.set(version, changes);
      return changes;
    };
  }

  /** Null: one of them cannot be read. No follower goes on over a gap; loading tells the same of what is stored. */
  #decode(bodies: readonly string[]): readonly RoomChange[] | null {
    try {
      return bodies.map(body => this.#needs.decode(body));
    } catch (error) {
      this.#needs.onFailure(error);
      return null;
    }
  }

  /** Whoever cannot read a change may never be back: nobody waits for it. // ST161 */
  #sendAway(follower: HistoryFollower, cannotRead = false): void {
    if (!this.#followers.delete(follower)) return;
    if (!cannotRead) this.#loading += 1;
    if (this.#followers.size === 0) this.#needs.onNobody();
    follower.onBehind();
  }
}
