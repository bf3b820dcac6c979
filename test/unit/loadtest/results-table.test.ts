import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { keptResults, tableOf, tablePath } from '../../../loadtest/results-table.ts';

test('[OP121] the table of figures is that of the results beside it: `node loadtest/results-table.ts` writes it', () => {
  expect(keptResults().length).toBeGreaterThan(5);
  expect(readFileSync(tablePath, 'utf8')).toBe(tableOf(keptResults()));
});

test('[OP121] a figure that misses its budget says so', () => {
  const [result] = keptResults();
  if (result === undefined) throw new Error('no results are kept');
  const figure = { what: 'joins', unit: 'µs', value: 12.345, floor: 6, ratio: 2.0575, holds: false };
  const budget = { of: 'ratio', is: 'at most', bound: 2 } as const;
  const table = tableOf([{ ...result, figures: [{ ...figure, budget }] }]);
  expect(table).toContain('| joins | 12.3 µs | 6 | 2.06 × | at most 2 × | **missed** |');
});
