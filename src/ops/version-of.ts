// The version of something that is changed as a whole: what `If-Match` compares.

import { createHash } from 'node:crypto';
import { noVersion } from './api/room-book.ts';

/** 48 bits of a hash: any change makes it another number. */
export function versionOf(value: unknown): number {
  if (value === null) return noVersion;
  return Number.parseInt(createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12), 16);
}
