// The wait of a device as a range of seconds: from the measured speed of the line and the pace of the calls at this instant,
// from that pace alone while little has been measured; as wide as what is in doubt now, times what earlier estimates needed.

import { measuredSpeed, paceSpread, recordSince, type SpeedRecord } from './calling-speed.ts';
import { type Climb, leftToClimb, waitWhileClimbing } from './pace-climb.ts';
import { marginsAtFirst, tail, tailDoubt, type WaitCalibration } from './wait-calibration.ts';

/** What holds for every device at one instant; `waitRange` turns it into a device's range. */
export type LineSpeed = {
  readonly expectedPerMinute: number;
  /** How much is in doubt, as the logarithm of a factor of the wait. */
  readonly doubt: number;
  /** Null: the pace does not climb. */
  readonly climb: Climb | null;
};

/** The speed of the line is measured over this; after so long a measurement the pace no longer counts by itself. */
const measuredMs = 60_000;
/** What the pace moved by is no measure of what comes beyond this. */
const spreadMax = 4;
/** A line that moves at this part of the pace at least is limited by the pace: it follows a change of it at once. */
const paceLimitedMin = 0.8;
/** In doubt is always this, besides this while nothing was measured, and this part of what the pace has moved by. // AP65 */
const doubtLeast = 0.04;
const doubtUnmeasured = 0.32;
const doubtOfSpread = 0.35;
/** With one device to wait for; with more it falls like chance does. */
const doubtOfOne = 0.15;

/**
 * The speed to expect, or null if the line does not move (pace 0, nobody called for long). `pacePerMinute` is that of the
 * calls: what no-shows take away is in it as soon as it is known. // CL130
 */
export function lineSpeed(
  record: SpeedRecord,
  pacePerMinute: number,
  nowMs: number,
  climb: Climb | null,
): LineSpeed | null {
  if (pacePerMinute <= 0) return null;
  const measured = measuredSpeed(record, nowMs, measuredMs);
  const trust = Math.min(1, measured.spanMs / measuredMs);
  const { pacePerMinute: paceThenPerMinute = pacePerMinute } = measured;
  const followsPace = measured.perMinute >= paceLimitedMin * paceThenPerMinute;
  const measuredNow = followsPace
    ? measured.perMinute * (pacePerMinute / paceThenPerMinute)
    : Math.min(measured.perMinute, pacePerMinute);
  const expectedPerMinute = trust * measuredNow + (1 - trust) * pacePerMinute;
  if (expectedPerMinute <= 0) return null;
  // What a climb moves the pace by, and how far it goes, is reckoned with by itself. // AP161
  const spread = climb === null ? Math.min(spreadMax, paceSpread(record, nowMs)) : 1;
  const unmeasured = climb === null ? doubtUnmeasured * (1 - trust) : 0;
  const doubt = Math.hypot(doubtLeast, unmeasured, doubtOfSpread * Math.log(spread));
  return { expectedPerMinute, doubt, climb };
}

/** What little was measured of a line that the cap holds back says nothing before this. */
const cappedMsMin = 10_000;
const fewnessMax = 0.5;

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
  const fewness = Math.min(fewnessMax, 0.5 / Math.sqrt((perMinute * spanMs) / 60_000));
  return { expectedPerMinute, doubt: Math.hypot(doubtLeast, fewness), climb: null };
}

/** The wait in milliseconds if everything goes on as it is, and a pace that climbs does so as far as in every other shop. */
export function expectedWaitMs({ expectedPerMinute, climb }: LineSpeed, ahead: number): number {
  const callsPerMs = expectedPerMinute / 60_000;
  return climb === null
    ? (ahead + 1) / callsPerMs
    : waitWhileClimbing(ahead + 1, callsPerMs, climb, leftToClimb(climb, 1 / 2));
}

/** [low, high] in whole seconds until a device with `ahead` devices before it is called. */
export function waitRange(
  speed: LineSpeed,
  ahead: number,
  calibration: Pick<WaitCalibration, 'margins'> | null = null,
): readonly [number, number] {
  const expectedMs = expectedWaitMs(speed, ahead);
  const { lower, upper } = calibration?.margins(expectedMs) ?? marginsAtFirst;
  const ofChance = doubtOfOne / Math.sqrt(ahead + 1);
  const { sooner, later } = doubtOfClimb(speed, ahead, expectedMs);
  const low = Math.floor(
    (ahead / (ahead + 1)) * (expectedMs / 1_000) * Math.exp(-Math.hypot(speed.doubt, ofChance, sooner) * lower),
  );
  const high = Math.ceil((expectedMs / 1_000) * Math.exp(Math.hypot(speed.doubt, ofChance, later) * upper));
  return [low, Math.max(low + 1, high)];
}

/** Where the climb may end, with a tail of all shops beyond on either side. */
function doubtOfClimb({ expectedPerMinute, climb }: LineSpeed, ahead: number, expectedMs: number) {
  if (climb === null) return { sooner: 0, later: 0 };
  const waitMs = (shareFarther: number) =>
    waitWhileClimbing(ahead + 1, expectedPerMinute / 60_000, climb, leftToClimb(climb, shareFarther));
  return {
    sooner: Math.log(expectedMs / waitMs(tail)) / tailDoubt,
    later: Math.log(waitMs(1 - tail) / expectedMs) / tailDoubt,
  };
}
