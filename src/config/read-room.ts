// One room that is made at run time: read by the same rules as a room of the file, beside the rooms that there are.
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { loadSettings } from './load.ts';
import type { Problem } from './problems.ts';
import { showSettings } from './redact.ts';
import { matchSchema, roomSchema } from './schema-room.ts';
import type { RoomSettings, Settings } from './settings.ts';

export type RoomRead =
  | { readonly kind: 'ok'; readonly room: RoomSettings }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** `others`: configurations of rooms that it must get along with, beside those of the file. */
export function readRoom(settings: Settings, others: readonly unknown[], room: unknown): RoomRead {
  const rooms = [...settings.rooms.map(shownRoom(settings)), ...others, room];
  const { listen, ops, prefix } = settings;
  const text = stringify({
    listen: `${bracketed(listen.host)}:${listen.port}`,
    ops: { listen: `${bracketed(ops.listen.host)}:${ops.listen.port}` },
    prefix,
    rooms,
  });
  const loaded = loadSettings({ path: 'rooms', text, env: {} });
  const at = rooms.length - 1;
  if (loaded.kind === 'ok') {
    const read = loaded.settings.rooms[at];
    if (read !== undefined) return { kind: 'ok', room: read };
    throw new Error('a room that was read is not there');
  }
  const isOf = (path: string, index: number) => path === `rooms[${index}]` || path.startsWith(`rooms[${index}].`);
  const sound = others.filter((_, other) => {
    return !loaded.problems.some(({ path }) => isOf(path, settings.rooms.length + other));
  });
  // What is wrong with another room is no fault of this one. // OP190
  if (sound.length < others.length) return readRoom(settings, sound, room);
  const own = loaded.problems.map(({ path, message }) => ({
    path: path.replace(`rooms[${at}].`, '').replace(`rooms[${at}]`, ''),
    message: nameRooms(message, rooms),
  }));
  return { kind: 'problems', problems: own };
}

/** Which requests a room claims, whatever else is wrong with it; null where that cannot be told. */
export function matchOf(room: unknown): RoomSettings['match'] | null {
  const read = z.looseObject({ match: matchSchema.prefault({}) }).safeParse(room);
  return read.success ? read.data.match : null;
}

/** JSON Schema of a room's configuration, for editors and the API's document. */
export function roomJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(roomSchema, { io: 'input', target: 'draft-2020-12' });
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

function shownRoom(settings: Settings): (room: RoomSettings) => unknown {
  const shown: unknown = z.looseObject({ rooms: z.array(z.unknown()) }).parse(parse(showSettings(settings))).rooms;
  return room => (Array.isArray(shown) ? shown[settings.rooms.indexOf(room)] : undefined);
}

/** What a message calls `rooms[2]` the operator knows by its id. */
function nameRooms(message: string, rooms: readonly unknown[]): string {
  return message.replace(/rooms\[(\d+)\]/g, (text, index) => {
    const room = rooms[Number(index)];
    return typeof room === 'object' && room !== null && 'id' in room ? `room ${String(room.id)}` : text;
  });
}
