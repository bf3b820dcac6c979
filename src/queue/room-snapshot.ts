// A room state as bytes and back, so that a history need not be replayed from its beginning.

import { Bitmap } from './bitmap.ts';
import { newRoomState, type RoomState } from './room-state.ts';

const snapshotFormat = 1;

/** JSON with the bitmaps in base64; `format` is checked on reading. */
export function encodeRoomState(state: RoomState): Uint8Array {
  const { called, missed, calls, passes, passOfPlace: _derived, holds, comebacks, cameBack, ...plain } = state;
  const document = {
    format: snapshotFormat,
    ...plain,
    holds: [...holds],
    called: Buffer.from(called.toBytes()).toString('base64'),
    missed: Buffer.from(missed.toBytes()).toString('base64'),
    calls: [...calls.values()],
    passes: [...passes.values()],
    comebacks: [...comebacks],
    cameBack: Buffer.from(cameBack.toBytes()).toString('base64'),
  };
  return Buffer.from(JSON.stringify(document));
}

type Encoded = 'called' | 'missed' | 'calls' | 'passes' | 'passOfPlace' | 'holds' | 'comebacks' | 'cameBack';

type SnapshotDocument = Omit<RoomState, Encoded> & {
  readonly format: number;
  readonly holds: RoomState['holds'] extends ReadonlySet<infer Hold> ? readonly Hold[] : never;
  readonly called: string;
  readonly missed: string;
  readonly calls: readonly (RoomState['calls'] extends Map<number, infer Call> ? Call : never)[];
  readonly passes: readonly (RoomState['passes'] extends Map<string, infer Pass> ? Pass : never)[];
  /** Absent in snapshots of versions that knew no way back. */
  readonly comebacks?: readonly (readonly [place: number, endedPassMs: number])[];
  readonly cameBack?: string;
};

/** Throws on bytes of another format: a state must not be half understood. */
export function decodeRoomState(bytes: Uint8Array): RoomState {
  const document = JSON.parse(Buffer.from(bytes).toString()) as SnapshotDocument;
  if (document.format !== snapshotFormat) {
    throw new Error(
      `the snapshot has format ${document.format}; this version of Junban reads format ${snapshotFormat}`,
    );
  }
  const { format: _format, holds, called, missed, calls, passes, comebacks, cameBack, ...plain } = document;
  return {
    ...newRoomState(),
    ...plain,
    holds: new Set(holds),
    called: Bitmap.fromBytes(Buffer.from(called, 'base64')),
    missed: Bitmap.fromBytes(Buffer.from(missed, 'base64')),
    calls: new Map(calls.map(call => [call.place, call])),
    passes: new Map(passes.map(pass => [pass.passId, pass])),
    passOfPlace: new Map(passes.map(pass => [pass.place, pass.passId])),
    comebacks: new Map(comebacks),
    cameBack: cameBack === undefined ? new Bitmap() : Bitmap.fromBytes(Buffer.from(cameBack, 'base64')),
  };
}
