// The port to the rooms that were made at run time, as the API sees it. Who keeps them is src/booked-rooms.ts, who opens them src/run-time-rooms.ts.
import type { FieldProblem } from '../ops-problem.ts';

export type BookedRoom = {
  readonly id: string;
  /** `api`: made at run time; `file`: as the configuration says, and changed only by what the room's settings allow. */
  readonly source: 'file' | 'api';
  /** The room's configuration in the file's shape. */
  readonly configuration: unknown;
  /** Another one for every other configuration: what `If-Match` compares. */
  readonly version: number;
};

/** The version of a room that there is not. */
export const noVersion = 0;
/** Where the store has the rooms made at run time: their configurations by id. */
export const roomsDocument = 'rooms';

export type BookOutcome =
  | { readonly kind: 'done'; readonly created: boolean; readonly before: unknown; readonly version: number }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] }
  | { readonly kind: 'refused'; readonly reason: string }
  /** The room is at another version than the one that was asked for. */
  | { readonly kind: 'changed-meanwhile' };

export interface RoomBook {
  list(): readonly BookedRoom[];
  /** Makes the room, or changes it; at all gateways within a second. With `ifVersion` only while it is at that one. */
  put(id: string, configuration: unknown, ifVersion: number | null): Promise<BookOutcome>;
  /** Takes a room made at run time away; only one that has ended. */
  remove(id: string, ifVersion: number | null): Promise<BookOutcome>;
  /** JSON Schema of a room's configuration. */
  readonly schema: Readonly<Record<string, unknown>>;
}
