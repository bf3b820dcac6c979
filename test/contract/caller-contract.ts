// The contract of the lead and of the signing keys.

import { expect, test } from 'vitest';
import { called } from '../support/store-changes.ts';
import { leadOf, type OpenRig, room } from './store-rig.ts';

export function callerContract(openRig: OpenRig): void {
  test('[ST9] the lead tells when a caller was last heard of: never, then by the last renewal, also after a crash', async () => {
    const { rig, store } = await openRig();
    const first = await leadOf(store);
    expect(first.lastHeardAtMs).toBeNull();
    const second = await leadOf(store);
    expect(second.epoch).toBe(first.epoch);
    expect(second.lastHeardAtMs).toBe(Math.floor(first.nowMs));
    const crashed = await rig.crash(store);
    const third = await leadOf(crashed);
    expect(third.lastHeardAtMs).toBe(Math.floor(second.nowMs));
    expect(third.nowMs).toBeGreaterThanOrEqual(second.nowMs);
  });

  // It died before it could record for how long nobody had called: open calls lapsed that nobody could have taken.
  test('[LN80] whoever had the lead and committed nothing is not taken for a caller that was there', async () => {
    const { rig, store } = await openRig();
    const first = await leadOf(store);
    await store.commit(room, first.epoch, 0, [called(1)]);
    const renewed = await leadOf(store);
    const between = await rig.crash(store);
    expect((await leadOf(between)).lastHeardAtMs).toBe(Math.floor(renewed.nowMs));
    const last = await rig.crash(between);
    const { epoch, lastHeardAtMs } = await leadOf(last);
    expect(lastHeardAtMs).toBe(Math.floor(renewed.nowMs));
    await last.load(room);
    expect(await last.commit(room, epoch, 1, [called(2)])).toEqual({ kind: 'committed' });
    const again = await leadOf(last);
    const after = await rig.crash(last);
    expect((await leadOf(after)).lastHeardAtMs).toBe(Math.floor(again.nowMs));
  });

  test('[ST10] keys are created once, however many ask for them at the same time, and stay', async () => {
    const { rig, store } = await openRig();
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.keyRing(async () => `{"ring":${index}}`)),
    );
    expect(new Set(made).size).toBe(1);
    const next = await rig.crash(store);
    expect(await next.keyRing(async () => 'another')).toBe(made[0]);
  });

  test('[ST10] keys are replaced only by who knows the present ones', async () => {
    const { rig, store } = await openRig();
    await store.keyRing(async () => 'one');
    expect(await store.replaceKeyRing('none', 'two')).toBe(false);
    const outcomes = await Promise.all(['two', 'three', 'four'].map(next => store.replaceKeyRing('one', next)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const next = await rig.reopen(store);
    expect(await next.keyRing(async () => 'another')).toBe(['two', 'three', 'four'][outcomes.indexOf(true)]);
  });

  test('[ST11] a store that works has no trouble to tell', async () => {
    const { store } = await openRig();
    await leadOf(store);
    await store.takeNumbers(room, 1);
    expect(store.trouble()).toBeNull();
  });
}
