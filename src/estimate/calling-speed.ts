// How fast the line really moves: calls per minute over the last minutes while somebody waited, measured and not set.

/** Since when the line was never empty (null: it is empty), and the calls since, per bucket of `bucketMs`, newest last. */
export type SpeedRecord = {
  readonly sinceMs: number | null;
  readonly buckets: readonly { readonly fromMs: number; readonly calls: number }[];
};

export const newSpeedRecord: SpeedRecord = { sinceMs: null, buckets: [] };

const bucketMs = 5_000;
const spanMsMax = 120_000;

/** From now on somebody waits, and the calling can be measured. */
export function beginMeasuring(nowMs: number): SpeedRecord {
  return { sinceMs: nowMs, buckets: [] };
}

export function recordCalls(record: SpeedRecord, calls: number, atMs: number): SpeedRecord {
  const { sinceMs } = record;
  if (sinceMs === null) return record;
  const fromMs = atMs - (atMs % bucketMs);
  const last = record.buckets.at(-1);
  if (last !== undefined && last.fromMs >= fromMs) {
    return { sinceMs, buckets: [...record.buckets.slice(0, -1), { fromMs: last.fromMs, calls: last.calls + calls }] };
  }
  const recent = record.buckets.filter(bucket => bucket.fromMs > atMs - spanMsMax - bucketMs);
  return { sinceMs, buckets: [...recent, { fromMs, calls }] };
}

/** Calls per minute over what was measured, and over how long a time; `spanMs` 0 means: nothing measured yet. */
export function measuredSpeed(record: SpeedRecord, nowMs: number): { perMinute: number; spanMs: number } {
  if (record.sinceMs === null || nowMs <= record.sinceMs) return { perMinute: 0, spanMs: 0 };
  // Whole buckets only: of one that began before the span, nobody knows which calls fell into it.
  const spanFromMs = Math.ceil((nowMs - spanMsMax) / bucketMs) * bucketMs;
  const fromMs = Math.max(record.sinceMs, spanFromMs);
  const recent = record.buckets.filter(bucket => bucket.fromMs >= spanFromMs);
  const calls = recent.reduce((sum, bucket) => sum + bucket.calls, 0);
  const spanMs = nowMs - fromMs;
  return { perMinute: (calls * 60_000) / Math.max(bucketMs, spanMs), spanMs };
}
