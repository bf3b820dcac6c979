// Changes to commit in store tests, and a follower that remembers what it was given.

import type { RoomChange } from '../../src/queue/room-change.ts';
import type { QueueStore } from '../../src/store/queue-store.ts';

export function called(place: number): RoomChange {
  return { kind: 'called', places: [place], atMs: 1_800_000_000_000 + place };
}

export type Followed = {
  readonly seen: readonly RoomChange[];
  /** Resolves when `count` changes were given. Following goes on. */
  readonly all: Promise<readonly RoomChange[]>;
};

export function followed(store: QueueStore, room: string, version: number, count: number): Followed {
  const seen: RoomChange[] = [];
  const all = new Promise<readonly RoomChange[]>(resolve => {
    store.follow(room, version, changes => {
      seen.push(...changes);
      if (seen.length >= count) resolve(seen.slice(0, count));
    });
  });
  return { seen, all };
}
