// What every store must do, as one suite: an adapter passes it through a rig that opens, reopens and crashes it. What
// only one kind of store can suffer (a full disk, a failover) is left to test/integration/store.

import { afterEach, describe, expect, test } from 'vitest';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { Lead, QueueStore } from '../../src/store/queue-store.ts';
import { isStoreError } from '../../src/store/store-error.ts';
import { called, followed } from '../support/store-changes.ts';

/** One set of stored data, and processes that come and go on it. */
export type StoreRig = {
  /** A new process on the data; before that, earlier ones were closed or crashed. */
  open(): Promise<QueueStore>;
  /** Closes `store` in order and opens the data again. */
  reopen(store: QueueStore): Promise<QueueStore>;
  /** The process of `store` dies at this instant, giving nothing back; another opens what it left. */
  crash(store: QueueStore): Promise<QueueStore>;
  /** Lets go of everything. */
  end(): Promise<void>;
};

export type ContractOptions = {
  readonly newRig: () => Promise<StoreRig>;
};

const room = 'sale';
const me = 'gateway-1';

async function leadOf(store: QueueStore): Promise<Lead> {
  const lead = await store.lead(room, me);
  if (lead === null) throw new Error('the only gateway did not get the lead');
  return lead;
}

/** Collects what a store gives to one call after the other. */
function take(store: QueueStore, counts: readonly number[]): Promise<number[]> {
  return Promise.all(counts.map(count => store.takeNumbers(room, count)));
}

export function queueStoreContract(name: string, { newRig }: ContractOptions): void {
  const rigs: StoreRig[] = [];
  const openRig = async () => {
    const rig = await newRig();
    rigs.push(rig);
    return { rig, store: await rig.open() };
  };
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.end();
  });

  describe(`${name}: numbers`, () => numbersContract(openRig));
  describe(`${name}: history`, () => historyContract(openRig));
  describe(`${name}: following`, () => followingContract(openRig));
  describe(`${name}: caller and keys`, () => callerContract(openRig));
}

type OpenRig = () => Promise<{ readonly rig: StoreRig; readonly store: QueueStore }>;

function numbersContract(openRig: OpenRig): void {
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

  test('[ST1] 100,000 numbers taken by parallel callers are all different and none is left out', async () => {
    const { store } = await openRig();
    const taken: number[] = [];
    const caller = async () => {
      for (let index = 0; index < 1_000; index++) taken.push(await store.takeNumbers(room, 1));
    };
    await Promise.all(Array.from({ length: 100 }, caller));
    expect(taken.sort((left, right) => left - right)).toEqual(Array.from({ length: 100_000 }, (_, index) => index));
    expect(await store.countNumbers(room)).toBe(100_000);
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

function historyContract(openRig: OpenRig): void {
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

function followingContract(openRig: OpenRig): void {
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

function callerContract(openRig: OpenRig): void {
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
