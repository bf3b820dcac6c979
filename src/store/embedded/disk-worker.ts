// The disk thread of the embedded store: SQLite, one transaction for all requests that wait (group commit), so that
// the event loop never waits for a disk. It knows rows, not rooms.

import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { codeOfSqlite } from './database-file.ts';
import type { DiskMessage, DiskOpening, DiskReply } from './disk-protocol.ts';
import { openTables, type Tables } from './tables.ts';

/** Requests that go into one transaction at most. */
const batchMax = 1_000;

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

const tables = open();
if (tables !== null) {
  port.on('message', (first: DiskMessage) => {
    const batch = takeBatch(first);
    const replies = runBatch(tables, batch);
    const mayFollow = batch.every(({ request }) => request.kind === 'commit' && request.durability === 'written');
    if (mayFollow) tables.logSync.soon();
    else tables.logSync.now();
    for (const reply of replies) port.postMessage(reply);
    if (batch.some(({ request }) => request.kind === 'close')) {
      tables.close();
      port.close();
    }
  });
}
