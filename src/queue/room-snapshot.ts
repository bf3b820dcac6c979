// A room state as bytes and back, so that a history need not be replayed from its beginning.

import { Bitmap } from './bitmap.ts';
import { newRoomState, type RoomState } from './room-state.ts';

const snapshotFormat = 1;

/** JSON with the bitmaps in base64; `format` is checked on reading. */
export function encodeRoomState(state: RoomState): Uint8Array {
  const { called, missed, calls, passes, passOfPlace: _derived, holds, ...plain } = state;
  const document = {
    format: snapshotFormat,
    ...plain,
    holds: [...holds],
    called: Buffer.from(called.toBytes()).toString('base64'),
    missed: Buffer.from(missed.toBytes()).toString('base64'),
    calls: [...calls.values()],
    passes: [...passes.values()],
  };
  return Buffer.from(JSON.stringify(document));
}

type SnapshotDocument = Omit<RoomState, 'called' | 'missed' | 'calls' | 'passes' | 'passOfPlace' | 'holds'> & {
  readonly format: number;
  readonly holds: RoomState['holds'] extends ReadonlySet<infer Hold> ? readonly Hold[] : never;
  readonly called: string;
  readonly missed: string;
  readonly calls: readonly (RoomState['calls'] extends Map<number, infer Call> ? Call : never)[];
  readonly passes: readonly (RoomState['passes'] extends Map<string, infer Pass> ? Pass : never)[];
};

/** Throws on bytes of another format: a state must not be half understood. */
export function decodeRoomState(bytes: Uint8Array): RoomState {
  const document = JSON.parse(Buffer.from(bytes).toString()) as SnapshotDocument;
  if (document.format !== snapshotFormat) {
    throw new Error(
      `the snapshot has format ${document.format}; this version of Junban reads format ${snapshotFormat}`,
    );
  }
  const { format: _format, holds, called, missed, calls, passes, ...plain } = document;
  return {
    ...newRoomState(),
    ...plain,
    holds: new Set(holds),
    called: Bitmap.fromBytes(Buffer.from(called, 'base64')),
    missed: Bitmap.fromBytes(Buffer.from(missed, 'base64')),
    calls: new Map(calls.map(call => [call.place, call])),
    passes: new Map(passes.map(pass => [pass.passId, pass])),
    passOfPlace: new Map(passes.map(pass => [pass.place, pass.passId])),
  };
}
