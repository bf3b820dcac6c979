// The history of a room as CSV: a line a row, every column a number, a word of ours, or nothing. Pure.
import type { HistoryRow } from '../merge-samples.ts';

const columns: readonly (readonly [string, (row: HistoryRow) => string | number | boolean | null])[] = [
  ['at', row => new Date(row.atMs).toISOString()],
  ['phase', row => row.room.phase],
  ['paused', row => row.room.paused],
  ['shopFailing', row => row.room.shopFailing],
  ['present', row => row.room.present],
  ['waiting', row => row.room.waiting],
  ['called', row => row.room.called],
  ['missed', row => row.room.missed],
  ['active', row => row.room.active],
  ['activeCap', row => row.room.activeCap],
  ['pacePerMinute', row => row.room.pacePerMinute],
  ['autopilotPacePerMinute', row => row.room.autopilot.pacePerMinute],
  ['limit', row => row.room.limit],
  ['handedOut', row => row.room.handedOut],
  ['admitted', row => row.room.admitted],
  ['noShows', row => row.room.noShows],
  ['returners', row => row.room.totals.returners],
  ['passesEnded', row => row.room.totals.ended],
  ['joinsPerMinute', row => row.joinsPerMinute],
  ['callsPerMinute', row => row.callsPerMinute],
  ['admissionsPerMinute', row => row.admissionsPerMinute],
  ['noShowsPerMinute', row => row.noShowsPerMinute],
  ['shopAnswers', row => row.shop.answers],
  ['shopErrors', row => row.shop.errors],
  ['shopSignatures', row => row.shop.signatures],
  ['shopInFlight', row => row.shop.inFlight],
  ['shopP50Ms', row => row.shop.p50Ms],
  ['shopP90Ms', row => row.shop.p90Ms],
  ['waitP50Ms', row => row.quality?.p50WaitMs ?? null],
  ['waitP90Ms', row => row.quality?.p90WaitMs ?? null],
  ['waitsTold', row => row.quality?.told ?? 0],
  ['waitsAsTold', row => row.quality?.asTold ?? 0],
];

export function reportCsv(rows: readonly HistoryRow[]): string {
  const lines = rows.map(row => columns.map(([, value]) => String(value(row) ?? '')).join(','));
  return `${[columns.map(([name]) => name).join(','), ...lines].join('\r\n')}\r\n`;
}
