// The space that the embedded store takes before anybody waits: commits make no file longer, and nothing is left of it.

import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import { called } from '../../support/store-changes.ts';
import { copyAsCrashed, newStoreFolder, removeStoreFolder } from '../../support/store-folder.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = newStoreFolder();
  file = join(folder, 'junban.sqlite');
});
afterEach(() => removeStoreFolder(folder));

const open = () => EmbeddedStore.open(folder, { nowMs: () => Date.now() });
const sizes = () => [file, `${file}-wal`].map(path => statSync(path).size);

test('[ST281] a thousand commits, and what writes them back into the file, make neither it nor its log longer', async () => {
  const store = await open();
  const { epoch } = await store.lead('sale');
  const before = sizes();
  for (let version = 0; version < 1_000; version += 1) await store.commit('sale', epoch, version, [called(version)]);
  expect(sizes()).toEqual(before);
  await store.close();
});

test('[ST281] a start that was cut while it took space leaves a folder that opens and grows no further', async () => {
  await (await open()).close();
  const cut = new DatabaseSync(file);
  cut.exec('CREATE TABLE space (bytes BLOB); INSERT INTO space VALUES (zeroblob(4000000))');
  cut.close();
  const size = statSync(file).size;
  const store = await open();
  const { epoch } = await store.lead('sale');
  expect(await store.commit('sale', epoch, 0, [called(0)])).toEqual({ kind: 'committed' });
  await store.close();
  expect(statSync(file).size).toBeLessThan(size + 100_000);
});

test('[ST292] the log is written back into the file behind the answers, before it is so long that a commit would have to', async () => {
  const store = await open();
  const { epoch } = await store.lead('sale');
  for (let version = 0; version < 300; version += 1) await store.commit('sale', epoch, version, [called(version)]);
  const copy = copyAsCrashed(folder);
  rmSync(join(copy, 'junban.sqlite-wal'));
  const written = new DatabaseSync(join(copy, 'junban.sqlite'));
  const version = Number(written.prepare('SELECT version FROM room').get()?.['version']);
  written.close();
  removeStoreFolder(copy);
  await store.close();
  expect(version).toBeGreaterThanOrEqual(200);
});
