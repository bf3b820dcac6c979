// Bounds a room's history: when enough changes lie behind the last snapshot, whoever made them, the caller writes the
// next one. What a snapshot is the queue says, and what replaces what the store.

import { encodeRoomState } from '../queue/room-snapshot.ts';
import type { RoomState } from '../queue/room-state.ts';
import type { QueueStore } from '../store/queue-store.ts';
import { isStoreError } from '../store/store-error.ts';
import type { Clock } from './clock.ts';

/** More changes than this without a snapshot are too many to be read again by everybody who loads the room. */
const changesMax = 2_000;
/** A snapshot that could not be written is tried again after so long: nobody who waits in the room depends on it. */
const retryMs = 10_000;

export type SnapshotNeeds = {
  readonly room: string;
  readonly store: Pick<QueueStore, 'compact'>;
  readonly clock: Clock;
  /** A snapshot is due after so many changes. Default: 2,000. */
  readonly changesPerSnapshot?: number;
  /** Told of what nobody expected. */
  readonly onFailure: (error: unknown) => void;
};

export class SnapshotWriter {
  readonly #needs: SnapshotNeeds;
  #changes = 0;
  #notBeforeMs = 0;

  constructor(needs: SnapshotNeeds) {
    this.#needs = needs;
  }

  /** The room was loaded, with so many changes that no snapshot stands for: earlier callers left them. // ST180 */
  loaded(changes: number): void {
    this.#changes = changes;
  }

  committed(changes: number): void {
    this.#changes += changes;
  }

  /** Writes a snapshot when one is due. `state` is what was committed and nothing else. */
  async write(epoch: number, state: RoomState): Promise<void> {
    const { room, store, clock, changesPerSnapshot, onFailure } = this.#needs;
    if (this.#changes < (changesPerSnapshot ?? changesMax) || clock.nowMs() < this.#notBeforeMs) return;
    try {
      await store.compact(room, epoch, state.version, encodeRoomState(state));
      this.#changes = 0;
    } catch (error) {
      this.#notBeforeMs = clock.nowMs() + retryMs;
      // A store that is away is noticed by the next turn.
      if (!isStoreError(error, 'unavailable')) onFailure(error);
    }
  }
}
