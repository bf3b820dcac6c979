// How fast the line really moves: calls per minute over the last minutes, measured and not set.

/** Calls per bucket of `bucketMs`, newest last; buckets without calls are absent. */
export type SpeedRecord = readonly { readonly fromMs: number; readonly calls: number }[];

export const newSpeedRecord: SpeedRecord = [];

const bucketMs = 5_000;
const spanMs = 120_000;

export function recordCalls(record: SpeedRecord, calls: number, atMs: number): SpeedRecord {
  const fromMs = atMs - (atMs % bucketMs);
  const last = record.at(-1);
  if (last !== undefined && last.fromMs >= fromMs) {
    return [...record.slice(0, -1), { fromMs: last.fromMs, calls: last.calls + calls }];
  }
  return [...record.filter(bucket => bucket.fromMs > atMs - spanMs), { fromMs, calls }];
}

/** Calls per minute over what was measured, and over how long a time; `spanMs` 0 means: nothing measured yet. */
export function measuredSpeed(record: SpeedRecord, nowMs: number): { perMinute: number; spanMs: number } {
  const recent = record.filter(bucket => bucket.fromMs > nowMs - spanMs);
  const first = recent[0];
  if (first === undefined) return { perMinute: 0, spanMs: 0 };
  const measuredMs = Math.max(bucketMs, nowMs - first.fromMs);
  const calls = recent.reduce((sum, bucket) => sum + bucket.calls, 0);
  return { perMinute: (calls * 60_000) / measuredMs, spanMs: measuredMs };
}
