// The contract of following: every change once and in order, or being told that this is not possible any more.

import { expect, test } from 'vitest';
import type { RoomChange } from '../../src/queue/room-change.ts';
import { called, followed } from '../support/store-changes.ts';
import { leadOf, type OpenRig, room } from './store-rig.ts';

export function followingContract(openRig: OpenRig): void {
  test('[ST7] a follower that starts behind gets every change once and in order, commits going on meanwhile', async () => {
    const { store } = await openRig();
    const { epoch } = await leadOf(store);
    const changes = Array.from({ length: 400 }, (_, place) => called(place));
    const first = changes.slice(0, 100);
    await store.commit(room, epoch, 0, first);
    const commits = changes.slice(100).map((change, index) => store.commit(room, epoch, 100 + index, [change]));
    const followers = [0, 40, 100].map(version => followed(store, room, version, 400 - version));
    await Promise.all(commits);
    const late = followed(store, room, 399, 1);
    expect(await followers[0]?.all).toEqual(changes);
    expect(await followers[1]?.all).toEqual(changes.slice(40));
    expect(await followers[2]?.all).toEqual(changes.slice(100));
    expect(await late.all).toEqual(changes.slice(399));
    await store.commit(room, epoch, 400, [called(400)]);
    for (const { seen } of [...followers, late]) {
      await expect.poll(() => seen.at(-1)).toEqual(called(400));
      expect(seen.filter(change => change.kind === 'called' && change.places[0] === 400)).toHaveLength(1);
    }
  });

  test('[ST7] a follower is told nothing after it stopped', async () => {
    const { store } = await openRig();
    const { epoch } = await leadOf(store);
    await store.commit(room, epoch, 0, [called(1)]);
    const seen: RoomChange[] = [];
    store.follow(room, 0, changes => seen.push(...changes))();
    const other = followed(store, room, 0, 2);
    await store.commit(room, epoch, 1, [called(2)]);
    await other.all;
    expect(seen).toEqual([]);
  });

  test('[ST8] a follower behind the snapshot is told so once and given nothing; from what it then loads it follows', async () => {
    const { store } = await openRig();
    const { epoch } = await leadOf(store);
    await store.commit(room, epoch, 0, [called(1), called(2), called(3)]);
    await store.compact(room, epoch, 2, Uint8Array.of(2));
    const atSnapshot = followed(store, room, 2, 2);
    const seen: RoomChange[] = [];
    let timesBehind = 0;
    const behind = new Promise<void>(resolve => {
      store.follow(
        room,
        1,
        changes => seen.push(...changes),
        () => {
          timesBehind++;
          resolve();
        },
      );
    });
    await behind;
    const { snapshot, changes } = await store.load(room);
    const again = followed(store, room, (snapshot?.version ?? 0) + changes.length, 1);
    await store.commit(room, epoch, 3, [called(4)]);
    expect(await again.all).toEqual([called(4)]);
    expect(await atSnapshot.all).toEqual([called(3), called(4)]);
    expect(seen).toEqual([]);
    expect(timesBehind).toBe(1);
  });
}
