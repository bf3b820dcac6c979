// Gathers from the store what a report is made of, page by page, and has it made in a thread of its own: days of history
// would hold the event loop, and with it every fan, for seconds.
import { setImmediate as rest } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { OperatorsStore } from '../../store/operators-store.ts';
import { auditLogName } from '../audit-log.ts';
import { historyLogOf, samplesMax } from '../history-log.ts';
import type { Report } from './make-report.ts';
import type { ToReportWorker } from './report-worker.ts';

export type { Report } from './make-report.ts';

const samplesPageMax = 1_000;
const auditPageMax = 1_000;
/** The newest records of all rooms that are looked through. */
const auditRecordsMax = 20_000;
const resourceLimits = { maxOldGenerationSizeMb: 512 };

export async function readReport(store: OperatorsStore, room: string, nowMs: number): Promise<Report> {
  const worker = new Worker(new URL('./report-worker.ts', import.meta.url), { resourceLimits });
  const made = new Promise<Report>((resolve, reject) => {
    worker.once('message', (report: Report) => resolve(report));
    worker.once('error', reject);
    worker.once('exit', code => reject(new Error(`the thread of the report ended with code ${code} before it`)));
  });
  const tell = (message: ToReportWorker) => worker.postMessage(message);
  try {
    const samples = { log: historyLogOf(room), pageMax: samplesPageMax, recordsMax: samplesMax };
    const read = await eachPage(store, samples, bodies => tell({ kind: 'samples', bodies }));
    const audit = { log: auditLogName, pageMax: auditPageMax, recordsMax: auditRecordsMax };
    const auditRead = await eachPage(store, audit, bodies => tell({ kind: 'audit', bodies }));
    tell({
      ...{ kind: 'make', room, madeAt: new Date(nowMs).toISOString() },
      ...{ isWhole: read < samplesMax, isAuditWhole: auditRead < auditRecordsMax },
    });
    return await made;
  } finally {
    made.catch(() => undefined);
    await worker.terminate();
  }
}

/** One report at a time, and one for all who want the same at the same time. */
export function reportDesk(store: OperatorsStore, nowMs: () => number): (room: string) => Promise<Report> {
  const wanted = new Map<string, Promise<Report>>();
  let last: Promise<unknown> = Promise.resolve();
  return room => {
    const known = wanted.get(room);
    if (known !== undefined) return known;
    const next = last.then(() => readReport(store, room, nowMs())).finally(() => wanted.delete(room));
    wanted.set(room, next);
    last = next.catch(() => undefined);
    return next;
  };
}

type Pages = { readonly log: string; readonly pageMax: number; readonly recordsMax: number };

/** Gives how many records there were. */
async function eachPage(
  store: OperatorsStore,
  { log, pageMax, recordsMax }: Pages,
  use: (bodies: readonly string[]) => void,
): Promise<number> {
  let before: number | null = null;
  for (let read = 0; ; ) {
    const page: Awaited<ReturnType<OperatorsStore['readRecords']>> = await store.readRecords(log, before, pageMax);
    use(page.map(({ body }) => body));
    read += page.length;
    before = page.at(-1)?.position ?? null;
    if (page.length < pageMax || before === null || read >= recordsMax) return read;
    await rest();
  }
}
