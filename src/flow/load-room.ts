// Rebuilds a room's state from what the store kept of it.

import type { RoomRules } from '../queue/room-rules.ts';
import { decodeRoomState } from '../queue/room-snapshot.ts';
import { applyChange, newRoomState, type RoomState } from '../queue/room-state.ts';
import type { QueueStore } from '../store/queue-store.ts';

export async function loadRoom(store: QueueStore, rules: RoomRules): Promise<RoomState> {
  const { snapshot, changes } = await store.load(rules.id);
  const state = snapshot === null ? newRoomState() : decodeRoomState(snapshot.bytes);
  for (const change of changes) applyChange(state, change, rules);
  return state;
}
