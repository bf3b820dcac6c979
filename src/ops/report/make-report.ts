// A report out of what the store kept, as it was kept. Pure, and long for a long history: the event loop is no place for it.
import type { AuditRecord } from '../audit-log.ts';
import type { Sample } from '../history-log.ts';
import { mergeSamples } from '../merge-samples.ts';
import { reportHtml } from './build-report.ts';
import { reportCsv } from './report-csv.ts';

/** Records as JSON, newest first. */
export type ReportMaterial = {
  readonly room: string;
  readonly madeAt: string;
  readonly samples: readonly string[];
  /** Nothing older of the history was let go. */
  readonly isWhole: boolean;
  /** Of all rooms. */
  readonly audit: readonly string[];
  /** No older record of the audit trail was left out. */
  readonly isAuditWhole: boolean;
};

export type Report = { readonly html: string; readonly csv: string };

export function makeReport({ room, madeAt, samples, isWhole, audit, isAuditWhole }: ReportMaterial): Report {
  const rows = mergeSamples(samples.map(body => JSON.parse(body) as Sample).reverse());
  const records = audit.map(body => JSON.parse(body) as AuditRecord).filter(record => record.room === room);
  const html = reportHtml({ room, rows, isWhole, audit: records.reverse(), isAuditWhole, madeAt });
  return { html, csv: reportCsv(rows) };
}
