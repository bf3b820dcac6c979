// The contract of arrival numbers: unique, growing, never given twice.

import { expect, test } from 'vitest';
import type { QueueStore } from '../../src/store/queue-store.ts';
import { isStoreError } from '../../src/store/store-error.ts';
import { called } from '../support/store-changes.ts';
import { leadOf, type OpenRig, room } from './store-rig.ts';

/** Collects what a store gives to one call after the other. */
function take(store: QueueStore, counts: readonly number[]): Promise<number[]> {
  return Promise.all(counts.map(count => store.takeNumbers(room, count)));
}

export function numbersContract(openRig: OpenRig): void {
  test('[ST1] numbers count from 0, each call gets a row of its own, in the order of the calls', async () => {
    const { store } = await openRig();
    expect(await take(store, [1, 3, 1, 10, 1])).toEqual([0, 1, 4, 5, 15]);
    expect(await store.countNumbers(room)).toBe(16);
    expect(await store.takeNumbers(room, 1)).toBe(16);
  });

  test('[ST1] a small call never gets past a large one that still waits for its numbers', async () => {
    const { store } = await openRig();
    await store.takeNumbers(room, 1);
    expect(await take(store, [5_000, 1, 300_000, 2, 1])).toEqual([1, 5_001, 5_002, 305_002, 305_004]);
  });

  test('[ST1] [ST142] 100,000 numbers taken by parallel callers are all different, and hardly any is left out', async () => {
    const { rig, store } = await openRig();
    const taken: number[] = [];
    const caller = async () => {
      for (let index = 0; index < 1_000; index++) taken.push(await store.takeNumbers(room, 1));
    };
    await Promise.all(Array.from({ length: 100 }, caller));
    expect(new Set(taken).size).toBe(100_000);
    const counted = await store.countNumbers(room);
    expect(counted).toBeGreaterThan(taken.reduce((most, number) => Math.max(most, number)));
    expect(counted - 100_000).toBeLessThanOrEqual(rig.leftOverMax ?? 0);
  });

  test('[ST1] rooms have numbers of their own', async () => {
    const { store } = await openRig();
    await store.takeNumbers(room, 7);
    expect(await store.takeNumbers('other', 1)).toBe(0);
  });

  test('[ST2] a crash gives no number twice', async () => {
    const { rig, store } = await openRig();
    let current = store;
    let highest = -1;
    for (const count of [1, 5_000, 3, 40]) {
      const first = await current.takeNumbers(room, count);
      expect(first).toBeGreaterThan(highest);
      highest = first + count - 1;
      current = await rig.crash(current);
      expect(await current.countNumbers(room)).toBeGreaterThan(highest);
    }
  });

  test('[ST3] a store closed in order gives back the numbers that nobody took', async () => {
    const { rig, store } = await openRig();
    await store.takeNumbers(room, 10);
    const next = await rig.reopen(store);
    expect(await next.countNumbers(room)).toBe(10);
    expect(await next.takeNumbers(room, 1)).toBe(10);
  });

  test('[ST3] a closed store hands out nothing any more', async () => {
    const { rig, store } = await openRig();
    const { epoch } = await leadOf(store);
    await store.takeNumbers(room, 10);
    const next = await rig.reopen(store);
    await expect((async () => store.takeNumbers(room, 1))()).rejects.toSatisfy(error =>
      isStoreError(error, 'unavailable'),
    );
    await expect(store.commit(room, epoch, 0, [called(1)])).rejects.toSatisfy(error =>
      isStoreError(error, 'unavailable'),
    );
    expect(await next.takeNumbers(room, 1)).toBe(10);
  });
}
