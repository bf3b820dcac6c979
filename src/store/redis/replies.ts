// What the scripts answer: the meaning of every code, and the decoding of replies. Leaves sending to redis-link.ts.

import { StoreError } from '../store-error.ts';

export const replyCodes = {
  commit: { committed: 1, epochOver: -1, elsewhere: -2 },
  lead: { held: 0, otherFormat: -1, compareFirst: -2 },
  compact: { replaced: 1, nothingDone: 0 },
  readHistory: { read: 1, tooFarBack: 0, otherHistory: -1 },
  restoreHistory: { restored: 1, movedOn: 0 },
  replaceKeyRing: { replaced: 1, changed: 0 },
  replaceDocument: { replaced: 1, changed: 0 },
  exchangePresence: { held: 1, unknown: 0 },
  publishPresent: { published: 1, epochOver: -1 },
} as const;

export type Reply = unknown;

export function integerOf(reply: Reply): number {
  const value = typeof reply === 'number' ? reply : Number(textOf(reply));
  if (!Number.isSafeInteger(value)) throw unreadable(reply, 'an integer');
  return value;
}

export function textOf(reply: Reply): string {
  if (typeof reply === 'string') return reply;
  if (Buffer.isBuffer(reply)) return reply.toString();
  throw unreadable(reply, 'text');
}

export function bytesOf(reply: Reply): Uint8Array {
  if (Buffer.isBuffer(reply)) return Uint8Array.from(reply);
  throw unreadable(reply, 'bytes');
}

export function listOf(reply: Reply): readonly Reply[] {
  if (Array.isArray(reply)) return reply;
  throw unreadable(reply, 'a list');
}

function unreadable(reply: Reply, expected: string): StoreError {
  return new StoreError('unreadable', `Redis answered ${typeof reply}, expected ${expected}`);
}
