// The whole history of a simulated room as its server has it, from the first change on, also of those that only a snapshot
// stands for by now: what was seen before is remembered, also what was given up.

import type { RoomChange } from '../../src/queue/room-change.ts';
import { keysOfRoom } from '../../src/store/redis/keys.ts';
import { keyPrefix } from './gateway-of-many.ts';
import type { SimulatedRedis } from './redis/simulated-redis.ts';

export type KeptEntry = { readonly tag: string; readonly body: string };

export class KeptHistory {
  readonly #keys: ReturnType<typeof keysOfRoom>;
  #entries: readonly KeptEntry[] = [];
  /** Histories of before that went on otherwise, or ended elsewhere. */
  readonly #earlier: (readonly KeptEntry[])[] = [];

  constructor(room: string) {
    this.#keys = keysOfRoom(keyPrefix, room);
  }

  /** As it was when it was looked at last. */
  get entries(): readonly KeptEntry[] {
    return this.#entries;
  }

  /** When and by whom the history that the server has was begun; '' there is none. */
  originOf(server: SimulatedRedis): string {
    return server.field(this.#keys.head, 'origin') ?? '';
  }

  look(server: SimulatedRedis): readonly KeptEntry[] {
    const base = Number(server.field(this.#keys.head, 'base') ?? '0');
    const baseTag = server.field(this.#keys.head, 'baseTag') ?? '';
    const list = server.list(this.#keys.changes).map(entryOf);
    const last = list.at(-1)?.tag ?? baseTag;
    if (base + list.length === this.#entries.length && last === (this.#entries.at(-1)?.tag ?? '')) return this.#entries;
    const isBefore = (entries: readonly KeptEntry[]) => base === 0 || entries[base - 1]?.tag === baseTag;
    const before = [this.#entries, ...this.#earlier].find(isBefore);
    if (before === undefined) throw new Error(`P1 is broken: nobody ever had the ${base} changes of the snapshot`);
    const now = [...before.slice(0, base), ...list];
    if (!isBeginning(this.#entries, now)) this.#earlier.unshift(this.#entries);
    this.#entries = now;
    return now;
  }

  /** Whether a change of this kind was ever there. */
  everHad(isIt: (change: RoomChange) => boolean): boolean {
    return [this.#entries, ...this.#earlier].some(entries => changesOf(entries).some(isIt));
  }
}

export function isBeginning(beginning: readonly KeptEntry[], whole: readonly KeptEntry[]): boolean {
  const { length } = beginning;
  return length <= whole.length && commonLength(beginning, whole) === length;
}

export function commonLength(left: readonly KeptEntry[], right: readonly KeptEntry[]): number {
  let length = 0;
  while (length < left.length && left[length]?.tag === right[length]?.tag && left[length]?.body === right[length]?.body)
    length += 1;
  return length;
}

export function changesOf(entries: readonly KeptEntry[]): RoomChange[] {
  return entries.map(({ body }) => JSON.parse(body) as RoomChange);
}

function entryOf(text: string): KeptEntry {
  const end = text.indexOf(' ');
  return { tag: text.slice(0, end), body: Buffer.from(text.slice(end + 1), 'latin1').toString() };
}
