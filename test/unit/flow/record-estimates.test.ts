// What is noted of the estimates that devices are told.

import { expect, test } from 'vitest';
import { waitRange } from '../../../src/estimate/wait-range.ts';
import { recordEstimates } from '../../../src/flow/record-estimates.ts';
import { claimAfter, openCallerRoom } from '../../support/caller-room.ts';

test('[LN112] a wait that ends after the last second that was told was not held', async () => {
  const room = await openCallerRoom({ pacePerMinute: 600, activeCap: 10_000, claimWindowMs: 1_000 });
  const { clock, view } = room;
  claimAfter(room, () => 50);
  room.join(2_000);
  recordEstimates(view, clock);
  const told = new Map<number, { readonly atMs: number; readonly lowMs: number; readonly highMs: number }>();
  const look = () => {
    const [line, speed] = [view.line(), view.lineSpeed(clock.nowMs())];
    if (speed === null) return;
    for (let ahead = 0; ahead < line.total; ahead += 1) {
      const place = line.placeAt(ahead);
      if (place === undefined) continue;
      const [low, high] = waitRange(speed, ahead, view.calibration);
      told.set(place, { atMs: clock.nowMs(), lowMs: low * 1_000, highMs: high * 1_000 });
    }
  };
  const noted: unknown[] = [];
  const { calibration } = view;
  const estimated = calibration.estimated.bind(calibration);
  calibration.estimated = estimate => {
    look();
    const { place, atMs, lowMs, highMs } = estimate;
    expect({ atMs, lowMs, highMs }).toEqual(told.get(place));
    noted.push(place);
    estimated(estimate);
  };
  await clock.advance(30_000);
  expect(noted.length).toBeGreaterThan(20);
});
