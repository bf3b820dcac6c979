// The disk thread of the embedded store: SQLite, one transaction for all requests that wait (group commit), so that
// the event loop never waits for a disk. It knows rows, not rooms.

import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { codeOfSqlite } from './database-file.ts';
import type { DiskMessage, DiskOpening, DiskReply, DiskRequest } from './disk-protocol.ts';
import { openTables, type Tables } from './tables.ts';

/** Requests that go into one transaction at most. */
const batchMax = 1_000;
/** Mostly of two or three pages each: the log is then shorter than where SQLite writes it back by itself. */
const batchesPerCheckpoint = 250;

const { path, port } = workerData as { readonly path: string; readonly port: MessagePort };

function open(): Tables | null {
  const opened = openTables(path);
  if (opened.kind === 'open') {
    port.postMessage({ kind: 'open' } satisfies DiskOpening);
    return opened.tables;
  }
  port.postMessage(opened satisfies DiskOpening);
  port.close();
  return null;
}

function takeBatch(first: DiskMessage): DiskMessage[] {
  const batch = [first];
  while (batch.length < batchMax) {
    const next = receiveMessageOnPort(port);
    if (next === undefined) break;
    batch.push(next.message as DiskMessage);
  }
  return batch;
}

/** Runs a batch in one transaction; if that fails, each request by itself, so that one bad request harms no other. */
function runBatch(tables: Tables, batch: readonly DiskMessage[]): DiskReply[] {
  try {
    return tables.inTransaction(() =>
      batch.map(({ id, request }) => ({ id, kind: 'done', answer: tables.run(request) })),
    );
  } catch (error) {
    if (batch.length > 1) return batch.flatMap(each => runBatch(tables, [each]));
    const code = codeOfSqlite(error) === 'unreadable' ? 'unreadable' : 'unavailable';
    const message = error instanceof Error ? error.message : String(error);
    return batch.map(({ id }) => ({ id, kind: 'failed', code, message }));
  }
}

/** When what a request wrote must be on the disk: before its answer, soon after it, or it writes nothing. */
function syncFor(request: DiskRequest): 'now' | 'soon' | 'never' {
  switch (request.kind) {
    case 'load':
    case 'read-key-ring':
    case 'read-document':
    case 'read-records':
      return 'never';
    case 'commit':
      return request.durability === 'written' ? 'soon' : 'now';
    default:
      return 'now';
  }
}

/** SQLite would write its log back into the file inside a transaction, in front of the answer. */
function behindAnswers(tables: Tables): void {
  batchesInLog += 1;
  if (batchesInLog < batchesPerCheckpoint) return;
  batchesInLog = 0;
  tables.checkpoint();
}

let batchesInLog = 0;
const tables = open();
if (tables !== null) {
  port.on('message', (first: DiskMessage) => {
    const batch = takeBatch(first);
    const replies = runBatch(tables, batch);
    const sync = batch.map(({ request }) => syncFor(request));
    if (sync.includes('now')) tables.logSync.now();
    else if (sync.includes('soon')) tables.logSync.soon();
    for (const reply of replies) port.postMessage(reply);
    behindAnswers(tables);
    if (batch.some(({ request }) => request.kind === 'close')) {
      tables.close();
      port.close();
    }
  });
}
