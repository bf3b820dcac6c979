// What is allowed in a configuration and may still surprise: times that are over. Said by `check`, and in the log at start.
import { showInstant } from './instant.ts';
import type { RoomSettings } from './settings.ts';

/** One sentence each, with the path it is about. */
export function notesOn(rooms: readonly RoomSettings[], nowMs: number): readonly string[] {
  return rooms.flatMap(({ opensAtMs, startsAtMs, endsAtMs }, index) => {
    const note = (key: string, atMs: number, what: string) => [
      `rooms[${index}].${key} (${showInstant(atMs)}) is over: ${what}`,
    ];
    if (endsAtMs !== null && endsAtMs <= nowMs) return note('endsAt', endsAtMs, 'the room has ended, nobody can join');
    if (startsAtMs === null || startsAtMs > nowMs) return [];
    const without = opensAtMs === null ? 'without a draw' : 'without lobby and draw';
    return note('startsAt', startsAtMs, `a room that is new begins open, ${without}; one that was here before goes on`);
  });
}
