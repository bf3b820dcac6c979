// Since when the active cap, and not the pace, holds the line back: from then on the line moves as passes end, which can
// only be measured.

export type CapRecord = {
  /** Null: it does not. */
  readonly cappedSinceMs: number | null;
  /** When the first slot since became free; null: none is. */
  readonly freeSinceMs: number | null;
};

export const newCapRecord: CapRecord = { cappedSinceMs: null, freeSinceMs: null };

/** A slot that becomes free is given to the next device within a turn; one that stays free for so long is not wanted. */
const freeMsMin = 5_000;

export function recordCap(record: CapRecord, isFull: boolean, nowMs: number): CapRecord {
  if (isFull) return { cappedSinceMs: cappedSince(record, nowMs) ?? nowMs, freeSinceMs: null };
  const { cappedSinceMs, freeSinceMs } = record;
  return cappedSinceMs === null || freeSinceMs !== null ? record : { cappedSinceMs, freeSinceMs: nowMs };
}

export function cappedSince({ cappedSinceMs, freeSinceMs }: CapRecord, nowMs: number): number | null {
  return freeSinceMs !== null && nowMs - freeSinceMs >= freeMsMin ? null : cappedSinceMs;
}
