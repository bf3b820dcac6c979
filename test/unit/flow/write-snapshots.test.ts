// When a caller writes a snapshot of its room.

import { expect, test } from 'vitest';
import { RoomCaller } from '../../../src/flow/room-caller.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import { plainDraw } from '../../support/draw-desk.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function callerOn(store: MemoryStore, clock: VirtualClock) {
  const view = new RoomView(testRules, clock);
  const failures: unknown[] = [];
  const caller = new RoomCaller({
    ...{ rules: testRules, store, clock, draw: plainDraw, holder: 'gateway', newPassId: () => 'none' },
    present: () => view.present,
    onTrouble: () => undefined,
    onFailure: error => failures.push(error),
  });
  return { caller, failures };
}

async function change(caller: RoomCaller, clock: VirtualClock, times: number): Promise<void> {
  const asked = Array.from({ length: times }, (_, index) =>
    caller.ask({ kind: 'settings', settings: { pacePerMinute: 100 + index } }),
  );
  await clock.advance(100);
  await Promise.all(asked);
}

test('[ST180] callers that each make fewer changes than a snapshot is written after leave no long history', async () => {
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore(clock);
  for (let callers = 0; callers < 5; callers += 1) {
    const { caller } = callerOn(store, clock);
    await caller.start();
    await change(caller, clock, 1_500);
    await caller.stop();
    expect(store.changesSinceSnapshot(testRules.id).length).toBeLessThan(2_000);
  }
});

test('[ST180] a snapshot that cannot be written stops nobody and is written later', async () => {
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore(clock);
  const { caller, failures } = callerOn(store, clock);
  await caller.start();
  store.fate = operation => ({ delayMs: 0, outcome: operation === 'compact' ? 'refused' : 'answered' });
  await change(caller, clock, 2_500);
  await change(caller, clock, 1);
  expect(caller.limit).not.toBeNull();
  expect(store.changesSinceSnapshot(testRules.id).length).toBeGreaterThan(2_500);
  store.fate = () => ({ delayMs: 0, outcome: 'answered' });
  await clock.advance(11_000);
  expect(store.changesSinceSnapshot(testRules.id).length).toBeLessThan(100);
  expect(failures).toEqual([]);
});
