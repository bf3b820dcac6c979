// The worker thread of read-report.ts: is handed the records page by page, makes one report and ends.

import { parentPort } from 'node:worker_threads';
import { makeReport, type ReportMaterial } from './make-report.ts';

export type ToReportWorker =
  | { readonly kind: 'samples' | 'audit'; readonly bodies: readonly string[] }
  | ({ readonly kind: 'make' } & Pick<ReportMaterial, 'room' | 'madeAt' | 'isWhole' | 'isAuditWhole'>);

const gathered = { samples: [] as string[], audit: [] as string[] };

parentPort?.on('message', (message: ToReportWorker) => {
  if (message.kind !== 'make') {
    gathered[message.kind].push(...message.bodies);
    return;
  }
  const { room, madeAt, isWhole, isAuditWhole } = message;
  parentPort?.postMessage(makeReport({ room, madeAt, isWhole, isAuditWhole, ...gathered }));
  parentPort?.close();
});
