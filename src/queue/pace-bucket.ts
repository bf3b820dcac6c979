// How many may go now so that a pace is kept exactly: the generic cell rate algorithm (ITU-T I.371, virtual scheduling)
// as pure data. Leaves who goes, and the clock, to others.

/** `dueAtMs` is when the next one is due (the theoretical arrival time of I.371 less its tolerance); fractional. */
export type PaceBucket = { readonly dueAtMs: number };

/** A bucket from which nobody ever took. */
export const emptyBucket: PaceBucket = { dueAtMs: 0 };

export type TakeRequest = {
  /** 0 gives nothing. */
  readonly pacePerMinute: number;
  /** How late a tick may come without loss; also the most credit that idle time earns. */
  readonly burstMs: number;
  readonly nowMs: number;
  readonly wanted: number;
};

export type TakePlan = {
  readonly taken: number;
  /** Replaces the old bucket, also when nothing was taken. */
  readonly bucket: PaceBucket;
  /** The earliest instant at which one more can be taken; Infinity at pace 0. */
  readonly nextAtMs: number;
};

/**
 * Takes as many of `wanted` as are due. In any window no more go than pace × (window + burstMs) + 1.
 * A clock that steps back earns nothing, and delays the next one by at most one interval or burstMs, the longer of the two:
 * within burstMs two clocks that disagree a little are told from one that was set back.
 */
export function planTake(bucket: PaceBucket, { pacePerMinute, burstMs, nowMs, wanted }: TakeRequest): TakePlan {
  if (!(pacePerMinute > 0)) {
    // Standing still earns no credit, so that the line does not burst when the pace returns.
    const held = bucket.dueAtMs >= nowMs ? bucket : { dueAtMs: nowMs };
    return { taken: 0, bucket: held, nextAtMs: Number.POSITIVE_INFINITY };
  }
  const intervalMs = 60_000 / pacePerMinute;
  const dueAtMs = Math.min(Math.max(bucket.dueAtMs, nowMs - burstMs), nowMs + Math.max(intervalMs, burstMs));
  const due = dueAtMs > nowMs ? 0 : Math.floor((nowMs - dueAtMs) / intervalMs) + 1;
  const taken = Math.max(0, Math.min(due, Math.floor(wanted)));
  // One multiplication instead of many additions: rounding errors of epoch time would add up at a high pace.
  const nextDueAtMs = dueAtMs + taken * intervalMs;
  return { taken, bucket: { dueAtMs: nextDueAtMs }, nextAtMs: Math.max(nextDueAtMs, nowMs) };
}

export type PaceChange = {
  readonly fromPacePerMinute: number;
  readonly toPacePerMinute: number;
  /** The same as in `TakeRequest`. */
  readonly burstMs: number;
  readonly nowMs: number;
};

/**
 * Re-scales what remains to wait, or the credit there is, to the new pace: any number of pace changes gives the sum of what
 * each pace allowed in its time. Unscaled, a lowered pace may let one go early, and credit earned at a low pace would be
 * worth more at a high one.
 */
export function changePace(bucket: PaceBucket, change: PaceChange): PaceBucket {
  const { fromPacePerMinute, toPacePerMinute, burstMs, nowMs } = change;
  if (!(fromPacePerMinute > 0) || !(toPacePerMinute > 0)) return bucket;
  const waitMs = Math.max(bucket.dueAtMs - nowMs, -burstMs);
  return { dueAtMs: nowMs + waitMs * (fromPacePerMinute / toPacePerMinute) };
}
