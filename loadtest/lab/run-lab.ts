// The M941 lab: plays its scenarios, prints the table, and draws each run as an SVG.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { machineFacts } from '../machine.ts';
import { chartOf, figuresOf, type LabFigures, pageOf, tableOf } from './chart.ts';
import { playScenario } from './play-scenario.ts';
import { scenarios } from './scenarios.ts';

export const scenarioNames: readonly string[] = scenarios.map(({ name }) => name);

export type LabOptions = {
  /** Empty: all. */
  readonly only: readonly string[];
  /** So many scenarios run side by side; more than the machine bears spoils the figures. */
  readonly atOnce: number;
  /** Where the pictures and the figures go. Figures of scenarios that are not played stay. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly print: (text: string) => void;
};

type Row = LabFigures & { readonly playedAt: string };

export async function runLab({ only, atOnce, folder, signal, print }: LabOptions): Promise<readonly LabFigures[]> {
  await mkdir(folder, { recursive: true });
  const toPlay = scenarios.filter(({ name }) => only.length === 0 || only.includes(name));
  // The longest first, so that the last lane does not end long after the others.
  const queue = toPlay.toSorted((one, other) => other.seconds - one.seconds);
  const played: Row[] = [];
  const lane = async (): Promise<void> => {
    for (let scenario = queue.shift(); scenario !== undefined; scenario = queue.shift()) {
      print(`${scenario.title} (${scenario.seconds} s) …`);
      const run = await playScenario(scenario, signal);
      await writeFile(join(folder, `${scenario.name}.svg`), chartOf(run));
      played.push({ ...figuresOf(run), playedAt: new Date().toISOString() });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const rows = await keepFigures(join(folder, 'figures.json'), played);
  const { cpuModel, cores, kernel, node } = machineFacts();
  await writeFile(join(folder, 'README.md'), pageOf(rows, `${cores} × ${cpuModel}, ${kernel}, Node ${node}`));
  print(`\n${tableOf(rows)}\n\npictures and figures in ${folder}`);
  return rows;
}

/** All figures in the order of the scenarios: those just played, and the earlier ones of the others. */
async function keepFigures(path: string, played: readonly Row[]): Promise<readonly Row[]> {
  const before = await readFile(path, 'utf8').catch(() => '{"figures":[]}');
  const { figures }: { figures: readonly Row[] } = JSON.parse(before);
  const rows = scenarios.flatMap(({ name }) => [...played, ...figures].find(row => row.name === name) ?? []);
  await writeFile(path, `${JSON.stringify({ machine: machineFacts(), figures: rows }, null, 2)}\n`);
  return rows;
}
