// How fast the line really moves: calls per minute over the last minutes while somebody waited, measured and not set.

/** Since when the line was never empty (null: it is empty), and the calls since, per bucket of `bucketMs`, newest last. */
export type SpeedRecord = {
  readonly sinceMs: number | null;
  readonly buckets: readonly { readonly fromMs: number; readonly calls: number }[];
  /** Which pace of the calls held since when, oldest first; absent: it never changed. */
  readonly paces?: readonly { readonly fromMs: number; readonly perMinute: number }[];
  /** Since when nobody changed the pace by hand; absent: ever. */
  readonly setAtMs?: number;
};

export const newSpeedRecord: SpeedRecord = { sinceMs: null, buckets: [] };

const bucketMs = 5_000;
const spanMsMax = 120_000;
const steadyMs = 20_000;

/** From now on somebody waits, and the calling can be measured. */
export function beginMeasuring(nowMs: number, before: SpeedRecord = newSpeedRecord): SpeedRecord {
  return { ...keptPaces(before), sinceMs: nowMs, buckets: [] };
}

/** The record from an instant on, by whole buckets: what was before is not in it. */
export function recordSince(record: SpeedRecord, atMs: number): SpeedRecord {
  // Not the bucket of that instant: nobody knows which of its calls came after it.
  const fromMs = (Math.floor(atMs / bucketMs) + 1) * bucketMs;
  if (record.sinceMs === null || record.sinceMs >= fromMs) return record;
  return { ...record, sinceMs: fromMs, buckets: record.buckets.filter(bucket => bucket.fromMs >= fromMs) };
}

export function recordCalls(record: SpeedRecord, calls: number, atMs: number): SpeedRecord {
  const { sinceMs } = record;
  if (sinceMs === null) return record;
  const kept = keptPaces(record);
  const fromMs = atMs - (atMs % bucketMs);
  const last = record.buckets.at(-1);
  if (last !== undefined && last.fromMs >= fromMs) {
    return {
      ...kept,
      sinceMs,
      buckets: [...record.buckets.slice(0, -1), { fromMs: last.fromMs, calls: last.calls + calls }],
    };
  }
  const recent = record.buckets.filter(bucket => bucket.fromMs > atMs - spanMsMax - bucketMs);
  return { ...kept, sinceMs, buckets: [...recent, { fromMs, calls }] };
}

/** Calls per minute over what was measured of the last `lastMs`, and over how long a time; `spanMs` 0: nothing yet. */
export function measuredSpeed(
  record: SpeedRecord,
  nowMs: number,
  lastMs = spanMsMax,
): { perMinute: number; spanMs: number; pacePerMinute?: number } {
  if (record.sinceMs === null || nowMs <= record.sinceMs) return { perMinute: 0, spanMs: 0 };
  // Whole buckets only: of one that began before the span, nobody knows which calls fell into it.
  const spanFromMs = Math.ceil((nowMs - Math.min(lastMs, spanMsMax)) / bucketMs) * bucketMs;
  const fromMs = Math.max(record.sinceMs, spanFromMs);
  const recent = record.buckets.filter(bucket => bucket.fromMs >= spanFromMs);
  const calls = recent.reduce((sum, bucket) => sum + bucket.calls, 0);
  const spanMs = nowMs - fromMs;
  const perMinute = (calls * 60_000) / Math.max(bucketMs, spanMs);
  const pacePerMinute = meanPace(record, fromMs, nowMs);
  return pacePerMinute === null ? { perMinute, spanMs } : { perMinute, spanMs, pacePerMinute };
}

/** From that instant on another pace of the calls holds; set by hand, it is no wavering of what is learned. */
export function recordPace(before: SpeedRecord, perMinute: number, atMs: number, isByHand = true): SpeedRecord {
  const { paces = [] } = before;
  if (paces.at(-1)?.perMinute === perMinute) return before;
  const record = isByHand ? { ...before, setAtMs: atMs } : before;
  // Of those before the span only the last still matters.
  const current = paces.findLastIndex(pace => pace.fromMs <= atMs - spanMsMax);
  return { ...record, paces: [...paces.slice(Math.max(0, current)), { fromMs: atMs, perMinute }] };
}

/** The pace to reckon with: what is learned moves all the time, so it is the mean of the last seconds. */
export function steadyPace(record: SpeedRecord, pacePerMinute: number, nowMs: number): number {
  const fromMs = Math.max(nowMs - steadyMs, record.setAtMs ?? 0);
  return meanPace(record, fromMs, nowMs) ?? pacePerMinute;
}

/** By which factor the pace has moved of late, since it was set by hand at the most; 1: not at all. */
export function paceSpread({ paces = [], setAtMs = Number.NEGATIVE_INFINITY }: SpeedRecord, nowMs: number): number {
  const sinceMs = Math.max(setAtMs, nowMs - spanMsMax);
  const recent = paces.filter((_, index) => (paces[index + 1]?.fromMs ?? nowMs) > sinceMs).map(pace => pace.perMinute);
  const [least, most] = [Math.min(...recent), Math.max(...recent)];
  return recent.length > 1 && least > 0 ? most / least : 1;
}

function keptPaces({ paces, setAtMs }: SpeedRecord): Pick<SpeedRecord, 'paces' | 'setAtMs'> {
  return { ...(paces === undefined ? {} : { paces }), ...(setAtMs === undefined ? {} : { setAtMs }) };
}

/** The mean of the paces that held in a span; null where none was recorded. */
function meanPace({ paces = [] }: SpeedRecord, fromMs: number, toMs: number): number | null {
  if (paces.length === 0 || toMs <= fromMs) return null;
  let sum = 0;
  for (const [index, { fromMs: paceFromMs, perMinute }] of paces.entries()) {
    const beginMs = index === 0 ? fromMs : Math.max(fromMs, paceFromMs);
    const endMs = Math.min(toMs, paces[index + 1]?.fromMs ?? toMs);
    if (endMs > beginMs) sum += perMinute * (endMs - beginMs);
  }
  return sum / (toMs - fromMs);
}
