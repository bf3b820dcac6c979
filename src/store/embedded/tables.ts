// Each disk request as statements on the SQLite file. Knows rows and versions, not what a change means.

import { statfsSync } from 'node:fs';
import type { StatementSync } from 'node:sqlite';
import { type OpenFile, openDatabaseFile, type Refused } from './database-file.ts';
import type { DiskAnswer, DiskAnswers, DiskRequest, DiskRoom } from './disk-protocol.ts';
import type { LogSync } from './log-sync.ts';
import { ensureLogTable, runOperatorsRequest } from './operators-tables.ts';

/** With less than this free the disk counts as full, before a write is refused halfway. */
const freeBytesMin = 65_536;

export type Tables = {
  inTransaction<Result>(work: () => Result): Result;
  run(request: DiskRequest): DiskAnswer;
  /** Brings transactions to the disk: before that they survive the end of the process, and no loss of power. */
  readonly logSync: Pick<LogSync, 'now' | 'soon'>;
  /** Writes the log back into the file. */
  checkpoint(): void;
  close(): void;
};

export function openTables(path: string): { readonly kind: 'open'; readonly tables: Tables } | Refused {
  const opened = openDatabaseFile(path);
  return opened.kind === 'open' ? { kind: 'open', tables: tablesOf(opened, path) } : opened;
}

function tablesOf({ database, logSync }: OpenFile, path: string): Tables {
  ensureLogTable(database);
  const prepared = new Map<string, StatementSync>();
  const prepare: Prepare = sql => {
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
    run(request) {
      if (request.kind === 'probe') refuseFullDisk(path);
      return runRequest(prepare, request);
    },
    logSync,
    checkpoint() {
      try {
        database.exec('PRAGMA wal_checkpoint(PASSIVE)');
      } catch {
        // Everything is in the log still; what keeps it there, the next write tells.
      }
    },
    close() {
      database.close();
      logSync.close();
    },
  };
}

function refuseFullDisk(path: string): void {
  const { bavail, bsize } = statfsSync(path);
  const freeBytes = bavail * bsize;
  if (freeBytes < freeBytesMin) throw new Error(`the disk is full: ${freeBytes} bytes are left on it`);
}

type Prepare = (sql: string) => StatementSync;

function runRequest(prepare: Prepare, request: DiskRequest): DiskAnswer {
  switch (request.kind) {
    case 'reserve':
      return reserveNumbers(prepare, request.room, request.count);
    case 'lead':
      return noteCaller(prepare, request);
    case 'load':
      return loadRoom(prepare, request.room, request.after);
    case 'commit':
      return commitChanges(prepare, request.room, request.version, request.changes);
    case 'compact':
      return replaceBySnapshot(prepare, request.room, request.version, request.snapshot);
    case 'read-key-ring':
      return readKeyRing(prepare);
    case 'key-ring':
      prepare("INSERT OR IGNORE INTO document VALUES ('key-ring', ?)").run(request.document);
      return readKeyRing(prepare);
    case 'replace-key-ring': {
      const update = prepare("UPDATE document SET body = ? WHERE name = 'key-ring' AND body = ?");
      return Number(update.run(request.document, request.previous).changes) === 1;
    }
    case 'read-document':
    case 'replace-document':
    case 'append-record':
    case 'read-records':
      return runOperatorsRequest(prepare, request);
    case 'probe':
      prepare("INSERT OR REPLACE INTO document VALUES ('probe', ?)").run(String(request.atMs));
      return null;
    case 'close':
      for (const [room, next] of request.unused) prepare('UPDATE room SET reserved = ? WHERE room = ?').run(next, room);
      return null;
  }
}

function addRoom(prepare: Prepare, room: string): void {
  prepare('INSERT INTO room (room) VALUES (?) ON CONFLICT DO NOTHING').run(room);
}

function reserveNumbers(prepare: Prepare, room: string, count: number): number {
  addRoom(prepare, room);
  const row = prepare('UPDATE room SET reserved = reserved + ? WHERE room = ? RETURNING reserved').get(count, room);
  return Number(row?.['reserved']);
}

function noteCaller(prepare: Prepare, lead: Extract<DiskRequest, { kind: 'lead' }>): DiskAnswers['lead'] {
  addRoom(prepare, lead.room);
  const before = prepare('SELECT epoch, heard_at FROM room WHERE room = ?').get(lead.room);
  const epoch = Number(before?.['epoch']) + (lead.isNew ? 1 : 0);
  const heardAt = before?.['heard_at'] ?? null;
  // A caller that dies before it could record since when nobody called was not there: it is heard of when it renews. // LN80
  const heardNow = lead.isNew && heardAt !== null ? heardAt : Math.floor(lead.atMs);
  prepare('UPDATE room SET epoch = ?, heard_at = ? WHERE room = ?').run(epoch, heardNow, lead.room);
  return { epoch, lastHeardAtMs: heardAt === null ? null : Number(heardAt) };
}

/** Appends the changes as versions `version + 1` and on; false if the room is not at `version`. */
function commitChanges(prepare: Prepare, room: string, version: number, changes: readonly string[]): boolean {
  addRoom(prepare, room);
  const update = prepare('UPDATE room SET version = ? WHERE room = ? AND version = ?');
  if (Number(update.run(version + changes.length, room, version).changes) !== 1) return false;
  const insert = prepare('INSERT INTO change VALUES (?, ?, ?)');
  changes.forEach((body, index) => {
    insert.run(room, version + 1 + index, body);
  });
  return true;
}

function replaceBySnapshot(prepare: Prepare, room: string, version: number, snapshot: Uint8Array): null {
  const replace = prepare(`INSERT INTO snapshot SELECT room, ?1, ?2 FROM room WHERE room = ?3 AND version >= ?1
    ON CONFLICT (room) DO UPDATE SET version = ?1, body = ?2 WHERE version < ?1`);
  if (Number(replace.run(version, snapshot, room).changes) === 1) {
    prepare('DELETE FROM change WHERE room = ? AND version <= ?').run(room, version);
  }
  return null;
}

function loadRoom(prepare: Prepare, room: string, after: number): DiskRoom {
  const version = Number(prepare('SELECT version FROM room WHERE room = ?').get(room)?.['version'] ?? 0);
  const kept = prepare('SELECT version, body FROM snapshot WHERE room = ? AND version > ?').get(room, after);
  const bytes = kept?.['body'];
  const snapshot = bytes instanceof Uint8Array ? { version: Number(kept?.['version']), bytes } : null;
  const changes = prepare('SELECT body FROM change WHERE room = ? AND version > ? ORDER BY version');
  return {
    version,
    snapshot,
    changes: changes.all(room, snapshot?.version ?? after).map(change => String(change['body'])),
  };
}

function readKeyRing(prepare: Prepare): string | null {
  const row = prepare("SELECT body FROM document WHERE name = 'key-ring'").get();
  return row === undefined ? null : String(row['body']);
}
