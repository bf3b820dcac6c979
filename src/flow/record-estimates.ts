// Takes samples of what devices along the line are told, and notes when they are called: so the room learns how wide its
// ranges must be, and operators see how often they held.

import { expectedWaitMs, waitRange } from '../estimate/wait-range.ts';
import type { RoomChange } from '../queue/room-change.ts';
import type { Clock } from './clock.ts';
import type { RoomView } from './room-view.ts';

const samplePeriodMs = 1_000;
/** One sample after the other is taken from all along the line: the golden ratio leaves no part out. */
const stride = 0.618_033_988_749_895;

/** Returns its stop function. */
export function recordEstimates(view: RoomView, clock: Clock): () => void {
  let share = 0;
  const stopSampling = clock.every(samplePeriodMs, () => {
    share = (share + stride) % 1;
    sample(view, clock.nowMs(), share);
  });
  const stopFollowing = view.onChange(changes => {
    for (const change of changes) conclude(view, change);
  });
  return () => {
    stopSampling();
    stopFollowing();
  };
}

function sample(view: RoomView, nowMs: number, share: number): void {
  const { state, calibration } = view;
  if (state.phase !== 'open' || view.isStanding || view.checking || view.order === null) return;
  calibration.passed(nowMs);
  const line = view.line();
  calibration.forget(({ place }) => !line.has(place));
  const ahead = Math.floor(line.total * share);
  const place = line.placeAt(ahead);
  const speed = view.lineSpeed(nowMs);
  if (place === undefined || speed === null) return;
  const [low, high] = waitRange(speed, ahead, calibration);
  calibration.estimated({
    place,
    atMs: nowMs,
    expectedMs: expectedWaitMs(speed, ahead),
    lowMs: low * 1_000,
    highMs: high * 1_000,
  });
}

function conclude({ calibration }: RoomView, change: RoomChange): void {
  if (change.kind === 'called') calibration.called(change.places, change.atMs);
  // What was told before could not know of it.
  const isOtherRoom =
    change.kind === 'hold' || change.kind === 'unattended' || change.kind === 'phase' || setsPace(change);
  if (isOtherRoom) calibration.forget(() => true);
}

function setsPace(change: RoomChange): boolean {
  if (change.kind !== 'settings') return false;
  const { pacePerMinute, activeCap, autopilot, draining } = change.settings;
  return [pacePerMinute, activeCap, autopilot, draining].some(set => set !== undefined);
}
