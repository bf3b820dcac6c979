// The estimate: from the set pace while little is known, from the measured speed later, silent when the line stands.
import { expect, test } from 'vitest';
import {
  beginMeasuring,
  newSpeedRecord,
  paceSpread,
  recordCalls,
  recordPace,
  type SpeedRecord,
  steadyPace,
} from '../../../src/estimate/calling-speed.ts';
import { WaitCalibration } from '../../../src/estimate/wait-calibration.ts';
import { lineSpeed, waitRange } from '../../../src/estimate/wait-range.ts';

const startMs = 1_800_000_000_000;

function measured(forMs: number, callsPerSecond: number): SpeedRecord {
  let record = beginMeasuring(startMs);
  for (let ms = 0; ms < forMs; ms += 1_000) record = recordCalls(record, callsPerSecond, startMs + ms);
  return record;
}

function rangeOf(record: SpeedRecord, pacePerMinute: number, nowMs: number, ahead: number) {
  const speed = lineSpeed(record, pacePerMinute, nowMs);
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
    return lineSpeed(record, last, nowMs)?.expectedPerMinute ?? 0;
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

test('[LN100] a pace that an autopilot moves all the time counts as its mean over half a minute, one set by hand at once', () => {
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

test('[LN101] ranges that miss become wider at once, ranges that always hold become narrower by and by', () => {
  const calibration = new WaitCalibration();
  const outcomes = (count: number, tookMs: number) => {
    for (let place = 0; place < count; place += 1) {
      const { low, high } = calibration.band(100_000) ?? { low: 0.9, high: 1.1 };
      calibration.estimated({ place, atMs: 0, expectedMs: 100_000, lowMs: 100_000 * low, highMs: 100_000 * high });
      calibration.called([place], tookMs + (place % 10) * 100);
    }
  };
  outcomes(200, 100_000);
  const usual = calibration.band(100_000);
  // The room is another one now: what it was says too little.
  outcomes(20, 130_000);
  const wider = calibration.band(100_000);
  expect(wider?.high).toBeGreaterThan((usual?.high ?? 0) + 0.1);
  expect(wider?.low).toBeLessThan((usual?.low ?? 0) - 0.1);
  outcomes(400, 130_000);
  const narrower = calibration.band(100_000);
  expect((narrower?.high ?? 9) - (narrower?.low ?? 0)).toBeLessThan(0.06);
  expect(narrower?.low).toBeGreaterThan(1.2);
});

test('[LN72] with outcomes of earlier estimates the range is as wide as these needed, apart for short and long waits', () => {
  const calibration = new WaitCalibration();
  const speed = { expectedPerMinute: 60, doubt: 0.1, doubtFaster: 0.1, spread: 1 };
  expect(waitRange(speed, 100, calibration)).toEqual(waitRange(speed, 100));
  for (let place = 0; place < 200; place += 1) {
    const tookMs = 100_000 * (1 + place / 200);
    calibration.estimated({ place, atMs: 0, expectedMs: 100_000, lowMs: 110_000, highMs: 190_000 });
    calibration.called([place, place + 1_000], tookMs);
  }
  const [low, high] = waitRange(speed, 100, calibration);
  expect(low).toBeGreaterThanOrEqual(105);
  expect(low).toBeLessThan(125);
  expect(high).toBeGreaterThan(178);
  expect(high).toBeLessThan(205);
  expect(waitRange(speed, 5_000, calibration)).toEqual(waitRange(speed, 5_000));
  expect(calibration.outcomes.held / 200).toBeCloseTo(0.8, 1);
  expect(calibration.errorMedian).toBeCloseTo(0.5, 1);
  // Who has gone proves nothing.
  calibration.estimated({ place: 1, atMs: 0, expectedMs: 1_000, lowMs: 0, highMs: 1 });
  calibration.forget(() => true);
  calibration.called([1], 5_000);
  expect(calibration.outcomes.held + calibration.outcomes.missed).toBe(200);
});

test('[AP65] while an autopilot moves the pace, ranges are wider, until outcomes tell how wide they must be', () => {
  const calm = { expectedPerMinute: 60, doubt: 0.1, doubtFaster: 0.1, spread: 1 };
  const moved = { ...calm, spread: 3 };
  const [low, high] = waitRange(calm, 100);
  const [lower, higher] = waitRange(moved, 100);
  expect(lower).toBeLessThan(0.7 * low);
  expect(higher).toBeGreaterThan(1.5 * high);
  const calibration = new WaitCalibration();
  for (let place = 0; place < 200; place += 1) {
    calibration.estimated({ place, atMs: 0, expectedMs: 100_000, lowMs: 90_000, highMs: 190_000 });
    calibration.called([place], 100_000 * (1 + place / 200));
  }
  expect(waitRange(moved, 100, calibration)).toEqual(waitRange(calm, 100, calibration));
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
