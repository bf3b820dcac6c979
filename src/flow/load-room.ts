// Rebuilds a room's state from what the store kept of it, and keeps a gateway's view of it up to date.

import { applyChange } from '../queue/apply-change.ts';
import type { RoomChange } from '../queue/room-change.ts';
import type { RoomRules } from '../queue/room-rules.ts';
import { decodeRoomState } from '../queue/room-snapshot.ts';
import { newRoomState, type RoomState } from '../queue/room-state.ts';
import type { QueueStore } from '../store/queue-store.ts';
import { isStoreError } from '../store/store-error.ts';
import type { Clock } from './clock.ts';
import type { RoomView } from './room-view.ts';

/** A view that could not be loaded is loaded again after so long. */
const retryPeriodMs = 500;

/** `replayed`: so many changes lie behind the last snapshot. */
export type LoadedRoom = { readonly state: RoomState; readonly replayed: number };

export async function loadRoom(store: Pick<QueueStore, 'load'>, rules: RoomRules): Promise<LoadedRoom> {
  const { snapshot, changes } = await store.load(rules.id);
  const state = snapshot === null ? newRoomState() : decodeRoomState(snapshot.bytes);
  for (const change of changes) applyChange(state, change, rules);
  return { state, replayed: changes.length };
}

export type FollowRoomNeeds = {
  readonly store: Pick<QueueStore, 'load' | 'follow'>;
  readonly view: RoomView;
  readonly clock: Clock;
  /** Why the view is not what the store has, for operators; null when it is again. */
  readonly onTrouble: (reason: string | null) => void;
  /** Told of what nobody expected. */
  readonly onFailure: (error: unknown) => void;
};

/**
 * Loads the room into the view and applies every change from then on. A view that fell behind what the store still has,
 * or cannot take a change, begins again from what is stored, as often as it takes. Returns its stop function.
 */
export async function followRoom({ store, view, clock, onTrouble, onFailure }: FollowRoomNeeds): Promise<() => void> {
  let stop: () => void = () => undefined;
  let isStopped = false;
  const begin = async () => {
    const { state } = await loadRoom(store, view.rules);
    if (isStopped) return;
    view.reset(state);
    const apply = (changes: readonly RoomChange[]) => {
      try {
        view.apply(changes);
      } catch (error) {
        stop();
        fail(error);
      }
    };
    stop = store.follow(view.rules.id, state.version, apply, beginAgain);
    onTrouble(null);
  };
  const beginAgain = () => void begin().catch(fail);
  const fail = (error: unknown) => {
    if (isStopped) return;
    onTrouble(error instanceof Error ? error.message : String(error));
    if (!isStoreError(error, 'unavailable')) onFailure(error);
    stop = clock.after(retryPeriodMs, beginAgain);
  };
  await begin();
  return () => {
    isStopped = true;
    stop();
  };
}
