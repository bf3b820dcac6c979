// `results/README.md`: every kept result of the benchmarks as one table each, written anew whenever a result is kept.
// By hand: `node loadtest/results-table.ts`.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Budget, Figure } from './bench-figures.ts';
import type { MachineFacts } from './machine.ts';

export type Result = {
  /** `bench-join` and so on. */
  readonly name: string;
  readonly measuredAt: string;
  readonly machine: MachineFacts;
  readonly figures: readonly (Figure & { readonly ratio: number | null; readonly holds: boolean | null })[];
};

const folder = join(import.meta.dirname, 'results');
export const tablePath = join(folder, 'README.md');

export function keptResults(): readonly Result[] {
  return readdirSync(folder)
    .filter(file => /^bench-.*\.json$/.test(file))
    .sort()
    .map(file => ({ ...JSON.parse(readFileSync(join(folder, file), 'utf8')), name: file.slice(0, -'.json'.length) }));
}

/** The text of `results/README.md`. */
export function tableOf(results: readonly Result[]): string {
  const head = `# What was reached

Written by \`loadtest/results-table.ts\` from the results beside it. The floor was measured in the same run; what each script asks, how it measures
and what it cannot show stands in [loadtest/README.md](../README.md).
`;
  return [head, ...results.map(sectionOf)].join('\n');
}

function sectionOf({ name, measuredAt, machine, figures }: Result): string {
  const facts = `${machine.cores} cores of ${machine.cpuModel}, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, Node ${machine.node}`;
  const rows = figures.map(figure => {
    const { what, unit, value, floor, ratio } = figure;
    return `| ${[
      what,
      `${shown(value)} ${unit}`,
      floor === null ? '' : shown(floor),
      ratio === null ? '' : `${shown(ratio)} ×`,
      figure.budget === null ? '' : budgetText(figure.budget, unit),
      { true: 'holds', false: '**missed**', null: '' }[`${figure.holds}`],
    ].join(' | ')} |`;
  });
  return `## ${name}

${measuredAt.slice(0, 10)}, ${facts}.

| figure | reached | floor | ratio | budget | |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function budgetText({ of, is, bound }: Budget, unit: string): string {
  return `${is} ${shown(bound)} ${of === 'ratio' ? '×' : unit}`;
}

/** Three digits, or a whole number. */
export function shown(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

export function writeTable(): void {
  writeFileSync(tablePath, tableOf(keptResults()));
}

if (import.meta.main) writeTable();
