// The port between the line and whatever keeps it. A store hands out arrival numbers, keeps each room's history of
// changes under the epoch of one caller, and keeps the signing keys. It knows nothing of what a change means.

import type { RoomChange } from '../queue/room-change.ts';

/** The right to call in a room, for one caller at a time. */
export type Lead = {
  /** Grows with every new caller, a restarted one included; a commit under an older epoch is refused. */
  readonly epoch: number;
  /** The store's clock. Budgets and windows are reckoned on it. Epoch milliseconds. */
  readonly nowMs: number;
  /** When a caller, this one or another, was last heard of before now; null if never. Epoch milliseconds. */
  readonly lastHeardAtMs: number | null;
};

/** A room's history: a snapshot of the first `version` changes (null: none yet) and the changes after it, in order. */
export type StoredRoom = {
  readonly snapshot: { readonly version: number; readonly bytes: Uint8Array } | null;
  readonly changes: readonly RoomChange[];
};

export type CommitOutcome =
  | { readonly kind: 'committed' }
  /** Another caller has taken over, or the history is not where the caller believes it to be. Load again. */
  | { readonly kind: 'fenced' };

/**
 * What a commit survives from its answer on. `synced`: the end of every process and the loss of power. `written`: the end
 * of every process; the loss of power only a moment later, and then with all that was committed before it.
 */
export type Durability = 'synced' | 'written';

/**
 * Guarantees that every adapter gives and `test/contract` proves. Methods reject with StoreError `unavailable` when the
 * store cannot answer in time; a write that was so answered may or may not have happened, so its caller loads again.
 * `unreadable` means that what is stored is damaged; asking again does not help. Within one process calls take effect
 * in the order in which they were made.
 */
export interface QueueStore {
  /**
   * Hands out `count` arrival numbers in a row and gives the first. No number is ever handed out twice, not even after
   * a crash; numbers grow in the order of the calls; a crash or a lost answer may skip numbers. Answers at once (not by
   * a promise) where it can. Rejects while `trouble` is set. A store that gateways share may in a rush have taken numbers
   * up to 10 ms ahead: then calls at two gateways that are less apart are in no order, and a rush may leave some over.
   * `draws`: the room draws its places, so its numbers begin at 0 whatever happened. Default: false, and a store that was
   * emptied on purpose or by mistake begins far above what may have been handed out before.
   */
  takeNumbers(room: string, count: number, draws?: boolean): number | Promise<number>;

  /**
   * How many numbers were handed out so far, with those left over: every number handed out is lower, every later one is
   * not, but for what another gateway took ahead.
   */
  countNumbers(room: string): Promise<number>;

  /**
   * Takes or renews the right to call. Null while another holder has it. It is to be renewed every second, by a caller that
   * says that its room is quiet every 1.4 s; a caller that dies is followed within 3 s either way.
   */
  lead(room: string, holder: string, isQuiet?: boolean): Promise<Lead | null>;

  load(room: string): Promise<StoredRoom>;

  /**
   * Appends changes to the history that has `version` changes so far; all of them or none. When it answers `committed`
   * they survive what `durability` says (embedded; default: `synced`) or what the README states for the store's
   * persistence (Redis, whatever is asked for).
   */
  commit(
    room: string,
    epoch: number,
    version: number,
    changes: readonly RoomChange[],
    durability?: Durability,
  ): Promise<CommitOutcome>;

  /**
   * Replaces the first `version` changes by a snapshot. Bounds the history; loses nothing. Does nothing under an epoch
   * that is over, beyond the end of the history, or when a later snapshot is there.
   */
  compact(room: string, epoch: number, version: number, snapshot: Uint8Array): Promise<void>;

  /**
   * Gives every committed change after `version`, once and in order, to `onChanges`, also changes whose commit was
   * answered with `unavailable` and happened. If the history does not reach back to the follower any more because it was
   * compacted, `onBehind` is called once instead and following has ended: load again and follow from there (without an
   * `onBehind` that is an uncaught error, never a silent gap). Both are called after `follow` has returned. Returns its
   * stop function; after that neither is called.
   */
  follow(
    room: string,
    version: number,
    onChanges: (changes: readonly RoomChange[]) => void,
    onBehind?: () => void,
  ): () => void;

  /** The signing keys as a JSON document: `make` is used if there is none yet, and the first writer wins. */
  keyRing(make: () => Promise<string>): Promise<string>;

  /** Replaces the key document, but only if it still is `previous`. False: somebody else changed it. */
  replaceKeyRing(previous: string, next: string): Promise<boolean>;

  /** Why writes fail now, in a sentence for operators; null while all is well. At most 2 s behind the truth. */
  trouble(): string | null;

  /** Waits for what was asked before, gives back numbers that nobody took, and lets go of the store. */
  close(): Promise<void>;
}
