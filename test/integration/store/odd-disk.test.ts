// The embedded store on a disk that does not answer, and with a disk thread that dies: a real thread that does both when told.

import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import type { Durability } from '../../../src/store/queue-store.ts';
import { isStoreError } from '../../../src/store/store-error.ts';
import type { DiskOrder } from '../../support/odd-disk-worker.ts';
import { called } from '../../support/store-changes.ts';
import { newStoreFolder, removeStoreFolder } from '../../support/store-folder.ts';

const answerWithinMs = 500;
const disk = {
  probePeriodMs: 20,
  troubleAfterMs: 100,
  answerWithinMs,
  script: new URL('../../support/odd-disk-worker.ts', import.meta.url),
};

let folder = '';
let store: EmbeddedStore;
let orders: BroadcastChannel;
beforeEach(async () => {
  folder = newStoreFolder();
  store = await EmbeddedStore.open(folder, { nowMs: () => Date.now(), disk });
  orders = new BroadcastChannel(folder);
});
afterEach(async () => {
  orders.close();
  await store.close();
  removeStoreFolder(folder);
});

const order = (what: DiskOrder) => orders.postMessage(what);
const take = async () => store.takeNumbers('sale', 1);
const isUnavailable = (error: unknown) => isStoreError(error, 'unavailable');

const sharedWord = () => new Int32Array(new SharedArrayBuffer(4));

function set(word: Int32Array): void {
  Atomics.store(word, 0, 1);
  Atomics.notify(word, 0);
}

/** Gives the function that ends it. */
function hang(): () => void {
  const until = sharedWord();
  order({ kind: 'hang', until });
  return () => set(until);
}

const isSet = (word: Int32Array) => expect.poll(() => Atomics.load(word, 0)).toBe(1);

async function hangInSync() {
  const [until, hangs, followed, heard] = [sharedWord(), sharedWord(), sharedWord(), sharedWord()];
  order({ kind: 'hang-in-sync', until, hangs, followed, heard });
  await isSet(heard);
  return { goOn: () => set(until), hangs: () => isSet(hangs), follows: () => isSet(followed) };
}

async function failInSync(): Promise<void> {
  const heard = sharedWord();
  order({ kind: 'fail-in-sync', heard });
  await isSet(heard);
}

test('[ST15] a disk that does not answer is told, refuses in time, and goes on by itself with everything on it', async () => {
  const { epoch } = await store.lead('sale');
  await store.commit('sale', epoch, 0, [called(0)]);
  const before = await take();

  const goOn = hang();
  await expect.poll(() => store.trouble()).toMatch(/has not answered for \d+ ms/);
  await expect(take()).rejects.toSatisfy(isUnavailable);
  const askedAtMs = performance.now();
  await expect(store.commit('sale', epoch, 1, [called(1)])).rejects.toSatisfy(isUnavailable);
  expect(performance.now() - askedAtMs).toBeGreaterThanOrEqual(answerWithinMs);
  expect(store.trouble()).toContain('did not answer within 500 ms');

  goOn();
  await expect.poll(() => store.trouble()).toBeNull();
  // Answered "unknown", it happened late: the one way round is allowed, the other is not.
  expect((await store.load('sale')).changes).toEqual([called(0), called(1)]);
  expect(await store.commit('sale', epoch, 2, [called(2)])).toEqual({ kind: 'committed' });
  expect(await take()).toBe(before + 1);
});

test('[ST15] a store closes in time on a disk that does not answer', async () => {
  await take();
  const goOn = hang();
  await expect.poll(() => store.trouble()).toMatch(/has not answered/);
  await store.close();
  goOn();
  store = await EmbeddedStore.open(folder, { nowMs: () => Date.now(), disk });
  expect(await take()).toBeGreaterThan(0);
});

test('[ST16] a disk thread that dies is started again; what waited is unknown, what was answered is there', async () => {
  const { epoch } = await store.lead('sale');
  await store.commit('sale', epoch, 0, [called(0)]);
  const before = await take();
  const heard: unknown[] = [];
  const stop = store.follow('sale', 1, changes => heard.push(...changes));

  const goOn = hang();
  await expect.poll(() => store.trouble()).toMatch(/has not answered/);
  order({ kind: 'die' });
  const waiting = store.load('sale').catch((error: unknown) => error);
  goOn();
  await expect.poll(() => store.trouble()).toContain('the disk thread ended: out of order');
  await expect(take()).rejects.toSatisfy(isUnavailable);
  // What the thread had not come to is unknown.
  expect(await waiting).toSatisfy(isUnavailable);

  await expect.poll(() => store.trouble(), { timeout: 10_000 }).toBeNull();
  expect((await store.load('sale')).changes).toEqual([called(0)]);
  expect(await store.commit('sale', epoch, 1, [called(1)])).toEqual({ kind: 'committed' });
  expect(heard).toEqual([called(1)]);
  expect(await take()).toBeGreaterThan(before);
  stop();
});

test('[ST290] a commit waits for its sync; one that need not survive the loss of power is answered, and its sync follows', async () => {
  await store.close();
  // A probe waits for a sync as well.
  store = await EmbeddedStore.open(folder, { nowMs: () => Date.now(), disk: { ...disk, probePeriodMs: 60_000 } });
  const { epoch } = await store.lead('sale');
  const sync = await hangInSync();
  const answered: Durability[] = [];
  const commit = async (version: number, durability: Durability) => {
    await store.commit('sale', epoch, version, [called(version)], durability);
    answered.push(durability);
  };
  await commit(0, 'written');
  await sync.follows();
  const synced = commit(1, 'synced');
  await sync.hangs();
  expect(answered).toEqual(['written']);
  sync.goOn();
  await synced;
  expect((await store.load('sale')).changes).toEqual([called(0), called(1)]);
});

test('[ST291] a sync that fails ends the disk thread, whoever waits for it; the next reads what is there', async () => {
  const { epoch } = await store.lead('sale');
  let known = 0;
  for (const durability of ['written', 'synced'] as const) {
    await failInSync();
    const outcome = await store
      .commit('sale', epoch, known, [called(known)], durability)
      .catch((error: unknown) => error);
    // Where the sync comes behind it, the answer may be on its way already.
    if (durability === 'synced') expect(outcome).toSatisfy(isUnavailable);
    await expect.poll(() => store.trouble()).toContain('the disk thread ended: EIO');
    await expect.poll(() => store.trouble(), { timeout: 10_000 }).toBeNull();
    known = (await store.load('sale')).changes.length;
    expect(await store.commit('sale', epoch, known, [called(known)])).toEqual({ kind: 'committed' });
    known += 1;
  }
});
