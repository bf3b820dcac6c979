// Rebuilds a room's state from what the store kept of it, and keeps a gateway's view of it up to date.

import { applyChange } from '../queue/apply-change.ts';
import type { RoomRules } from '../queue/room-rules.ts';
import { decodeRoomState } from '../queue/room-snapshot.ts';
import { newRoomState, type RoomState } from '../queue/room-state.ts';
import type { QueueStore } from '../store/queue-store.ts';
import type { RoomView } from './room-view.ts';

export async function loadRoom(store: QueueStore, rules: RoomRules): Promise<RoomState> {
  const { snapshot, changes } = await store.load(rules.id);
  const state = snapshot === null ? newRoomState() : decodeRoomState(snapshot.bytes);
  for (const change of changes) applyChange(state, change, rules);
  return state;
}

/** Loads the room into the view and applies every change from then on. Returns its stop function. */
export async function followRoom(
  store: QueueStore,
  view: RoomView,
  onFailure: (error: unknown) => void,
): Promise<() => void> {
  let stop: () => void = () => undefined;
  let isStopped = false;
  const begin = async () => {
    const state = await loadRoom(store, view.rules);
    if (isStopped) return;
    view.reset(state);
    // A view that fell behind what the store still has begins again from the store's snapshot.
    const onBehind = () => void begin().catch(onFailure);
    stop = store.follow(view.rules.id, state.version, changes => view.apply(changes), onBehind);
  };
  await begin();
  return () => {
    isStopped = true;
    stop();
  };
}
