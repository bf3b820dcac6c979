// The loss of power on the embedded store, played: what no sync had brought to the disk is taken out of a copy of the folder.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import { called } from '../../support/store-changes.ts';
import { copyAsCrashed, newStoreFolder, removeStoreFolder } from '../../support/store-folder.ts';

let folder = '';
let store: EmbeddedStore;
beforeEach(async () => {
  folder = newStoreFolder();
  store = await open(folder);
});
afterEach(async () => {
  await store.close();
  removeStoreFolder(folder);
});

const open = (path: string) => EmbeddedStore.open(path, { nowMs: () => Date.now() });

test('[ST290] after a loss of power the room is as it was at its last sync, and goes on from there', async () => {
  const { epoch } = await store.lead('sale');
  const number = await store.takeNumbers('sale', 1);
  await store.commit('sale', epoch, 0, [called(0)]);
  const synced = copyAsCrashed(folder);
  await store.commit('sale', epoch, 1, [called(1)], 'written');
  const lost = copyAsCrashed(folder);
  cpSync(join(synced, 'junban.sqlite-wal'), join(lost, 'junban.sqlite-wal'));

  const after = await open(lost);
  expect((await after.load('sale')).changes).toEqual([called(0)]);
  expect(await after.takeNumbers('sale', 1)).toBeGreaterThan(number);
  const next = await after.lead('sale');
  expect(next.epoch).toBeGreaterThan(epoch);
  expect(await after.commit('sale', next.epoch, 1, [called(2)])).toEqual({ kind: 'committed' });
  await after.close();
  for (const copy of [synced, lost]) removeStoreFolder(copy);
});
