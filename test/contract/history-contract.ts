// The contract of a room's history: what was committed is there, in order, and snapshots lose none of it.

import { expect, test } from 'vitest';
import { called } from '../support/store-changes.ts';
import { leadOf, type OpenRig, room } from './store-rig.ts';

export function historyContract(openRig: OpenRig): void {
  test('[ST4] changes load in the order of their commits, also after a crash', async () => {
    const { rig, store } = await openRig();
    const { epoch } = await leadOf(store);
    expect(await store.load(room)).toEqual({ snapshot: null, changes: [] });
    expect(await store.commit(room, epoch, 0, [called(1), called(2)])).toEqual({ kind: 'committed' });
    expect(await store.commit(room, epoch, 2, [called(3)])).toEqual({ kind: 'committed' });
    const crashed = await rig.crash(store);
    expect(await crashed.load(room)).toEqual({ snapshot: null, changes: [called(1), called(2), called(3)] });
    expect(await crashed.load('other')).toEqual({ snapshot: null, changes: [] });
  });

  test('[ST4] [ST290] a commit that need not survive the loss of power survives a crash, with what came before and after', async () => {
    const { rig, store } = await openRig();
    const { epoch } = await leadOf(store);
    await store.commit(room, epoch, 0, [called(1)]);
    expect(await store.commit(room, epoch, 1, [called(2)], 'written')).toEqual({ kind: 'committed' });
    const crashed = await rig.crash(store);
    expect((await crashed.load(room)).changes).toEqual([called(1), called(2)]);
    const next = await leadOf(crashed);
    expect(await crashed.commit(room, next.epoch, 1, [called(3)], 'written')).toEqual({ kind: 'fenced' });
    expect(await crashed.commit(room, next.epoch, 2, [called(3)])).toEqual({ kind: 'committed' });
  });

  test('[ST5] a commit at a wrong version is fenced and leaves nothing behind', async () => {
    const { store } = await openRig();
    const { epoch } = await leadOf(store);
    await store.commit(room, epoch, 0, [called(1), called(2)]);
    for (const version of [0, 1, 3]) {
      expect(await store.commit(room, epoch, version, [called(8), called(9)])).toEqual({ kind: 'fenced' });
    }
    expect((await store.load(room)).changes).toEqual([called(1), called(2)]);
  });

  test('[ST5] of parallel commits at one version exactly one happens', async () => {
    const { store } = await openRig();
    const { epoch } = await leadOf(store);
    const places = Array.from({ length: 20 }, (_, place) => place);
    const outcomes = await Promise.all(places.map(place => store.commit(room, epoch, 0, [called(place)])));
    expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
    expect((await store.load(room)).changes).toEqual([called(outcomes.findIndex(({ kind }) => kind === 'committed'))]);
  });

  test('[ST5] a commit under an epoch that is over is fenced, and its compaction does nothing', async () => {
    const { rig, store } = await openRig();
    const old = await leadOf(store);
    await store.commit(room, old.epoch, 0, [called(1)]);
    const next = await rig.crash(store);
    const { epoch } = await leadOf(next);
    expect(epoch).toBeGreaterThan(old.epoch);
    expect(await next.commit(room, old.epoch, 1, [called(2)])).toEqual({ kind: 'fenced' });
    await next.compact(room, old.epoch, 1, Uint8Array.of(1));
    expect(await next.load(room)).toEqual({ snapshot: null, changes: [called(1)] });
    expect(await next.commit(room, epoch, 1, [called(2)])).toEqual({ kind: 'committed' });
  });

  test('[ST6] a snapshot replaces the changes it covers and no other, also after a crash', async () => {
    const { rig, store } = await openRig();
    const { epoch } = await leadOf(store);
    await store.commit(room, epoch, 0, [called(1), called(2), called(3)]);
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
    await store.compact(room, epoch, 2, bytes);
    const kept = { snapshot: { version: 2, bytes }, changes: [called(3)] };
    expect(await store.load(room)).toEqual(kept);
    const crashed = await rig.crash(store);
    expect(await crashed.load(room)).toEqual(kept);
    const { epoch: next } = await leadOf(crashed);
    expect(await crashed.commit(room, next, 3, [called(4)])).toEqual({ kind: 'committed' });
    expect((await crashed.load(room)).changes).toEqual([called(3), called(4)]);
  });

  test('[ST6] a snapshot older than the stored one, or beyond the history, changes nothing', async () => {
    const { store } = await openRig();
    const { epoch } = await leadOf(store);
    await store.commit(room, epoch, 0, [called(1), called(2), called(3)]);
    await store.compact(room, epoch, 2, Uint8Array.of(2));
    for (const version of [1, 2, 4]) await store.compact(room, epoch, version, Uint8Array.of(9));
    expect(await store.load(room)).toEqual({
      snapshot: { version: 2, bytes: Uint8Array.of(2) },
      changes: [called(3)],
    });
  });

  test('[ST6] commits made while a snapshot is stored are kept', async () => {
    const { store } = await openRig();
    const { epoch } = await leadOf(store);
    const work: Promise<unknown>[] = [];
    for (let version = 0; version < 300; version++) {
      work.push(store.commit(room, epoch, version, [called(version)]));
      if (version % 50 === 49) work.push(store.compact(room, epoch, version - 9, Uint8Array.of(version)));
    }
    await Promise.all(work);
    const { snapshot, changes } = await store.load(room);
    expect(snapshot).toEqual({ version: 290, bytes: Uint8Array.of(299 - 256) });
    expect(changes).toEqual(Array.from({ length: 10 }, (_, index) => called(290 + index)));
  });
}
