// The clock of a gateway on a machine whose own clock is set.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock } from '../../src/flow/clock.ts';
import { steadyTime } from '../../src/system-clock.ts';
import { admissionsOf, gatewayOn } from '../support/caller-room.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { startMs, testRules } from '../support/room-turns.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

test('[LN110] it never steps back, whatever the machine does, and never goes slower than 99 in 100', () => {
  const steps = fc.array(fc.record({ passMs: fc.nat(10_000), stepMs: fc.integer({ min: -600_000, max: 600_000 }) }));
  fc.assert(
    fc.property(steps, all => {
      let [wallMs, steadyMs] = [startMs, 5_000];
      const nowMs = steadyTime(
        () => wallMs,
        () => steadyMs,
      );
      let before = nowMs();
      for (const { passMs, stepMs } of all) {
        steadyMs += passMs;
        wallMs += passMs + stepMs;
        const now = nowMs();
        expect(now - before).toBeGreaterThanOrEqual(Math.floor(passMs * 0.99));
        expect(now).toBeGreaterThanOrEqual(wallMs);
        before = now;
      }
    }),
  );
});

test('[LN110] a step ahead is followed at once, a step back is made good little by little', () => {
  let [wallMs, steadyMs] = [startMs, 0];
  const nowMs = steadyTime(
    () => wallMs,
    () => steadyMs,
  );
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      steadyMs += 1_000;
      wallMs += 1_000;
      nowMs();
    }
  };
  wallMs += 600_000;
  expect(nowMs()).toBe(wallMs);
  wallMs -= 1_000;
  pass(50_000);
  expect(Math.abs(nowMs() - wallMs - 500)).toBeLessThanOrEqual(2);
  pass(60_000);
  expect(Math.abs(nowMs() - wallMs)).toBeLessThanOrEqual(2);
});

// Calls, entries and phases stood still for as long as the step.
test('[LN110] a room goes on at its pace where the clock of the machine is set back by ten minutes', async () => {
  const clock = new VirtualClock(startMs);
  let setByMs = 0;
  const stepped: Clock = {
    nowMs: steadyTime(
      () => clock.nowMs() + setByMs,
      () => clock.nowMs(),
    ),
    after: (delayMs, act) => clock.after(delayMs, act),
    every: (periodMs, act) => clock.every(periodMs, act),
  };
  const rules = { ...testRules, pacePerMinute: 600, activeCap: 10_000 };
  const store = new MemoryStore(stepped);
  const { view, caller } = gatewayOn(store, stepped, rules);
  for (let number = 0; number < 1_000; number += 1) view.attach(store.takeNumbers(rules.id, 1));
  const admittedAtMs = admissionsOf({ view });
  view.onChange(changes => {
    for (const change of changes) {
      if (change.kind !== 'called') continue;
      for (const place of change.places) caller.ask({ kind: 'claim', place }).catch(String);
    }
  });
  await caller.start();
  await clock.advance(10_000);
  setByMs = -600_000;
  const before = admittedAtMs.length;
  await clock.advance(30_000);
  expect(admittedAtMs.length - before).toBeGreaterThanOrEqual(294);
  expect(admittedAtMs.length - before).toBeLessThanOrEqual(302);
});
