// The estimate: from the set pace while little is known, from the measured speed later, silent when the line stands.
import { expect, test } from 'vitest';
import { beginMeasuring, newSpeedRecord, recordCalls, type SpeedRecord } from '../../../src/estimate/calling-speed.ts';
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
  expect(range?.[0]).toBe(60);
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
