// What callers decided, by the version they decided it on: whatever is committed was decided by one of them, as a whole.

import type { RoomChange } from '../../src/queue/room-change.ts';
import { must } from './naive-room.ts';

type Decision<Seen> = { readonly changes: readonly string[]; readonly seen: Seen };

/** `Seen`: what a caller saw when it decided. */
export class Decisions<Seen> {
  readonly #byVersion = new Map<number, Decision<Seen>[]>();

  note(version: number, changes: readonly RoomChange[], seen: Seen): void {
    const decisions = this.#byVersion.get(version) ?? [];
    decisions.unshift({ changes: changes.map(encode), seen });
    this.#byVersion.set(version, decisions);
  }

  /** Of changes that were committed after a version: the first ones, which were decided together, the last time that they were. */
  first(version: number, committed: readonly RoomChange[]): { readonly changes: readonly RoomChange[]; seen: Seen } {
    const texts = committed.map(encode);
    const decision = this.#byVersion.get(version)?.find(each => each.changes.every((text, at) => text === texts[at]));
    must(decision !== undefined, 'P6', `change ${version} was committed and nobody decided it`);
    return { changes: committed.slice(0, decision.changes.length), seen: decision.seen };
  }
}

function encode(change: RoomChange): string {
  return JSON.stringify(change);
}
