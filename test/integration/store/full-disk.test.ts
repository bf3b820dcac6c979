// The embedded store on a disk that fills up: a small tmpfs, which takes root to mount.

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import { isStoreError } from '../../../src/store/store-error.ts';
import { called } from '../../support/store-changes.ts';
import { newStoreFolder, removeStoreFolder } from '../../support/store-folder.ts';

let disk = '';
beforeEach(() => {
  if (process.getuid?.() !== 0) throw new Error('this test mounts a tmpfs: run it as root, as .ci/run does');
  disk = newStoreFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'junban-test', disk]);
});
afterEach(() => {
  execFileSync('umount', ['--lazy', disk]);
  removeStoreFolder(disk);
});

const ballast = () => join(disk, 'ballast');

function fillDisk(): void {
  const file = openSync(ballast(), 'w');
  const block = Buffer.alloc(4_096);
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(file);
  }
}

async function take(store: EmbeddedStore): Promise<number> {
  return store.takeNumbers('sale', 1);
}

const untilTold = { timeout: 2_500, interval: 50 };

test('[ST15] a full disk stops numbers within two seconds, loses nothing, and space alone mends it', async () => {
  const store = await EmbeddedStore.open(disk, { nowMs: () => Date.now() });
  const { epoch } = await store.lead('sale');
  await store.commit('sale', epoch, 0, [called(0), called(1)]);
  const before = await take(store);

  fillDisk();
  await expect.poll(() => store.trouble(), untilTold).toContain('full');
  await expect(take(store)).rejects.toSatisfy(error => isStoreError(error, 'unavailable'));
  // Commits may still fit into space that the log already has; then they hold, else they say so.
  let version = 2;
  for (let index = 0; index < 200; index++) {
    const outcome = await store.commit('sale', epoch, version, [called(version)]).catch((error: unknown) => error);
    if (isStoreError(outcome, 'unavailable')) continue;
    expect(outcome).toEqual({ kind: 'committed' });
    version++;
  }
  expect(version).toBeLessThan(202);
  expect(store.trouble()).toContain('full');
  const places = Array.from({ length: version }, (_, place) => called(place));
  expect((await store.load('sale')).changes).toEqual(places);
  // Reading works on a full disk and must not pass for health.
  expect(store.trouble()).toContain('full');

  rmSync(ballast());
  await expect.poll(() => store.trouble(), untilTold).toBeNull();
  const after = await take(store);
  expect(after).toBe(before + 1);
  expect(await store.commit('sale', epoch, version, [called(version)])).toEqual({ kind: 'committed' });
  await store.close();

  const again = await EmbeddedStore.open(disk, { nowMs: () => Date.now() });
  expect((await again.load('sale')).changes).toEqual([...places, called(version)]);
  expect(await take(again)).toBe(after + 1);
  await again.close();
});

test('[ST15] a store closes on a full disk, and what it had answered is there afterwards', async () => {
  const store = await EmbeddedStore.open(disk, { nowMs: () => Date.now() });
  const { epoch } = await store.lead('sale');
  await store.commit('sale', epoch, 0, [called(0)]);
  const taken = await take(store);
  fillDisk();
  await store.close();
  rmSync(ballast());
  const again = await EmbeddedStore.open(disk, { nowMs: () => Date.now() });
  expect((await again.load('sale')).changes).toEqual([called(0)]);
  expect(await take(again)).toBeGreaterThan(taken);
  await again.close();
});

test('[ST15] a disk that is full from the start is refused with its path', async () => {
  fillDisk();
  await expect(EmbeddedStore.open(disk, { nowMs: () => Date.now() })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(join(disk, 'junban.sqlite')),
  });
});
