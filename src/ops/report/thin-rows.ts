// Long histories made short enough to be drawn: neighbours become one, rates and levels by their mean, what must not be
// hidden by its worst. Pure.
import type { HistoryRow } from '../merge-samples.ts';

export const drawnRowsMax = 600;

/** As they are when they are few. A row of many has the time of its first. */
export function groupRows(rows: readonly HistoryRow[], most = drawnRowsMax): readonly (readonly HistoryRow[])[] {
  const size = Math.max(1, Math.ceil(rows.length / most));
  const groups: HistoryRow[][] = [];
  for (let from = 0; from < rows.length; from += size) groups.push(rows.slice(from, from + size));
  return groups;
}

type Value = (row: HistoryRow) => number | null;

export const meanOf =
  (value: Value) =>
  (group: readonly HistoryRow[]): number | null => {
    const known = group.map(value).filter(each => each !== null);
    return known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0) / known.length;
  };

export const mostOf =
  (value: Value) =>
  (group: readonly HistoryRow[]): number | null => {
    const known = group.map(value).filter(each => each !== null);
    return known.length === 0 ? null : Math.max(...known);
  };

/** In percent; null where there was nothing to have a share of. */
export const shareOf =
  (part: (row: HistoryRow) => number, all: (row: HistoryRow) => number) =>
  (group: readonly HistoryRow[]): number | null => {
    const [parts, total] = [part, all].map(of => group.reduce((sum, row) => sum + of(row), 0));
    return total === undefined || total === 0 ? null : (100 * (parts ?? 0)) / total;
  };
