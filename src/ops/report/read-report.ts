// Gathers from the store what a report is made of.
import type { OperatorsStore } from '../../store/operators-store.ts';
import { AuditLog, type AuditRecord } from '../audit-log.ts';
import { HistoryLog, samplesMax } from '../history-log.ts';
import { mergeSamples } from '../merge-samples.ts';
import { reportHtml } from './build-report.ts';
import { reportCsv } from './report-csv.ts';

const auditPageMax = 1_000;
/** The newest records of all rooms that are looked through. */
const auditRecordsMax = 20_000;

export type Report = { readonly html: string; readonly csv: string };

export async function readReport(store: OperatorsStore, room: string, nowMs: number): Promise<Report> {
  const samples = await new HistoryLog(store).since(room, 0);
  const rows = mergeSamples(samples);
  const isWhole = samples.length < samplesMax;
  const audit = await auditOf(new AuditLog(store, () => nowMs), room);
  return {
    html: reportHtml({ room, rows, isWhole, audit, madeAt: new Date(nowMs).toISOString() }),
    csv: reportCsv(rows),
  };
}

async function auditOf(log: AuditLog, room: string): Promise<readonly AuditRecord[]> {
  const found: AuditRecord[] = [];
  let before: number | null = null;
  for (let read = 0; read < auditRecordsMax; read += auditPageMax) {
    const page: Awaited<ReturnType<AuditLog['read']>> = await log.read(before, auditPageMax);
    found.push(...page.filter(record => record.room === room));
    before = page.at(-1)?.position ?? null;
    if (page.length < auditPageMax || before === null) break;
  }
  return found.reverse();
}
