// The wait of a device as a range of seconds: from the measured speed of the line, from the set pace while little has
// been measured, wider the less is known.

import { measuredSpeed, type SpeedRecord } from './calling-speed.ts';

/** Speeds that hold for every device at one instant; `waitRange` turns them into a device's range. */
export type LineSpeed = { readonly slowPerMinute: number; readonly fastPerMinute: number };

/** After so long a measurement, the set pace no longer counts. */
const fullTrustMs = 60_000;

/** The band of speeds to expect, or null if the line does not move (pace 0, nobody called for long). */
export function lineSpeed(record: SpeedRecord, pacePerMinute: number, nowMs: number): LineSpeed | null {
  if (pacePerMinute <= 0) return null;
  const measured = measuredSpeed(record, nowMs);
  const trust = Math.min(1, measured.spanMs / fullTrustMs);
  const expected = trust * Math.min(measured.perMinute, pacePerMinute) + (1 - trust) * pacePerMinute;
  if (expected <= 0) return null;
  const doubt = 0.1 + 0.3 * (1 - trust);
  return { slowPerMinute: expected * (1 - doubt), fastPerMinute: Math.min(pacePerMinute, expected * (1 + doubt)) };
}

/** [low, high] in whole seconds until a device with `ahead` devices before it is called. */
export function waitRange(speed: LineSpeed, ahead: number): readonly [number, number] {
  const low = Math.floor((ahead * 60) / speed.fastPerMinute);
  const high = Math.ceil(((ahead + 1 + Math.sqrt(ahead)) * 60) / speed.slowPerMinute);
  return [low, high];
}
