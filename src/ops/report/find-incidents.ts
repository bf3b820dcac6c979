// What went wrong or was held during a sale, and what moved the pace, out of the rows of its history. Pure.
import { samplePeriodMs } from '../history-log.ts';
import type { HistoryRow } from '../merge-samples.ts';

export type IncidentKind = 'failing' | 'paused' | 'draining' | 'unrecorded';
export type Incident = { readonly kind: IncidentKind; readonly fromMs: number; readonly toMs: number };

export const incidentWords: Readonly<Record<IncidentKind, string>> = {
  failing: 'The shop was failing: nobody was called, and all clocks stood still.',
  paused: 'Paused by an operator.',
  draining: 'Drained by an operator: nobody new was called.',
  unrecorded: 'Nothing was recorded: no gateway, or no store.',
};

/** Rows further apart than this have something missing between them. */
export const gapMs = 45_000;

export function findIncidents(rows: readonly HistoryRow[]): readonly Incident[] {
  const gaps = rows.flatMap(({ atMs }, index): Incident[] => {
    const fromMs = rows[index - 1]?.atMs ?? atMs;
    return atMs - fromMs > gapMs ? [{ kind: 'unrecorded', fromMs, toMs: atMs }] : [];
  });
  return [
    ...spansOf(rows, 'failing', ({ room }) => room.shopFailing),
    ...spansOf(rows, 'paused', ({ room }) => room.paused),
    ...spansOf(rows, 'draining', ({ room }) => room.limit === 'draining'),
    ...gaps,
  ].sort((one, other) => one.fromMs - other.fromMs);
}

/** A span lasts until the first row without it: rows say what was at their time. Nobody knows about a gap. */
function spansOf(
  rows: readonly HistoryRow[],
  kind: IncidentKind,
  holds: (row: HistoryRow) => boolean,
): readonly Incident[] {
  const spans: { kind: IncidentKind; fromMs: number; toMs: number }[] = [];
  let open: { kind: IncidentKind; fromMs: number; toMs: number } | null = null;
  let lastMs = 0;
  for (const row of rows) {
    const { atMs } = row;
    const isNext = atMs - lastMs <= gapMs;
    lastMs = atMs;
    if (open !== null && isNext) open.toMs = atMs;
    if (!holds(row)) open = null;
    else if (open === null || !isNext) {
      open = { kind, fromMs: atMs, toMs: atMs + samplePeriodMs };
      spans.push(open);
    }
  }
  return spans;
}

export type PaceChange = { readonly atMs: number; readonly from: number; readonly to: number; readonly reason: string };

/** Changes by the autopilot, which the audit trail of operators does not have. */
export function findPaceChanges(rows: readonly HistoryRow[]): readonly PaceChange[] {
  return rows.flatMap(({ atMs, room }, index) => {
    const { pacePerMinute: to, reason } = room.autopilot;
    const before = rows[index - 1]?.room;
    if (to === null || before === undefined || room.pacePerMinute === before.pacePerMinute) return [];
    return to === room.pacePerMinute ? [{ atMs, from: before.pacePerMinute, to, reason: reason ?? '' }] : [];
  });
}

/** Samples are ten seconds apart, give or take: so much of a minute they always cover. */
const minuteMsMin = 45_000;

/** The most that was let in within a minute, against what the pace allowed in it; null while nobody was let in. */
export function fullestMinute(rows: readonly HistoryRow[]): number | null {
  let most: number | null = null;
  let from = 0;
  let allowed = 0;
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    if (before === undefined) continue;
    // The pace may have changed on the way: the higher of both was allowed at some time.
    allowed += allowedBetween(before, row);
    while (row.roomAtMs - (rows[from]?.roomAtMs ?? 0) > 60_000) {
      const [first, second] = [rows[from], rows[from + 1]];
      if (first !== undefined && second !== undefined) allowed -= allowedBetween(first, second);
      from += 1;
    }
    const first = rows[from];
    if (first === undefined || row.roomAtMs - first.roomAtMs < minuteMsMin || allowed <= 0) continue;
    const share = (row.room.admitted - first.room.admitted) / allowed;
    if (share > (most ?? 0)) most = share;
  }
  return most;
}

function allowedBetween(before: HistoryRow, after: HistoryRow): number {
  const pacePerMinute = Math.max(before.room.pacePerMinute, after.room.pacePerMinute);
  return (pacePerMinute * (after.roomAtMs - before.roomAtMs)) / 60_000;
}
