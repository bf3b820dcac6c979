// The estimate: from the set pace while little is known, from the measured speed later, silent when the line stands.
import { expect, test } from 'vitest';
import { seededRandom } from '../../../loadtest/seeded-random.ts';
import {
  beginMeasuring,
  newSpeedRecord,
  paceSpread,
  recordCalls,
  recordPace,
  type SpeedRecord,
  steadyPace,
} from '../../../src/estimate/calling-speed.ts';
import { coverageWanted, tail, tailDoubt, WaitCalibration } from '../../../src/estimate/wait-calibration.ts';
import { expectedWaitMs, lineSpeed, waitRange } from '../../../src/estimate/wait-range.ts';

const startMs = 1_800_000_000_000;
const noSpeed = { expectedPerMinute: Number.NaN, doubt: Number.NaN, climb: null };

function measured(forMs: number, callsPerSecond: number): SpeedRecord {
  let record = beginMeasuring(startMs);
  for (let ms = 0; ms < forMs; ms += 1_000) record = recordCalls(record, callsPerSecond, startMs + ms);
  return record;
}

function rangeOf(record: SpeedRecord, pacePerMinute: number, nowMs: number, ahead: number) {
  const speed = lineSpeed(record, pacePerMinute, nowMs, null);
  return speed === null ? null : waitRange(speed, ahead);
}

test('[LN30] before anything was measured the range follows the set pace and holds the true wait', () => {
  const range = rangeOf(newSpeedRecord, 600, startMs, 600);
  // Nobody knows yet how many will not come when they are called: it may be much sooner.
  expect(range?.[0]).toBeLessThan(40);
  expect(range?.[0]).toBeGreaterThan(30);
  expect(range?.[1]).toBeGreaterThan(100);
});

test('[LN31] after minutes the range follows what was measured, however long the record is', () => {
  for (const minutes of [2, 5, 30]) {
    const nowMs = startMs + minutes * 60_000;
    const range = rangeOf(measured(minutes * 60_000, 2), 600, nowMs, 1_200);
    expect(range?.[0]).toBeLessThanOrEqual(600);
    expect(range?.[0]).toBeGreaterThan(520);
    expect(range?.[1]).toBeGreaterThanOrEqual(600);
    expect(range?.[1]).toBeLessThan(700);
  }
});

// The record was empty after two minutes without calls, and the estimate fell back to the set pace.
test('[LN32] a line that has stood for long has no estimate, and neither has one without pace', () => {
  for (const minutes of [1, 3, 60]) {
    expect(rangeOf(beginMeasuring(startMs), 600, startMs + minutes * 60_000, 5)).toBeNull();
  }
  expect(rangeOf(newSpeedRecord, 0, startMs, 5)).toBeNull();
});

test('[LN33] nobody ahead begins at zero; low never exceeds high; a clock that steps back breaks nothing', () => {
  for (const ahead of [0, 1, 10, 1_000_000]) {
    for (const nowMs of [startMs - 60_000, startMs, startMs + 1, startMs + 90_000]) {
      const range = rangeOf(measured(60_000, 1), 600, nowMs, ahead);
      const [low = Number.NaN, high = Number.NaN] = range ?? [];
      expect(low).toBeLessThanOrEqual(high);
      if (ahead === 0) expect(low).toBe(0);
      expect(Number.isFinite(high)).toBe(true);
    }
  }
});

test('[LN71] a line that its pace limits follows a change of the pace at once; one that something else limits does not', () => {
  const nowMs = startMs + 120_000;
  const at = (callsPerSecond: number, paces: readonly (readonly [fromMs: number, perMinute: number])[]) => {
    const [, last] = paces.at(-1) ?? [0, 600];
    const record = paces.reduce(
      (so, [fromMs, perMinute]) => recordPace(so, perMinute, fromMs),
      measured(120_000, callsPerSecond),
    );
    return lineSpeed(record, last, nowMs, null)?.expectedPerMinute ?? 0;
  };
  expect(at(10, [[0, 600]])).toBeCloseTo(600, -1);
  expect(
    at(10, [
      [0, 600],
      [nowMs - 100, 1_200],
    ]),
  ).toBeGreaterThan(1_150);
  expect(
    at(10, [
      [0, 600],
      [nowMs - 100, 60],
    ]),
  ).toBeLessThan(66);
  // Two a second at a pace of ten: the cap limits, and a higher pace changes nothing.
  expect(
    at(2, [
      [0, 600],
      [nowMs - 100, 1_200],
    ]),
  ).toBeCloseTo(120, -1);
});

test('[LN100] a pace that an autopilot moves all the time counts as its mean over twenty seconds, one set by hand at once', () => {
  const nowMs = startMs + 120_000;
  let record = recordPace(measured(120_000, 10), 600, 0);
  for (let second = 0; second < 60; second += 1) {
    record = recordPace(record, second % 2 === 0 ? 500 : 700, nowMs - 60_000 + second * 1_000, false);
  }
  expect(steadyPace(record, 700, nowMs)).toBeCloseTo(600, -1);
  record = recordPace(record, 1_200, nowMs - 1_000);
  expect(steadyPace(record, 1_200, nowMs)).toBe(1_200);
  expect(steadyPace(newSpeedRecord, 300, nowMs)).toBe(300);
});

/** So many waits of 100 s as expected, each told as the room then would tell it; what was told last. */
function live(calibration: WaitCalibration, count: number, tookMs: (place: number) => number) {
  const speed = { expectedPerMinute: 61, doubt: 0.1, climb: null };
  for (let place = 0; place < count; place += 1) {
    const [low, high] = waitRange(speed, 100, calibration);
    const expectedMs = expectedWaitMs(speed, 100);
    calibration.estimated({ place, atMs: 0, expectedMs, lowMs: low * 1_000, highMs: high * 1_000 });
    calibration.called([place], tookMs(place));
  }
  return waitRange(speed, 100, calibration);
}

test('[LN101] ranges that miss become wider at once, ranges that always hold become narrower by and by', () => {
  const calibration = new WaitCalibration();
  const [lowAtFirst, highAtFirst] = waitRange({ expectedPerMinute: 61, doubt: 0.1, climb: null }, 100, calibration);
  const [low, high] = live(calibration, 200, place => 95_000 + (place % 10) * 1_000);
  expect(high - low).toBeLessThan((highAtFirst - lowAtFirst) / 2);
  expect(low).toBeLessThan(98);
  expect(high).toBeGreaterThan(102);
  // The room is another one now: what it was says too little.
  const [, higher] = live(calibration, 20, () => 130_000);
  expect(higher).toBeGreaterThan(high + 10);
  const [lower, highest] = live(calibration, 400, place => 125_000 + (place % 10) * 1_000);
  expect(lower).toBeGreaterThan(118);
  expect(highest - lower).toBeLessThan(16);
});

test('[LN101] whatever the waits are like, one of ten ends before the range that was told and one of ten after it', () => {
  const random = seededRandom(5);
  const manners: readonly (() => number)[] = [
    () => 100_000 * random.between(0.2, 2),
    () => 100_000 * Math.exp(random.between(-0.02, 0.02)),
    () => (random.chance(0.5) ? 60_000 : 160_000) * random.between(0.9, 1.1),
    () => 150_000 * random.between(0.5, 1),
  ];
  for (const manner of manners) {
    const calibration = new WaitCalibration();
    live(calibration, 500, manner);
    const heldBefore = calibration.outcomes.held;
    live(calibration, 2_500, manner);
    const coverage = (calibration.outcomes.held - heldBefore) / 2_500;
    expect(coverage).toBeGreaterThan(0.78);
    expect(coverage).toBeLessThan(0.82);
  }
});

test('[LN72] the margins are those that earlier estimates of this room needed, of short and long waits apart', () => {
  const calibration = new WaitCalibration();
  const speed = { expectedPerMinute: 61, doubt: 0.1, climb: null };
  expect(waitRange(speed, 100, calibration)).toEqual(waitRange(speed, 100));
  live(calibration, 100, () => 200_000);
  const [long, longer] = [calibration.margins(100_000), calibration.margins(1_000_000)];
  expect(long.upper).toBeGreaterThan(longer.upper + 1);
  expect(calibration.errorMedian).toBeCloseTo(1, 1);
});

// Told in whole seconds such waits hardly ever miss: ten thousand then got a range one second wide.
test.each([3, 10, 40])('[LN150] twenty minutes of lines of up to %i teach nothing of ten thousand', most => {
  const random = seededRandom(most);
  const calibration = new WaitCalibration();
  const speed = { expectedPerMinute: 600, doubt: 0.04, climb: null };
  for (let place = 0; place < 1_200; place += 1) {
    const ahead = Math.floor(random.between(0, most));
    const [low, high] = waitRange(speed, ahead, calibration);
    const expectedMs = expectedWaitMs(speed, ahead);
    calibration.estimated({ place, atMs: 0, expectedMs, lowMs: low * 1_000, highMs: high * 1_000 });
    calibration.called([place], expectedMs * random.between(0.8, 1.2));
  }
  const [low, high] = waitRange(speed, 10_000, calibration);
  expect(low).toBeLessThan(960);
  expect(high).toBeGreaterThan(1_040);
});

test('[LN150] ranges that always hold leave waits of another length at least half of what is in doubt on either side', () => {
  const calibration = new WaitCalibration();
  live(calibration, 3_000, () => 100_000);
  const { lower, upper } = calibration.margins(100_000);
  expect(lower + upper).toBeLessThan(0.2);
  const longer = calibration.margins(1_000_000);
  expect(longer.lower + longer.upper).toBeGreaterThan(0.9);
  // Sides that have met for long part again after a few misses.
  const [, high] = live(calibration, 20, () => 130_000);
  expect(high).toBeGreaterThan(108);
});

test('[CL130] a device that goes, and a room that is set otherwise, prove nothing: these are counted as dropped', () => {
  const calibration = new WaitCalibration();
  for (const place of [1, 2, 3]) calibration.estimated({ place, atMs: 0, expectedMs: 1_000, lowMs: 0, highMs: 2_000 });
  calibration.called([1], 1_000);
  // The range of a device that still waits is over: missed, whether it is called later or goes.
  calibration.passed(2_000);
  expect(calibration.outcomes).toEqual({ held: 1, missed: 0, dropped: 0 });
  calibration.estimated({ place: 4, atMs: 1_500, expectedMs: 1_000, lowMs: 0, highMs: 2_000 });
  calibration.passed(2_001);
  calibration.passed(3_000);
  expect(calibration.outcomes).toEqual({ held: 1, missed: 2, dropped: 0 });
  calibration.called([2], 5_000);
  calibration.forget(() => true);
  calibration.called([3, 4], 5_000);
  expect(calibration.outcomes).toEqual({ held: 1, missed: 2, dropped: 1 });
});

test('[LN70] four of five lie in the range, a tenth beyond either side, were the waits those of a normal law', () => {
  expect(2 * tail + coverageWanted).toBeCloseTo(1);
  let beyond = 0;
  for (let at = tailDoubt; at < 8; at += 0.001) beyond += (0.001 * Math.exp(-(at ** 2) / 2)) / Math.sqrt(2 * Math.PI);
  expect(beyond).toBeCloseTo(tail, 2);
});

test('[AP65] while an autopilot moves the pace, ranges are wider', () => {
  const record = measured(120_000, 10);
  const nowMs = startMs + 120_000;
  const calm = waitRange(lineSpeed(recordPace(record, 600, 0), 600, nowMs, null) ?? noSpeed, 1_000);
  const before = recordPace(record, 300, 0);
  const moved = recordPace(before, 600, nowMs - 60_000, false);
  const wide = waitRange(lineSpeed(moved, 600, nowMs, null) ?? noSpeed, 1_000);
  expect(wide[0]).toBeLessThan(0.8 * calm[0]);
  expect(wide[1]).toBeGreaterThan(1.3 * calm[1]);
});

test('[AP65] how far a pace has moved is measured over two minutes, and not beyond a pace that was set by hand', () => {
  let record = recordPace(newSpeedRecord, 100, 0);
  expect(paceSpread(record, 10_000)).toBe(1);
  record = recordPace(record, 300, 20_000, false);
  expect(paceSpread(record, 30_000)).toBe(3);
  record = recordPace(record, 150, 200_000, false);
  expect(paceSpread(record, 210_000)).toBe(2);
  record = recordPace(record, 600, 220_000);
  expect(paceSpread(record, 230_000)).toBe(1);
});
