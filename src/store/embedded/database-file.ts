// The SQLite file of the embedded store: opened for one process alone, known by its marks, refused if it is not ours.
// The lock ends with the process, however that ends. What the tables mean is left to tables.ts.

import { chmodSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DiskOpening } from './disk-protocol.ts';
import { LogSync } from './log-sync.ts';

/** "JUNB": marks the file as ours in its header. */
const applicationId = 0x4a_55_4e_42;
/** Raised when an older Junban could not read the tables any more. */
const tablesFormat = 2;
/** Read still: it is brought to the format of today when the file is opened, which has no way back. // ST280 */
const formatWithSnapshotInRoom = 1;

/** Apart from the row that every commit writes: a large snapshot would be read and compared each time. // ST280 */
const snapshotTable =
  'CREATE TABLE snapshot (room TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;';

const schema = `
  CREATE TABLE document (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE room (
    room TEXT PRIMARY KEY, reserved INTEGER NOT NULL DEFAULT 0, epoch INTEGER NOT NULL DEFAULT 0, heard_at INTEGER,
    version INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  ${snapshotTable}
  CREATE TABLE change (
    room TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (room, version)
  ) WITHOUT ROWID;
`;

/** More than SQLite's log holds before it is written back into the file. */
const spaceBytes = 4_194_304;
/** On a disk with less than this free nothing is taken beforehand. */
const freeBytesForSpace = 268_435_456;

export type Refused = Extract<DiskOpening, { kind: 'refused' }>;

export type OpenFile = { readonly kind: 'open'; readonly database: DatabaseSync; readonly logSync: LogSync };

export function openDatabaseFile(path: string): OpenFile | Refused {
  const file = join(path, 'junban.sqlite');
  let database: DatabaseSync | null = null;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(file);
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    const foreign = whyForeign(database);
    database.exec('COMMIT');
    if (foreign !== null) {
      database.close();
      return { kind: 'refused', code: 'unreadable', message: `${file} ${foreign}; nothing was changed` };
    }
    // The key ring is inside. The write-ahead log takes its mode from the file.
    chmodSync(file, 0o600);
    // NORMAL: SQLite sees to the order on the disk, and when a transaction must be there the disk thread does. // ST290
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216;');
    const format = markOf(database, 'user_version');
    if (format === 0) create(database);
    else if (format === formatWithSnapshotInRoom) moveSnapshots(database);
    takeSpace(database, path);
    return { kind: 'open', database, logSync: new LogSync(`${file}-wal`) };
  } catch (error) {
    if (database?.isOpen) database.close();
    return refusal(file, error);
  }
}

/** Why the file is not for this version of Junban; null if it is, or if it is new. */
function whyForeign(database: DatabaseSync): string | null {
  const id = markOf(database, 'application_id');
  const format = markOf(database, 'user_version');
  const tables = Number(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables']);
  if (id === 0 && format === 0 && tables === 0) return null;
  if (id !== applicationId) return 'is not a Junban file';
  if (format !== tablesFormat && format !== formatWithSnapshotInRoom) {
    return `is in format ${format}, and this version of Junban reads format ${tablesFormat}: use the version that wrote it`;
  }
  const check = String(database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
  return check === 'ok' ? null : `is damaged (${check})`;
}

function markOf(database: DatabaseSync, mark: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${mark}`).get()?.[mark]);
}

function create(database: DatabaseSync): void {
  database.exec(`BEGIN; ${schema} PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${tablesFormat}; COMMIT;`);
}

/** Out of the row of its room. */
function moveSnapshots(database: DatabaseSync): void {
  database.exec(`BEGIN; ${snapshotTable}
    INSERT INTO snapshot SELECT room, snapshot_version, snapshot FROM room WHERE snapshot IS NOT NULL;
    ALTER TABLE room DROP COLUMN snapshot; ALTER TABLE room DROP COLUMN snapshot_version;
    PRAGMA user_version = ${tablesFormat}; COMMIT;`);
}

/**
 * Grows the file and its log before anybody waits: a commit that writes over what is there takes the disk one write, one
 * that makes a file longer some more, and now and then twenty times as long. The space is free again at once. // ST281
 */
function takeSpace(database: DatabaseSync, path: string): void {
  try {
    // Of a start that was cut.
    database.exec('DROP TABLE IF EXISTS space');
    const { bavail, bsize } = statfsSync(path);
    if (bavail * bsize < freeBytesForSpace) return;
    // Each a transaction of its own: pages that are freed before they are committed are not written at all.
    database.exec(`CREATE TABLE space (bytes BLOB); INSERT INTO space VALUES (zeroblob(${spaceBytes}));`);
    database.exec('DROP TABLE space');
  } catch {
    // Without it commits take longer, no more: what keeps the store from working, its own writes tell.
  }
}

function refusal(file: string, error: unknown): Refused {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOfSqlite(error);
  switch (code) {
    case 'in-use':
      return { kind: 'refused', code, message: `${file} is in use by another Junban process` };
    case 'unreadable':
      return {
        kind: 'refused',
        code,
        message: `${file} is damaged or not a Junban file (${message}); nothing was changed`,
      };
    case 'unavailable':
      return { kind: 'refused', code, message: `${file} cannot be used: ${message}` };
  }
}

/** SQLite's primary result codes: 5 BUSY, 6 LOCKED, 11 CORRUPT, 26 NOTADB. */
export function codeOfSqlite(error: unknown): 'in-use' | 'unreadable' | 'unavailable' {
  const result = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  if (result === 5 || result === 6) return 'in-use';
  return result === 11 || result === 26 ? 'unreadable' : 'unavailable';
}
