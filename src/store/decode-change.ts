// Reads one stored change. A kind that only a later version knows is refused by name: taken for another, or left out, it
// would make of a room what nobody decided.

import { isChangeKind, type RoomChange } from '../queue/room-change.ts';
import { StoreError } from './store-error.ts';

/** `writtenBy`: what is known of who wrote it, and by what it is read, for operators. Throws StoreError `unreadable`. // ST192 */
export function decodeChange(body: string, writtenBy: string): RoomChange {
  const change = parse(body);
  const kind = typeof change === 'object' && change !== null ? (change as { kind?: unknown }).kind : undefined;
  if (typeof kind !== 'string') throw new StoreError('unreadable', 'a stored change has no kind');
  if (!isChangeKind(kind)) {
    throw new StoreError('unreadable', `a stored change is of kind "${kind}", which is not known here: ${writtenBy}`);
  }
  return change as RoomChange;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new StoreError('unreadable', 'a stored change is no JSON', { cause });
  }
}
