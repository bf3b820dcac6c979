// Operators' documents and logs as statements on the SQLite file. The rows of rooms are left to tables.ts.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LogRecord } from '../operators-store.ts';
import type { DiskAnswer, OperatorsRequest } from './disk-protocol.ts';

type Prepare = (sql: string) => StatementSync;

/** Made at every opening: files of an earlier Junban do not have it, and an earlier one does not mind it. */
export function ensureLogTable(database: DatabaseSync): void {
  database.exec(`CREATE TABLE IF NOT EXISTS record (
    position INTEGER PRIMARY KEY AUTOINCREMENT, log TEXT NOT NULL, body TEXT NOT NULL
  ); CREATE INDEX IF NOT EXISTS record_log ON record (log, position);`);
}

export function runOperatorsRequest(prepare: Prepare, request: OperatorsRequest): DiskAnswer {
  switch (request.kind) {
    case 'read-document':
      return readDocument(prepare, request.name);
    case 'replace-document':
      return replaceDocument(prepare, request);
    case 'append-record':
      prepare('INSERT INTO record (log, body) VALUES (?, ?)').run(request.log, request.body);
      prepare(`DELETE FROM record WHERE log = ?1 AND position <=
        (SELECT position FROM record WHERE log = ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2)`).run(
        request.log,
        request.keepMax,
      );
      return null;
    case 'read-records':
      return readRecords(prepare, request);
  }
}

const rowName = (name: string): string => `operators:${name}`;

function readDocument(prepare: Prepare, name: string): string | null {
  const row = prepare('SELECT body FROM document WHERE name = ?').get(rowName(name));
  return row === undefined ? null : String(row['body']);
}

type Replace = Extract<OperatorsRequest, { kind: 'replace-document' }>;

function replaceDocument(prepare: Prepare, { name, previous, next }: Replace): boolean {
  if (readDocument(prepare, name) !== previous) return false;
  prepare('INSERT OR REPLACE INTO document VALUES (?, ?)').run(rowName(name), next);
  return true;
}

type Read = Extract<OperatorsRequest, { kind: 'read-records' }>;

function readRecords(prepare: Prepare, { log, before, limit }: Read): readonly LogRecord[] {
  const select = prepare(
    'SELECT position, body FROM record WHERE log = ? AND position < ? ORDER BY position DESC LIMIT ?',
  );
  return select
    .all(log, before ?? Number.MAX_SAFE_INTEGER, limit)
    .map(row => ({ position: Number(row['position']), body: String(row['body']) }));
}
