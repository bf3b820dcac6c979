// Held clock: what stands still, what is counted once, and that it never runs backwards.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type HeldClock,
  holdClock,
  readClock,
  releaseClock,
  runningClock,
  skipSpan,
} from '../../../src/queue/held-clock.ts';

const anyStep = fc.record({
  kind: fc.constantFrom('hold', 'release', 'read'),
  passedMs: fc.integer({ min: 0, max: 5_000 }),
});

function stepClock(clock: HeldClock, kind: string, nowMs: number): HeldClock {
  if (kind === 'hold') return holdClock(clock, nowMs);
  return kind === 'release' ? releaseClock(clock, nowMs) : clock;
}

describe('HeldClock', () => {
  test('[CL1] shows exactly the time that passed outside held spans', () => {
    fc.assert(
      fc.property(fc.array(anyStep), steps => {
        let clock = runningClock;
        let nowMs = 1_800_000_000_000;
        let expectedMs = nowMs;
        let held = false;
        for (const { kind, passedMs } of steps) {
          nowMs += passedMs;
          if (!held) expectedMs += passedMs;
          expect(readClock(clock, nowMs)).toBe(expectedMs);
          clock = stepClock(clock, kind, nowMs);
          held = kind === 'read' ? held : kind === 'hold';
          expect(readClock(clock, nowMs)).toBe(expectedMs);
        }
      }),
    );
  });

  test('[CL2] holding, releasing and skipping twice is the same as once', () => {
    const held = holdClock(runningClock, 100);
    expect(holdClock(held, 170)).toEqual(held);
    const released = releaseClock(held, 250);
    expect(releaseClock(released, 300)).toEqual(released);
    const skipped = skipSpan(released, 400, 500);
    expect(skipSpan(skipped, 400, 500)).toEqual(skipped);
    expect(readClock(skipped, 600)).toBe(600 - 150 - 100);
  });

  test('[CL2] time that was held or skipped is not held back again by an overlapping skip', () => {
    const released = releaseClock(holdClock(runningClock, 100), 200);
    expect(readClock(skipSpan(released, 150, 230), 300)).toBe(300 - 130);
    expect(skipSpan(released, 120, 180)).toEqual(released);
    expect(skipSpan(released, 290, 280)).toEqual(released);
    const held = holdClock(runningClock, 100);
    expect(readClock(skipSpan(held, 70, 130), 500)).toBe(70);
    expect(readClock(releaseClock(skipSpan(held, 70, 130), 500), 510)).toBe(80);
  });

  test('[CL2] any overlapping holds, releases and skips count every instant at most once', () => {
    const anyEvent = fc.record({
      kind: fc.constantFrom('hold', 'release', 'skip'),
      gapMs: fc.nat(50),
      backMs: fc.nat(120),
    });
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), events => {
        const heldInstants = new Set<number>();
        let clock = runningClock;
        let held = false;
        let heldSinceMs = 0;
        let settledMs = 0;
        let nowMs = 1_000;
        for (const { kind, gapMs, backMs } of events) {
          for (let instant = nowMs; held && instant < nowMs + gapMs; instant++) heldInstants.add(instant);
          nowMs += gapMs;
          if (kind === 'skip') {
            // What lies before the settled instant is closed by contract; what follows the hold is held anyway.
            const startMs = Math.max(settledMs, nowMs - backMs);
            const endMs = held ? heldSinceMs : nowMs;
            clock = skipSpan(clock, nowMs - backMs, nowMs);
            for (let instant = startMs; instant < endMs; instant++) heldInstants.add(instant);
            if (endMs > startMs) settledMs = endMs;
          } else {
            if (kind === 'release' && held) settledMs = nowMs;
            if (kind === 'hold' && !held) heldSinceMs = nowMs;
            held = kind === 'hold';
            clock = stepClock(clock, kind, nowMs);
          }
          expect(readClock(clock, nowMs)).toBe(nowMs - heldInstants.size);
        }
      }),
    );
  });

  test('[CL3] never runs backwards over hold and release, even when the outside clock is set back', () => {
    const anyJump = fc.record({
      kind: fc.constantFrom('hold', 'release'),
      passedMs: fc.integer({ min: -5_000, max: 5_000 }),
    });
    fc.assert(
      fc.property(fc.array(anyJump), steps => {
        let clock = runningClock;
        let nowMs = 1_000_000;
        for (const { kind, passedMs } of steps) {
          nowMs += passedMs;
          const beforeMs = readClock(clock, nowMs);
          clock = stepClock(clock, kind, nowMs);
          expect(readClock(clock, nowMs)).toBe(beforeMs);
          expect(readClock(clock, nowMs + 10)).toBeGreaterThanOrEqual(beforeMs);
          expect(readClock(clock, nowMs - 10)).toBeLessThanOrEqual(beforeMs);
        }
      }),
    );
    const released = releaseClock(holdClock(runningClock, 1_000), 2_000);
    expect([500, 1_999, 2_000, 2_001].map(nowMs => readClock(released, nowMs))).toEqual([1_000, 1_000, 1_000, 1_001]);
  });

  test('[CL3] after a skip the clock shows what it showed when the span began', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), fc.nat(10_000), (startMs, spanMs, laterMs) => {
        const clock = releaseClock(holdClock(runningClock, 0), 100);
        const fromMs = 100 + startMs;
        const skipped = skipSpan(clock, fromMs, fromMs + spanMs);
        expect(readClock(skipped, fromMs + spanMs)).toBe(readClock(clock, fromMs));
        expect(readClock(skipped, fromMs + spanMs + laterMs)).toBe(readClock(clock, fromMs) + laterMs);
      }),
    );
  });
});
