// Gives the followers of one room every committed change once and in order: from memory while they keep up, from the
// disk when they start behind or an answer of the disk was lost.

import type { RoomChange } from '../../queue/room-change.ts';
import type { StoredRoom } from '../queue-store.ts';
import { isStoreError } from '../store-error.ts';

const retryAfterMs = 500;

type Follower = {
  version: number;
  isReading: boolean;
  readonly onChanges: (changes: readonly RoomChange[]) => void;
  readonly onBehind: () => void;
};

/** Reads the room's history after a version; `version` is where it ends. */
export type ReadAfter = (version: number) => Promise<StoredRoom & { readonly version: number }>;

export class ChangeFeed {
  readonly #readAfter: ReadAfter;
  readonly #followers = new Set<Follower>();
  /** The highest version known to be committed. */
  #version = 0;

  constructor(readAfter: ReadAfter) {
    this.#readAfter = readAfter;
  }

  follow(version: number, onChanges: Follower['onChanges'], onBehind: Follower['onBehind']): () => void {
    const follower: Follower = { version, isReading: false, onChanges, onBehind };
    this.#followers.add(follower);
    this.#catchUp(follower);
    return () => this.#followers.delete(follower);
  }

  /** The changes after `version` were committed. */
  push(version: number, changes: readonly RoomChange[]): void {
    this.#version = Math.max(this.#version, version + changes.length);
    for (const follower of this.#followers) {
      // A follower that is reading reads on until it has these as well.
      if (follower.isReading) continue;
      if (follower.version < version) this.#catchUp(follower);
      else give(follower, version, changes);
    }
  }

  stop(): void {
    this.#followers.clear();
  }

  #catchUp(follower: Follower): void {
    follower.isReading = true;
    this.#read(follower).catch((error: unknown) => {
      if (!isStoreError(error)) throw error;
      // A disk that cannot be read now fails its caller's turns too, and those report it; here it is asked again.
      setTimeout(() => this.#followers.has(follower) && this.#catchUp(follower), retryAfterMs).unref();
    });
  }

  async #read(follower: Follower): Promise<void> {
    do {
      const { snapshot, changes, version } = await this.#readAfter(follower.version);
      if (!this.#followers.has(follower)) return;
      if (snapshot !== null) {
        this.#followers.delete(follower);
        follower.onBehind();
        return;
      }
      this.#version = Math.max(this.#version, version);
      give(follower, version - changes.length, changes);
    } while (follower.version < this.#version);
    follower.isReading = false;
  }
}

/** Gives a follower what it has not seen of the changes after `version`. */
function give(follower: Follower, version: number, changes: readonly RoomChange[]): void {
  const seen = follower.version - version;
  if (seen >= changes.length) return;
  follower.version = version + changes.length;
  follower.onChanges(seen > 0 ? changes.slice(seen) : changes);
}
