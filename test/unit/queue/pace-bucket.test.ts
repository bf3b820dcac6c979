// Pace bucket: the bound in every window, the exact rate in the long run, pace changes and clocks that step back.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changePace, emptyBucket, type PaceBucket, planTake } from '../../../src/queue/pace-bucket.ts';

const burstMs = 50;
const anyPace = fc.oneof(
  fc.double({ min: 0.5, max: 60, noNaN: true }),
  fc.double({ min: 60, max: 6_000, noNaN: true }),
  fc.double({ min: 6_000, max: 600_000, noNaN: true }),
);
const startMs = 1_800_000_000_000;

type Take = { readonly atMs: number; readonly taken: number };

function takeAll(pacePerMinute: number, gapsMs: readonly number[], wanted: readonly number[] = []): Take[] {
  const takes: Take[] = [];
  let bucket: PaceBucket = emptyBucket;
  let nowMs = startMs;
  for (const [tick, gapMs] of gapsMs.entries()) {
    nowMs += gapMs;
    const plan = planTake(bucket, { pacePerMinute, burstMs, nowMs, wanted: wanted[tick] ?? Number.MAX_SAFE_INTEGER });
    bucket = plan.bucket;
    takes.push({ atMs: nowMs, taken: plan.taken });
  }
  return takes;
}

/** The most taken over the bound in any window that starts and ends with a tick; `boundOf` gets the window in ms. */
function worstExcess(takes: readonly Take[], boundOf: (windowMs: number) => number): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (const [first, { atMs }] of takes.entries()) {
    let taken = 0;
    for (const take of takes.slice(first)) {
      taken += take.taken;
      worst = Math.max(worst, taken - boundOf(take.atMs - atMs));
    }
  }
  return worst;
}

const anyGaps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.double({ min: 0, max: 40, noNaN: true }) },
    { weight: 2, arbitrary: fc.nat(20) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 5_000, noNaN: true }) },
  ),
  { minLength: 1, maxLength: 80 },
);
/** What rounding of fractional epoch time may add, in devices, over the few dozen ticks of one run at the highest pace. */
const roundingShare = 0.05;

describe('planTake', () => {
  test('[CL4] never gives more than pace × (window + burst) + 1 in any window, whatever the ticks and the demand', () => {
    fc.assert(
      fc.property(anyPace, anyGaps, fc.array(fc.nat(100)), (pacePerMinute, gapsMs, wanted) => {
        const boundOf = (windowMs: number) => (pacePerMinute / 60_000) * (windowMs + burstMs) + 1 + roundingShare;
        expect(worstExcess(takeAll(pacePerMinute, gapsMs, wanted), boundOf)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  test('[CL4] stays within 1 % and one device of the pace over any 10 s, after any idle time', () => {
    const tickGaps = fc.array(fc.double({ min: 1, max: 200, noNaN: true }), { minLength: 200, maxLength: 200 });
    fc.assert(
      fc.property(anyPace, tickGaps, fc.nat(100_000), (pacePerMinute, gapsMs, idleMs) => {
        const takes = takeAll(pacePerMinute, [0, idleMs, ...gapsMs]);
        for (const [first, { atMs }] of takes.entries()) {
          const windowTakes = takes.slice(first).filter(take => take.atMs < atMs + 10_000);
          const taken = windowTakes.reduce((sum, take) => sum + take.taken, 0);
          expect(taken).toBeLessThanOrEqual((pacePerMinute / 6) * 1.01 + 1 + roundingShare);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('[CL4] idle time beyond the burst earns nothing', () => {
    const take = (idleMs: number) => takeAll(6_000, [0, idleMs]).at(-1)?.taken;
    expect([0, 9, 10, 30, 50, 60, 3_600_000].map(take)).toEqual([0, 0, 1, 3, 5, 6, 6]);
  });

  test('[CL5] gives the exact pace in the long run when ticks come irregularly but within the burst', () => {
    const tickGaps = fc.array(fc.double({ min: 0.5, max: burstMs, noNaN: true }), { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(anyPace, tickGaps, (pacePerMinute, gapsMs) => {
        const manyGaps = Array.from({ length: 50 }, () => gapsMs).flat();
        const [first, ...takes] = takeAll(pacePerMinute, [0, ...manyGaps]);
        const spanMs = manyGaps.reduce((sum, gapMs) => sum + gapMs, 0);
        const taken = takes.reduce((sum, take) => sum + take.taken, 0) + (first?.taken ?? 0);
        const exact = (pacePerMinute / 60_000) * (spanMs + burstMs);
        expect(Math.abs(taken - exact)).toBeLessThanOrEqual(1.5 + exact * 0.000_2);
      }),
      { numRuns: 50 },
    );
  });

  test('[CL5] gives no more than wanted, and keeps what is due for the next tick', () => {
    const request = { pacePerMinute: 60_000, burstMs, nowMs: startMs };
    const first = planTake(emptyBucket, { ...request, wanted: 20 });
    const second = planTake(first.bucket, { ...request, wanted: 100 });
    expect([first.taken, second.taken]).toEqual([20, 31]);
    expect(first.nextAtMs).toBe(startMs);
    expect(second.nextAtMs).toBe(startMs + 1);
    for (const wanted of [0, -1, 0.9]) expect(planTake(emptyBucket, { ...request, wanted }).taken).toBe(0);
  });

  test('[CL5] nextAtMs is when the next one goes, and not a moment earlier', () => {
    fc.assert(
      fc.property(anyPace, pacePerMinute => {
        const request = { pacePerMinute, burstMs, wanted: Number.MAX_SAFE_INTEGER };
        const { bucket, nextAtMs } = planTake(emptyBucket, { ...request, nowMs: startMs });
        expect(planTake(bucket, { ...request, nowMs: nextAtMs - 0.001 }).taken).toBe(0);
        expect(planTake(bucket, { ...request, nowMs: nextAtMs }).taken).toBe(1);
      }),
    );
  });

  test('[CL6] pace 0 gives nothing, and no burst follows when the pace returns', () => {
    const request = { burstMs, wanted: 1_000 };
    const stopped = planTake(emptyBucket, { ...request, pacePerMinute: 0, nowMs: startMs });
    expect(stopped).toMatchObject({ taken: 0, nextAtMs: Number.POSITIVE_INFINITY });
    expect(planTake(stopped.bucket, { ...request, pacePerMinute: Number.NaN, nowMs: startMs + 1_000 }).taken).toBe(0);
    expect(planTake(stopped.bucket, { ...request, pacePerMinute: 60_000, nowMs: startMs }).taken).toBe(1);
  });
});

describe('changing the pace', () => {
  test('[CL6] a raised pace takes effect at once and without a burst', () => {
    const slow = planTake(emptyBucket, { pacePerMinute: 0.5, burstMs, nowMs: startMs, wanted: 9 });
    expect(slow).toMatchObject({ taken: 1, nextAtMs: startMs + 120_000 - burstMs });
    const raised = planTake(slow.bucket, { pacePerMinute: 600, burstMs, nowMs: startMs + 5_000, wanted: 9 });
    expect(raised).toMatchObject({ taken: 0, nextAtMs: startMs + 5_100 });
    expect(planTake(raised.bucket, { pacePerMinute: 600, burstMs, nowMs: startMs + 5_100, wanted: 9 }).taken).toBe(1);
  });

  test('[CL6] a re-scaled wait keeps its share of the interval', () => {
    const bucket = { dueAtMs: startMs + 75 };
    const change = { fromPacePerMinute: 600, toPacePerMinute: 60, burstMs, nowMs: startMs };
    expect(changePace(bucket, change)).toEqual({ dueAtMs: startMs + 750 });
    expect(changePace(bucket, { ...change, toPacePerMinute: 6_000 })).toEqual({ dueAtMs: startMs + 7.5 });
    // Credit counts in devices, too: 50 ms at most, and a tenth of it at ten times the pace.
    expect(changePace({ dueAtMs: startMs - 20 }, { ...change, toPacePerMinute: 6_000 })).toEqual({
      dueAtMs: startMs - 2,
    });
    expect(changePace(emptyBucket, { ...change, toPacePerMinute: 6_000 })).toEqual({ dueAtMs: startMs - 5 });
    for (const toPacePerMinute of [0, Number.NaN])
      expect(changePace(bucket, { ...change, toPacePerMinute })).toBe(bucket);
  });

  test('[CL6] any number of pace changes gives at most what each pace allowed in its time', () => {
    const anySpan = fc.record({
      pacePerMinute: fc.double({ min: 30, max: 6_000, noNaN: true }),
      gapsMs: fc.array(fc.nat(60), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(anySpan, { minLength: 1, maxLength: 40 }), spans => {
        let bucket: PaceBucket = emptyBucket;
        let fromPacePerMinute = spans[0]?.pacePerMinute ?? 0;
        let nowMs = startMs;
        let allowed = 1 + roundingShare;
        let taken = 0;
        let paceMax = 0;
        for (const { pacePerMinute, gapsMs } of spans) {
          bucket = changePace(bucket, { fromPacePerMinute, toPacePerMinute: pacePerMinute, burstMs, nowMs });
          fromPacePerMinute = pacePerMinute;
          paceMax = Math.max(paceMax, pacePerMinute);
          for (const gapMs of gapsMs) {
            nowMs += gapMs;
            allowed += (pacePerMinute / 60_000) * gapMs;
            const plan = planTake(bucket, { pacePerMinute, burstMs, nowMs, wanted: 1_000 });
            bucket = plan.bucket;
            taken += plan.taken;
          }
          expect(taken).toBeLessThanOrEqual(allowed + (paceMax / 60_000) * burstMs);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a clock that steps back', () => {
  test('[CL7] gives nothing extra: after the step no more than the pace, without any burst', () => {
    fc.assert(
      fc.property(
        anyPace,
        anyGaps,
        anyGaps,
        fc.double({ min: 0.1, max: 1e9, noNaN: true }),
        (pacePerMinute, before, after, backMs) => {
          const takes = takeAll(pacePerMinute, [...before, -backMs, ...after]);
          const boundOf = (windowMs: number) => (pacePerMinute / 60_000) * (windowMs + burstMs) + 1 + roundingShare;
          expect(worstExcess(takes.slice(before.length), boundOf)).toBeLessThanOrEqual(0);
          expect(takes[before.length]?.taken).toBe(0);
        },
      ),
    );
  });

  test('[CL7] delays the next one by at most one interval or the burst, the longer of the two', () => {
    fc.assert(
      fc.property(anyPace, anyGaps, fc.double({ min: 0.1, max: 1e9, noNaN: true }), (pacePerMinute, gapsMs, backMs) => {
        const stallMs = Math.max(60_000 / pacePerMinute, burstMs);
        const takes = takeAll(pacePerMinute, [...gapsMs, -backMs, stallMs + 0.001]);
        expect(takes.at(-1)?.taken).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test('[CL7] two clocks that disagree by less than the burst do not speed the line up', () => {
    const gapsMs = Array.from({ length: 2_000 }, (_, tick) => (tick % 2 === 0 ? 8 : -7));
    const taken = takeAll(600_000, gapsMs).reduce((sum, take) => sum + take.taken, 0);
    expect(taken).toBeLessThanOrEqual(10 * (1_000 + 8 + burstMs) + 1);
  });
});
