// Measures how long devices wait, and how many are not there. Wiring between a room and its tally.

import type { Clock } from './flow/clock.ts';
import type { OpenRoom } from './open-room.ts';

const periodMs = 1_000;

/** The caller alone watches: every call is counted once. Returns its stop function. */
export function watchWaits({ door, caller, countNumbers, waits }: OpenRoom, clock: Clock): () => void {
  const { view } = door;
  const isCaller = () => caller.limit !== null;
  const stopSampling = clock.every(periodMs, () => {
    if (!isCaller() || view.state.phase !== 'open') return;
    void countNumbers().then(handedOut => {
      if (handedOut === null || handedOut === 0) return;
      // What the device that came last is told is what one that joins now is told.
      const { etaSeconds } = JSON.parse(door.statusOf(handedOut - 1));
      waits.sample({ atMs: clock.nowMs(), handedOut, told: etaSeconds });
    });
  });
  const stopListening = view.onChange(changes => {
    if (!isCaller()) return;
    for (const change of changes) {
      if (change.kind !== 'called') continue;
      for (const place of change.places) waits.called(view.order?.numberAt(place) ?? place, change.atMs);
    }
  });
  return () => {
    stopSampling();
    stopListening();
  };
}

/** Null while the store cannot say how many numbers were handed out. */
export async function absentIn(room: OpenRoom): Promise<number | null> {
  const handedOut = await room.countNumbers();
  const { view } = room.door;
  const { called, missed } = view.state;
  const there = view.total;
  return handedOut === null ? null : Math.max(0, handedOut - called.base - called.count - missed.count - there);
}
