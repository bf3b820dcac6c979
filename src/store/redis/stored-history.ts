// How a room's history is written to Redis and read from it.

import { StoreError } from '../store-error.ts';
import type { Entry, StoredHistory } from './history-memory.ts';
import { bytesOf, integerOf, listOf, type Reply, replyCodes, textOf } from './replies.ts';

/** Of what this version stores. Another version's rooms are left alone. */
export const storedFormat = 1;

export type ReadHistory = {
  readonly kind: 'read' | 'too-far-back' | 'other-history';
  readonly version: number;
  /** The next number that the store would hand out. */
  readonly nextNumber: number;
  /** Which version of Junban called in the room last; '' unknown. */
  readonly writer: string;
  /** Of `read`: what was read. */
  readonly stored: StoredHistory;
};

export function decodeHistory(reply: Reply): ReadHistory {
  const [code, base, baseTag, version, , epoch, nextNumber, format, origin, writer, snapshot, isLed, ...entries] =
    listOf(reply);
  const stored = textOf(format);
  if (stored !== '' && stored !== String(storedFormat)) throw otherFormat(stored);
  const bytes = bytesOf(snapshot);
  return {
    kind: kindOf(integerOf(code)),
    version: integerOf(version),
    nextNumber: integerOf(nextNumber),
    writer: textOf(writer),
    stored: {
      base: integerOf(base),
      baseTag: textOf(baseTag),
      snapshot: bytes.length === 0 ? null : bytes,
      entries: entries.map(entry => decodeEntry(textOf(entry))),
      epoch: integerOf(epoch),
      origin: textOf(origin),
      isLed: integerOf(isLed) === 1,
    },
  };
}

function kindOf(code: number): ReadHistory['kind'] {
  if (code === replyCodes.readHistory.read) return 'read';
  return code === replyCodes.readHistory.tooFarBack ? 'too-far-back' : 'other-history';
}

export function encodeEntry({ tag, body }: Entry): string {
  return `${tag} ${body}`;
}

function decodeEntry(text: string): Entry {
  const end = text.indexOf(' ');
  if (end < 0) throw new StoreError('unreadable', 'an entry of a history in Redis has no tag');
  return { tag: text.slice(0, end), body: text.slice(end + 1) };
}

export function otherFormat(format: string | number): StoreError {
  return new StoreError(
    'unreadable',
    `a room in Redis has format ${format}, this version knows ${storedFormat}: run one version, or another store.keyPrefix`,
  );
}

/** What is told on the channel of a room. */
export type Told =
  | { readonly kind: 'changes'; readonly from: number; readonly previous: string; readonly entries: readonly Entry[] }
  | { readonly kind: 'released' }
  | { readonly kind: 'moved' }
  /** `atMs`: when, by the store's clock; null where an earlier version says it. */
  | { readonly kind: 'left'; readonly numbers: readonly number[]; readonly atMs: number | null };

/** Null for what only a later version knows: it is read from the history soon after. */
export function decodeTold(message: string): Told | null {
  const { kind, from, previous, tag, changes, numbers, atMs } = readTold(message);
  if (kind === 'released' || kind === 'moved') return { kind };
  if (kind === 'left' && numbers?.every(Number.isSafeInteger))
    return { kind, numbers, atMs: typeof atMs === 'number' ? atMs : null };
  if (kind !== 'changes' || from === undefined || previous === undefined) return null;
  if (tag === undefined || changes === undefined || !Number.isSafeInteger(from)) return null;
  return { kind: 'changes', from, previous, entries: changes.map(change => ({ tag, body: JSON.stringify(change) })) };
}

type ReadTold = {
  readonly kind?: unknown;
  readonly from?: number;
  readonly previous?: string;
  readonly tag?: string;
  readonly changes?: readonly unknown[];
  readonly numbers?: readonly number[];
  readonly atMs?: unknown;
};

function readTold(message: string): ReadTold {
  try {
    return (JSON.parse(message) as ReadTold | null) ?? {};
  } catch (cause) {
    throw new StoreError('unreadable', 'a message on the channel of a room is no JSON', { cause });
  }
}
