// What is allowed in a configuration and may still surprise: times that are over, figures that may be known. Said by `check`, and in the log at start.
import { showDuration } from './duration.ts';
import { showInstant } from './instant.ts';
import type { RoomSettings } from './settings.ts';

/** One sentence each, with the path it is about. */
export function notesOn(rooms: readonly RoomSettings[], nowMs: number): readonly string[] {
  return rooms.flatMap((room, index) => [
    ...notesOnTimes(room, index, nowMs),
    ...notesOnFigure(room, index),
    ...notesOnClaimWindow(room, index),
  ]);
}

/** Only its name is known here. // DR82 */
function notesOnFigure({ draw: { randomness, waitMs } }: RoomSettings, index: number): readonly string[] {
  if (randomness.kind !== 'figure' || waitMs === null) return [];
  const named = JSON.stringify(randomness.named);
  const wait = showDuration(waitMs);
  return [
    `rooms[${index}].draw.randomness: ${named} must come out after the start, and within ${wait} of it: a figure that is known before proves nothing`,
  ];
}

/** As the page warns; WCAG 2.2.1 wants 20 s, and some more are for hearing of it. // PG179 */
const warningMs = 30_000;

function notesOnClaimWindow({ claim, claimWindowMs }: RoomSettings, index: number): readonly string[] {
  if (claim === 'auto' || claimWindowMs >= warningMs) return [];
  const window = showDuration(claimWindowMs);
  return [
    `rooms[${index}].claimWindow: ${window} leaves no time for the warning of ${showDuration(warningMs)} before its end; some fans cannot act so fast`,
  ];
}

function notesOnTimes(
  { opensAtMs, startsAtMs, endsAtMs }: RoomSettings,
  index: number,
  nowMs: number,
): readonly string[] {
  const note = (key: string, atMs: number, what: string) => [
    `rooms[${index}].${key} (${showInstant(atMs)}) is over: ${what}`,
  ];
  if (endsAtMs !== null && endsAtMs <= nowMs) return note('endsAt', endsAtMs, 'the room has ended, nobody can join');
  if (startsAtMs === null || startsAtMs > nowMs) return [];
  const without = opensAtMs === null ? 'without a draw' : 'without lobby and draw';
  return note('startsAt', startsAtMs, `a room that is new begins open, ${without}; one that was here before goes on`);
}
