// What every benchmark says in the end: figures beside their floors and budgets, one line each, kept with the facts of
// the machine when asked to.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineFacts } from './machine.ts';
import { shown, writeTable } from './results-table.ts';

export type Figure = {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  /** The same of the floor, measured in the same run; null where nothing compares. */
  readonly floor: number | null;
  /** What must hold of the value, or of its ratio to the floor; null: shown for information. */
  readonly budget: Budget | null;
};

export type Budget = {
  readonly of: 'value' | 'ratio';
  readonly is: 'at least' | 'at most';
  readonly bound: number;
};

export const ratioAtLeast = (bound: number): Budget => ({ of: 'ratio', is: 'at least', bound });
export const ratioAtMost = (bound: number): Budget => ({ of: 'ratio', is: 'at most', bound });
export const atMost = (bound: number): Budget => ({ of: 'value', is: 'at most', bound });

export function ratioOf({ value, floor }: Figure): number | null {
  return floor === null ? null : value / floor;
}

export function holds(figure: Figure): boolean {
  const { budget } = figure;
  if (budget === null) return true;
  const judged = budget.of === 'value' ? figure.value : (ratioOf(figure) ?? Number.NaN);
  return budget.is === 'at least' ? judged >= budget.bound : judged <= budget.bound;
}

/** Prints the table; `--save` on the command line also writes `results/<name>.json` and the table of all. */
export function report(name: string, figures: readonly Figure[], facts: object = {}): void {
  for (const figure of figures) console.log(lineOf(figure));
  if (!process.argv.includes('--save')) return;
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const rows = figures.map(figure => ({
    ...figure,
    ratio: ratioOf(figure),
    holds: figure.budget === null ? null : holds(figure),
  }));
  const result = { measuredAt: new Date().toISOString(), machine: machineFacts(), ...facts, figures: rows };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  writeTable();
}

function lineOf(figure: Figure): string {
  const { what, unit, value, floor, budget } = figure;
  const ratio = ratioOf(figure);
  const parts = [`${what}: ${shown(value)} ${unit}`];
  if (floor !== null && ratio !== null) parts.push(`floor ${shown(floor)}, ratio ${shown(ratio)}`);
  if (budget !== null) {
    const subject = budget.of === 'ratio' ? 'ratio ' : '';
    parts.push(`budget ${subject}${budget.is} ${budget.bound}`, holds(figure) ? 'HOLDS' : 'MISSED');
  }
  return parts.join(' | ');
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Of no values it is not a number. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const index = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(0, index)] ?? Number.NaN;
}
