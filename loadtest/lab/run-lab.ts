// The M941 lab: plays its scenarios one after the other, prints the table, and draws each run as an SVG.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { machineFacts } from '../machine.ts';
import { chartOf, figuresOf, type LabFigures, tableOf } from './chart.ts';
import { playScenario } from './play-scenario.ts';
import { scenarios } from './scenarios.ts';

export const scenarioNames: readonly string[] = scenarios.map(({ name }) => name);

export type LabOptions = {
  /** Empty: all. */
  readonly only: readonly string[];
  /** Where the pictures and the figures go. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly print: (text: string) => void;
};

export async function runLab({ only, folder, signal, print }: LabOptions): Promise<readonly LabFigures[]> {
  await mkdir(folder, { recursive: true });
  const rows: LabFigures[] = [];
  for (const scenario of scenarios) {
    if (only.length > 0 && !only.includes(scenario.name)) continue;
    print(`${scenario.title} (${scenario.seconds} s) …`);
    const run = await playScenario(scenario, signal);
    await writeFile(join(folder, `${scenario.name}.svg`), chartOf(run));
    rows.push(figuresOf(run));
  }
  const facts = { startedAt: new Date().toISOString(), machine: machineFacts(), figures: rows };
  await writeFile(join(folder, 'figures.json'), `${JSON.stringify(facts, null, 2)}\n`);
  print(`\n${tableOf(rows)}\n\npictures and figures in ${folder}`);
  return rows;
}
