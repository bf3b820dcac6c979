// When a device that comes before the opening is told to come again.
import { expect, test } from 'vitest';
import { RoomView } from '../../../src/flow/room-view.ts';
import { whenToJoin } from '../../../src/gateway/tickets-api.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const told = (opensInMs: number | null, startsInMs: number | null) => {
  const at = (inMs: number | null) => (inMs === null ? null : startMs + inMs);
  const rules = { ...testRules, opensAtMs: at(opensInMs), startsAtMs: at(startsInMs) };
  return whenToJoin({ view: new RoomView(rules, new VirtualClock(startMs)) });
};

test('[WR130] where places go by arrival it is the opening itself, to the millisecond', () => {
  for (let each = 0; each < 20; each += 1) {
    expect(told(null, 7_250)).toEqual({ opensAt: new Date(startMs + 7_250).toISOString(), nextMs: 7_300 });
  }
});

test('[WR130] a lobby is opened spread over three seconds, and long before it one looks again in two minutes', () => {
  const waits = Array.from({ length: 200 }, () => told(7_250, 60_000).nextMs);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(7_300);
  expect(Math.max(...waits)).toBeLessThanOrEqual(10_300);
  expect(new Set(waits).size).toBeGreaterThan(100);
  expect(told(null, 86_400_000).nextMs).toBe(120_000);
  expect(told(null, null)).toEqual({ opensAt: null, nextMs: 120_000 });
});
