// Measures how long devices wait, and how many are not there. Wiring between a room and its tally.

import type { Clock } from './flow/clock.ts';
import type { OpenRoom } from './open-room.ts';
import { startsAtOf } from './queue/room-state.ts';

const periodMs = 1_000;
/** How many numbers were handed out is asked so often while nobody is there. */
const quietCountPeriodMs = 10_000;
/** So many places along a drawn line are asked what they are told. */
const looksAlong = 200;

/** The caller alone counts: every call is counted once. Returns its stop function. */
export function watchWaits({ door, caller, countNumbers, waits }: OpenRoom, clock: Clock): () => void {
  const { view } = door;
  const isCaller = () => caller.limit !== null;
  const lookAlong = watchDraw(door, waits);
  let counted: { readonly handedOut: number; readonly atMs: number } | null = null;
  /** Who takes a number and stays away is not waiting. */
  const count = async (nowMs: number) => {
    const isQuiet = view.presentCount === 0;
    if (isQuiet && counted !== null && nowMs - counted.atMs < quietCountPeriodMs) return counted.handedOut;
    const handedOut = await countNumbers();
    counted = handedOut === null ? null : { handedOut, atMs: nowMs };
    return handedOut;
  };
  const stopSampling = clock.every(periodMs, () => {
    lookAlong(clock.nowMs());
    if (!isCaller() || view.state.phase !== 'open') return;
    void count(clock.nowMs()).then(handedOut => {
      if (handedOut === null) return;
      if (handedOut === 0) return waits.sample({ atMs: clock.nowMs(), handedOut, told: null });
      // What the device that came last is told is what one that joins now is told.
      const { etaSeconds } = JSON.parse(door.statusOf(handedOut - 1));
      waits.sample({ atMs: clock.nowMs(), handedOut, told: etaSeconds });
    });
  });
  const stopListening = view.onChange(changes => {
    if (!isCaller()) return;
    for (const change of changes) {
      if (change.kind !== 'called') continue;
      for (const place of change.places) waits.called(view.order?.numberAt(place) ?? place, change.atMs, place);
    }
  });
  return () => {
    stopSampling();
    stopListening();
  };
}

/** Looks along the line once its drawn order is known. Every gateway does: any may be the caller later. */
function watchDraw({ view, statusOf }: OpenRoom['door'], waits: OpenRoom['waits']): (nowMs: number) => void {
  let looked = 0;
  // Who comes into a sale that runs does not know what was told at its start.
  let wasHereBefore = false;
  return nowMs => {
    const { order, state, rules } = view;
    if (order === null || state.phase !== 'open') {
      wasHereBefore = true;
      looked = 0;
    } else if (order.drawn > 0 && order.drawn !== looked) {
      looked = order.drawn;
      const along = wasHereBefore ? placesAlong(view).flatMap(place => toldAt(place)) : [];
      waits.drew({ drawn: order.drawn, fromMs: startsAtOf(state, rules) ?? nowMs, atMs: nowMs, along });
    }
  };

  function toldAt(place: number) {
    const { etaSeconds: told } = JSON.parse(statusOf(view.order?.numberAt(place) ?? place));
    return told === null ? [] : [{ place, told }];
  }
}

/** Places of devices that are there, evenly along the line, its ends included. */
function placesAlong(view: OpenRoom['door']['view']): readonly number[] {
  const line = view.line();
  const last = line.total - 1;
  const aheads = Array.from({ length: looksAlong }, (_, index) => Math.round((last * index) / (looksAlong - 1)));
  return [...new Set(aheads)].flatMap(ahead => line.placeAt(ahead) ?? []);
}

/** Null while the store cannot say how many numbers were handed out. */
export async function absentIn(room: OpenRoom): Promise<number | null> {
  const handedOut = await room.countNumbers();
  const { view } = room.door;
  const { called, missed } = view.state;
  const there = view.total;
  return handedOut === null ? null : Math.max(0, handedOut - called.base - called.count - missed.count - there);
}
