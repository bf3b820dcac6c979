// Files that are not what the embedded store wrote: refused, and left as they are.

import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { called } from '../../support/store-changes.ts';
import { newStoreFolder, removeStoreFolder } from '../../support/store-folder.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = newStoreFolder();
  file = join(folder, 'junban.sqlite');
});
afterEach(() => removeStoreFolder(folder));

const open = () => EmbeddedStore.open(folder, { nowMs: () => Date.now() });

async function writeStore(): Promise<void> {
  const store = await open();
  const { epoch } = await store.lead('sale');
  for (let version = 0; version < 400; version += 40) {
    await store.commit(
      'sale',
      epoch,
      version,
      Array.from({ length: 40 }, (_, index) => called(version + index)),
    );
  }
  await store.close();
}

async function refusal(): Promise<StoreError> {
  try {
    await (await open()).close();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('the store opened');
}

async function expectRefusedUntouched(message: RegExp): Promise<void> {
  const before = readFileSync(file);
  const { code, message: told } = await refusal();
  expect(told).toMatch(message);
  expect(told).toContain(file);
  expect(code).toBe('unreadable');
  expect(readFileSync(file).equals(before)).toBe(true);
}

test('[ST13] a file that is no database is refused and not overwritten', async () => {
  writeFileSync(file, 'a diary, not a database\n'.repeat(400));
  await expectRefusedUntouched(/damaged or not a Junban file/);
});

test('[ST13] a database of another program is refused and not changed', async () => {
  const other = new DatabaseSync(file);
  other.exec('CREATE TABLE diary (day TEXT); INSERT INTO diary VALUES (1)');
  other.close();
  await expectRefusedUntouched(/is not a Junban file; nothing was changed/);
});

test('[ST13] a file with damaged pages is refused and not overwritten', async () => {
  await writeStore();
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4_096 * 3, 4_096 * 6);
  writeFileSync(file, bytes);
  await expectRefusedUntouched(/damaged/);
});

test('[ST13] a file that was cut short is refused and not overwritten', async () => {
  await writeStore();
  truncateSync(file, 4_096 * 2);
  await expectRefusedUntouched(/damaged/);
});

test('[ST14] a folder written in a later format is refused with both formats named, and not changed', async () => {
  await writeStore();
  const later = new DatabaseSync(file);
  later.exec('PRAGMA user_version = 7');
  later.close();
  await expectRefusedUntouched(/is in format 7, and this version of Junban reads format 2/);
});

test('[ST13] a log that was cut in the middle of a write loses that write and nothing before it', async () => {
  const store = await open();
  const { epoch } = await store.lead('sale');
  await store.commit('sale', epoch, 0, [called(0)]);
  const log = readFileSync(`${file}-wal`);
  await store.commit('sale', epoch, 1, [called(1)]);
  const database = readFileSync(file);
  const longer = readFileSync(`${file}-wal`);
  await store.close();
  rmSync(`${file}-wal`, { force: true });
  writeFileSync(file, database);
  // The log was grown beforehand: the second write lies over what stood there, and half of it did not come so far.
  const written = longer.findIndex((byte, index) => byte !== log[index]);
  expect(written).toBeGreaterThan(0);
  const cutAt = written + 100;
  writeFileSync(`${file}-wal`, Buffer.concat([longer.subarray(0, cutAt), log.subarray(cutAt)]));
  const again = await open();
  expect((await again.load('sale')).changes).toEqual([called(0)]);
  await again.close();
});

test('[ST12] a folder that cannot be made is told with its path', async () => {
  writeFileSync(join(folder, 'file'), '');
  const error = await EmbeddedStore.open(join(folder, 'file', 'data'), { nowMs: () => 0 }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining(join(folder, 'file', 'data')) });
});

test('[ST280] a folder in the format before is taken over: its snapshot, the changes after it, and its numbers', async () => {
  const before = await open();
  const { epoch } = await before.lead('sale');
  await before.commit('sale', epoch, 0, [called(0), called(1), called(2)]);
  await before.compact('sale', epoch, 2, Buffer.from('a snapshot'));
  const first = await before.takeNumbers('sale', 3);
  await before.close();
  const older = new DatabaseSync(file);
  older.exec(`ALTER TABLE room ADD COLUMN snapshot_version INTEGER; ALTER TABLE room ADD COLUMN snapshot BLOB;
    UPDATE room SET snapshot_version = s.version, snapshot = s.body FROM snapshot s WHERE s.room = room.room;
    DROP TABLE snapshot; PRAGMA user_version = 1;`);
  older.close();

  const store = await open();
  expect(await store.load('sale')).toEqual({
    snapshot: { version: 2, bytes: new Uint8Array(Buffer.from('a snapshot')) },
    changes: [called(2)],
  });
  expect(await store.takeNumbers('sale', 1)).toBe(first + 3);
  const lead = await store.lead('sale');
  expect(await store.commit('sale', lead.epoch, 3, [called(3)])).toEqual({ kind: 'committed' });
  await store.close();
  const rooms = new DatabaseSync(file);
  // What every commit writes holds no snapshot.
  expect(rooms.prepare('SELECT * FROM room').get()).toEqual(
    expect.not.objectContaining({ snapshot: expect.anything() }),
  );
  rooms.close();
});
