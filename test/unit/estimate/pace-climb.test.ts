// A pace that climbs before anybody knows what the shop bears: what devices in line are told meanwhile.

import { describe, expect, test } from 'vitest';
import { newSpeedRecord } from '../../../src/estimate/calling-speed.ts';
import {
  type ClimbRecord,
  climbAt,
  endClimb,
  leftToClimb,
  recordClimb,
  waitWhileClimbing,
} from '../../../src/estimate/pace-climb.ts';
import { expectedWaitMs, lineSpeed, waitRange } from '../../../src/estimate/wait-range.ts';

const startMs = 1_800_000_000_000;
const atFirst = { firstGrowthPerMs: 0.06 / 1_000, mostPerMinute: 6_000, isNew: true };

/** A pace of so many a minute that grows by this part a second. */
function climbed(seconds: number, perSecond: number, from = 200): ClimbRecord {
  let record = recordClimb(null, from, startMs);
  for (let second = 1; second <= seconds; second += 1)
    record = recordClimb(record, from * Math.exp(perSecond * second), startMs + second * 1_000);
  return record;
}

describe('while a pace climbs', () => {
  test('[AP161] a wait is as long as the calls take that a pace with this growth makes, up to where it ends', () => {
    const climb = { growthPerMs: 0.06 / 1_000, inMs: 5_000, mostLog: 3 };
    for (const left of [0, 0.5, 2]) {
      for (const count of [5, 100, 1_000]) {
        let [called, ms] = [0, 0];
        for (; called < count; ms += 10)
          called += (10 / 300) * Math.exp(Math.min(left, Math.max(0, ms - climb.inMs) * climb.growthPerMs));
        expect(waitWhileClimbing(count, 1 / 300, climb, left) / ms).toBeCloseTo(1, 1);
      }
    }
  });

  test('[AP161] half of the shops lie beyond the middle, and none beyond the operator’s bounds', () => {
    const climb = { growthPerMs: 0.06 / 1_000, inMs: 0, mostLog: 1 };
    expect(leftToClimb(climb, 1)).toBeCloseTo(0);
    expect(leftToClimb(climb, 0.5)).toBeCloseTo(Math.log(3) * Math.log(2));
    expect(leftToClimb(climb, 0.01)).toBe(1);
  });

  test('[AP161] the range reaches from a climb that goes on for long to one that ends soon, and lies about the middle', () => {
    const nowMs = startMs + 1_000;
    const climb = climbAt(climbed(1, 0), atFirst, nowMs);
    const speed = lineSpeed(newSpeedRecord, 200, nowMs, climb);
    if (speed === null) throw new Error('it stands');
    const flat = lineSpeed(newSpeedRecord, 200, nowMs, null);
    if (flat === null) throw new Error('it stands');
    const [low, high] = waitRange(speed, 300);
    const expectedSeconds = expectedWaitMs(speed, 300) / 1_000;
    expect(expectedSeconds).toBeLessThan(expectedWaitMs(flat, 300) / 1_000 - 20);
    expect(low).toBeLessThan(expectedSeconds * 0.8);
    // A shop that bears hardly more than the first pace.
    expect(high).toBeGreaterThan(90);
    // Before the pace begins to climb it decides.
    expect(expectedWaitMs(speed, 20)).toBe(expectedWaitMs(flat, 20));
  });

  test('[AP161] a pace that fell, that was set by hand, that stands still or is at its bound does not climb', () => {
    const nowMs = startMs + 60_000;
    expect(climbAt(climbed(60, 0.05), atFirst, nowMs)?.growthPerMs).toBeCloseTo(0.05 / 1_000);
    expect(climbAt(climbed(60, 0), atFirst, nowMs)).toBeNull();
    expect(climbAt(climbed(60, 0.05), { ...atFirst, mostPerMinute: 500 }, nowMs)).toBeNull();
    expect(climbAt(recordClimb(climbed(59, 0.05), 200, nowMs), atFirst, nowMs)).toBeNull();
    const ended = endClimb(climbed(30, 0.05));
    expect(ended === null ? null : climbAt(recordClimb(ended, 900, nowMs), atFirst, nowMs)).toBeNull();
  });
});
