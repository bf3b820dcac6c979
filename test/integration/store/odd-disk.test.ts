// The embedded store on a disk that does not answer, and with a disk thread that dies: a real thread that does both when told.

import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
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

/** Gives the function that ends it. */
function hang(): () => void {
  const until = new Int32Array(new SharedArrayBuffer(4));
  order({ kind: 'hang', until });
  return () => {
    Atomics.store(until, 0, 1);
    Atomics.notify(until, 0);
  };
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
