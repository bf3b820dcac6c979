// The wait of a device as a range of seconds: from the measured speed of the line and the pace of this instant, from the
// pace alone while little has been measured, and as wide as earlier estimates of this room turned out to need.

import { measuredSpeed, paceSpread, recordSince, type SpeedRecord } from './calling-speed.ts';
import type { WaitCalibration } from './wait-calibration.ts';

/** What holds for every device at one instant; `waitRange` turns it into a device's range. */
export type LineSpeed = {
  readonly expectedPerMinute: number;
  /** The band while no earlier estimates tell better: slower, and faster, by these shares. */
  readonly doubt: number;
  readonly doubtFaster: number;
  /** By which factor the pace has moved of late: it may do so again, either way. */
  readonly spread: number;
};

/** After so long a measurement, the set pace no longer counts. */
const fullTrustMs = 60_000;
/** After so long the room has shown how many called devices do not come: until then the line may yet become faster. */
const shownMs = 120_000;
/** What the pace moved by is no measure of what comes beyond this. */
const spreadMax = 4;
/** Ranges widen, each way, by this power of what the pace moved by, as long as outcomes do not tell better. // AP65 */
const spreadPower = 0.4;
/** A line that moves at this part of the pace at least is limited by the pace: it follows a change of it at once. */
const paceLimitedMin = 0.8;

/** The speed to expect, or null if the line does not move (pace 0, nobody called for long). */
export function lineSpeed(record: SpeedRecord, pacePerMinute: number, nowMs: number): LineSpeed | null {
  if (pacePerMinute <= 0) return null;
  const measured = measuredSpeed(record, nowMs);
  const trust = Math.min(1, measured.spanMs / fullTrustMs);
  const { pacePerMinute: paceThenPerMinute = pacePerMinute } = measured;
  const followsPace = measured.perMinute >= paceLimitedMin * paceThenPerMinute;
  const measuredNow = followsPace
    ? measured.perMinute * (pacePerMinute / paceThenPerMinute)
    : Math.min(measured.perMinute, pacePerMinute);
  const expectedPerMinute = trust * measuredNow + (1 - trust) * pacePerMinute;
  if (expectedPerMinute <= 0) return null;
  return {
    expectedPerMinute,
    doubt: 0.1 + 0.3 * (1 - trust),
    doubtFaster: 0.1 + 0.6 * (1 - Math.min(1, measured.spanMs / shownMs)),
    spread: Math.min(spreadMax, paceSpread(record, nowMs)),
  };
}

/** What little was measured of a line that the cap holds back says nothing before this. */
const cappedMsMin = 10_000;

/**
 * The speed of a line that the cap has held back since then: nothing but what was measured meanwhile, for nobody knows when
 * passes end. Null while nothing was. // LN140
 */
export function cappedSpeed(
  record: SpeedRecord,
  pacePerMinute: number,
  cappedSinceMs: number,
  nowMs: number,
): LineSpeed | null {
  const { perMinute, spanMs } = measuredSpeed(recordSince(record, cappedSinceMs), nowMs);
  const expectedPerMinute = Math.min(perMinute, pacePerMinute);
  if (spanMs < cappedMsMin || expectedPerMinute <= 0) return null;
  // Of a few only their order is known.
  const fewness = 0.5 / Math.sqrt((perMinute * spanMs) / 60_000);
  const doubt = Math.min(0.6, 0.1 + fewness);
  return { expectedPerMinute, doubt, doubtFaster: doubt, spread: 1 };
}

/** The wait in milliseconds if everything goes on as it is. */
export function expectedWaitMs({ expectedPerMinute }: LineSpeed, ahead: number): number {
  return ((ahead + 1) * 60_000) / expectedPerMinute;
}

/** [low, high] in whole seconds until a device with `ahead` devices before it is called. */
export function waitRange(
  speed: LineSpeed,
  ahead: number,
  calibration: Pick<WaitCalibration, 'band' | 'experience'> | null = null,
): readonly [number, number] {
  const { expectedPerMinute, doubt, doubtFaster, spread } = speed;
  const wider = spread ** (spreadPower * (1 - (calibration?.experience ?? 0)));
  const band = calibration?.band(expectedWaitMs(speed, ahead)) ?? null;
  const perDeviceSeconds = 60 / expectedPerMinute;
  if (band !== null) {
    const low = Math.floor((ahead * perDeviceSeconds * band.low) / wider);
    return [low, Math.max(low + 1, Math.ceil((ahead + 1) * perDeviceSeconds * band.high * wider))];
  }
  // Who is called and does not come, and who leaves, makes the line faster than its pace.
  const low = Math.floor((ahead * 60) / (expectedPerMinute * (1 + doubtFaster) * wider));
  return [low, Math.ceil(((ahead + 1 + Math.sqrt(ahead)) * 60 * wider) / (expectedPerMinute * (1 - doubt)))];
}
