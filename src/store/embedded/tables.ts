// The SQLite file of the embedded store: its tables, and each disk request as statements. The exclusive lock keeps a
// second process out and ends with the process, however that ends.

import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { DiskOpening, DiskRequest, DiskResult, DiskRoom } from './disk-protocol.ts';

const tablesFormat = '1';

const schema = `
  CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS room (
    room TEXT PRIMARY KEY, reserved INTEGER NOT NULL DEFAULT 0, attended_at INTEGER,
    version INTEGER NOT NULL DEFAULT 0, snapshot_version INTEGER, snapshot BLOB
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS change (
    room TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (room, version)
  ) WITHOUT ROWID;
`;

export type Tables = {
  inTransaction<Result>(work: () => Result): Result;
  run(request: DiskRequest): DiskResult;
  close(): void;
};

type Refused = Extract<DiskOpening, { kind: 'refused' }>;

export function openTables(path: string): { readonly kind: 'open'; readonly tables: Tables } | Refused {
  const file = join(path, 'junban.sqlite');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(file);
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;');
    database.exec('PRAGMA synchronous = FULL; BEGIN EXCLUSIVE;');
    chmodSync(file, 0o600);
    database.exec(schema);
    const format = readFormat(database);
    database.exec('COMMIT');
    if (format !== tablesFormat) {
      const message = `${path} was written in format ${format}; this version of Junban reads format ${tablesFormat}`;
      return { kind: 'refused', code: 'unreadable', message };
    }
    return { kind: 'open', tables: tablesOf(database) };
  } catch (error) {
    return refusal(path, error instanceof Error ? error.message : String(error));
  }
}

function readFormat(database: DatabaseSync): string {
  database.prepare("INSERT OR IGNORE INTO about VALUES ('format', ?)").run(tablesFormat);
  return String(database.prepare("SELECT value FROM about WHERE key = 'format'").get()?.['value']);
}

function refusal(path: string, message: string): Refused {
  if (message.includes('locked')) {
    return { kind: 'refused', code: 'in-use', message: `the data folder ${path} is in use by another Junban process` };
  }
  if (message.includes('not a database') || message.includes('malformed')) {
    return {
      kind: 'refused',
      code: 'unreadable',
      message: `${path}/junban.sqlite is damaged or not a Junban file: ${message}`,
    };
  }
  return { kind: 'refused', code: 'unavailable', message: `the data folder ${path} cannot be used: ${message}` };
}

function tablesOf(database: DatabaseSync): Tables {
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  return {
    inTransaction(work) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        // SQLite has rolled back by itself after some errors (a full disk); a second ROLLBACK would hide the cause.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    run: request => runRequest(prepare, request),
    close: () => database.close(),
  };
}

type Prepare = (sql: string) => StatementSync;

function runRequest(prepare: Prepare, request: DiskRequest): DiskResult {
  switch (request.kind) {
    case 'load':
      return loadRoom(prepare, request.room, request.after);
    case 'reserve':
      prepare('INSERT INTO room (room) VALUES (?) ON CONFLICT DO NOTHING').run(request.room);
      prepare('UPDATE room SET reserved = MAX(reserved, ?) WHERE room = ?').run(request.upTo, request.room);
      return true;
    case 'attend':
      prepare('UPDATE room SET attended_at = ? WHERE room = ?').run(Math.floor(request.atMs), request.room);
      return true;
    case 'commit':
      return commitChanges(prepare, request.room, request.version, request.changes);
    case 'compact':
      prepare('UPDATE room SET snapshot_version = ?, snapshot = ? WHERE room = ?').run(
        request.version,
        request.snapshot,
        request.room,
      );
      prepare('DELETE FROM change WHERE room = ? AND version <= ?').run(request.room, request.version);
      return true;
    case 'read-key-ring':
      return readKeyRing(prepare);
    case 'key-ring':
      prepare("INSERT OR IGNORE INTO about VALUES ('key-ring', ?)").run(request.document);
      return readKeyRing(prepare);
    case 'replace-key-ring': {
      const update = prepare("UPDATE about SET value = ? WHERE key = 'key-ring' AND value = ?");
      return Number(update.run(request.document, request.previous).changes) === 1;
    }
    case 'close':
      for (const [room, next] of request.reserved)
        prepare('UPDATE room SET reserved = ? WHERE room = ?').run(next, room);
      return true;
  }
}

function readKeyRing(prepare: Prepare): string | null {
  const row = prepare("SELECT value FROM about WHERE key = 'key-ring'").get();
  return row === undefined ? null : String(row['value']);
}

/** Appends the changes as versions `version + 1` and on; false if the room is not at `version`. */
function commitChanges(prepare: Prepare, room: string, version: number, changes: readonly string[]): boolean {
  const moved = prepare('UPDATE room SET version = ? WHERE room = ? AND version = ?').run(
    version + changes.length,
    room,
    version,
  );
  if (Number(moved.changes) !== 1) return false;
  const insert = prepare('INSERT INTO change VALUES (?, ?, ?)');
  changes.forEach((body, index) => {
    insert.run(room, version + 1 + index, body);
  });
  return true;
}

function loadRoom(prepare: Prepare, room: string, after: number): DiskRoom {
  prepare('INSERT INTO room (room) VALUES (?) ON CONFLICT DO NOTHING').run(room);
  const row = prepare('SELECT * FROM room WHERE room = ?').get(room) ?? {};
  const { reserved, attended_at: attendedAt, version, snapshot_version: snapshotVersion, snapshot } = row;
  const isSnapshotNews = snapshot instanceof Uint8Array && Number(snapshotVersion) > after;
  const from = isSnapshotNews ? Number(snapshotVersion) : after;
  const changes = prepare('SELECT body FROM change WHERE room = ? AND version > ? ORDER BY version').all(room, from);
  return {
    reserved: Number(reserved),
    attendedAtMs: attendedAt === null ? null : Number(attendedAt),
    version: Number(version),
    snapshot: isSnapshotNews ? { version: Number(snapshotVersion), bytes: snapshot } : null,
    changes: changes.map(change => String(change['body'])),
  };
}
