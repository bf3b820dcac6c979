// Since when nobody called, as the next caller records it, where gateways fail between their lead and that record.

import { expect, test } from 'vitest';
import { RoomCaller } from '../../../src/flow/room-caller.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import type { QueueStore } from '../../../src/store/queue-store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { plainDraw } from '../../support/draw-desk.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** A gateway on its own way to the store, which can be cut, or carry no commits. */
function gatewayAt(store: MemoryStore, clock: VirtualClock, holder: string) {
  const way: { carries: 'all' | 'no commits' | 'nothing' } = { carries: 'all' };
  const refuse = () => Promise.reject(new StoreError('unavailable', 'the way carries nothing'));
  const over: QueueStore = {
    takeNumbers: (room, count) => store.takeNumbers(room, count),
    countNumbers: room => (way.carries === 'nothing' ? refuse() : store.countNumbers(room)),
    lead: (room, by) => (way.carries === 'nothing' ? refuse() : store.lead(room, by)),
    load: room => (way.carries === 'nothing' ? refuse() : store.load(room)),
    commit: (...given) => (way.carries === 'all' ? store.commit(...given) : refuse()),
    compact: (...given) => store.compact(...given),
    follow: (room, version, onChanges) => store.follow(room, version, onChanges),
    keyRing: make => store.keyRing(make),
    replaceKeyRing: (previous, next) => store.replaceKeyRing(previous, next),
    trouble: () => null,
    close: () => store.close(),
  };
  const view = new RoomView(testRules, clock);
  const caller = new RoomCaller({
    ...{ rules: testRules, store: over, clock, draw: plainDraw, holder, newPassId: () => 'none' },
    present: () => view.present,
    onTrouble: () => undefined,
    onFailure: error => {
      throw error;
    },
  });
  return { way, caller };
}

const secondsAfterStart = (atMs: number) => Math.round((atMs - startMs) / 1_000);

// A gateway that had failed to record it, and was cut off while another called, recorded all that time as unattended.
test('[LN80] what a gateway could not record is not recorded by it later, when another one has called meanwhile', async () => {
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore(clock);
  const before = gatewayAt(store, clock, 'before');
  await before.caller.start();
  await clock.advance(5_000);
  await before.caller.stop();
  await clock.advance(60_000);

  const cutOff = gatewayAt(store, clock, 'cut-off');
  cutOff.way.carries = 'no commits';
  await cutOff.caller.start();
  await clock.advance(1_000);
  cutOff.way.carries = 'nothing';
  await clock.advance(3_000);
  const other = gatewayAt(store, clock, 'other');
  await other.caller.start();
  await clock.advance(20_000);
  await other.caller.stop();
  await clock.advance(5_000);
  cutOff.way.carries = 'all';
  await clock.advance(1_000);

  const spans = store
    .changesSinceSnapshot(testRules.id)
    .flatMap(change => (change.kind === 'unattended' ? [change] : []))
    .map(({ fromMs, toMs }) => [secondsAfterStart(fromMs), secondsAfterStart(toMs)]);
  // From the last renewal of the other one on, 1.4 s before its end at most.
  expect(spans.slice(-1)).toEqual([[88, 94]]);
});
