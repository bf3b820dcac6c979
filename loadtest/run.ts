// Command line of the load tests: `npm run load -- SCENARIO [--save]`. Prints what was promised and what was seen; with --save it
// keeps the result with the facts of this machine. What a scenario does is in its own folder.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Judgement } from './k6/judge.ts';
import { runSmoke } from './k6/smoke-run.ts';
import { runLab, scenarioNames } from './lab/run-lab.ts';
import { machineFacts } from './machine.ts';

const exitCodes = { kept: 0, broken: 1, wrongOption: 2, k6Missing: 3 } as const;
const usage = `npm run load -- smoke [--save] [--gateway-url URL], or m941 [--at-once N] [${scenarioNames.join(' ')}]`;
const k6Missing =
  'k6 is not on the PATH: `go install go.k6.io/k6@v1.8.1` builds it, https://grafana.com/docs/k6/latest/set-up/install-k6/ has packages';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      save: { type: 'boolean', default: false },
      'gateway-url': { type: 'string' },
      'at-once': { type: 'string' },
    },
  });
  const [command, ...names] = positionals;
  if (command === 'm941' && names.every(name => scenarioNames.includes(name)))
    return playLab(names, Number(values['at-once'] ?? 1));
  if (positionals.length !== 1 || positionals[0] !== 'smoke') {
    process.stderr.write(`load: one scenario is expected: ${usage}\n`);
    return exitCodes.wrongOption;
  }
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  const gatewayUrl = values['gateway-url'];
  const startedAt = new Date().toISOString();
  const outcome = await runSmoke({ signal: controller.signal, ...(gatewayUrl === undefined ? {} : { gatewayUrl }) });
  if (outcome.kind === 'k6Missing') {
    process.stderr.write(`load: ${k6Missing}\n`);
    return exitCodes.k6Missing;
  }
  if (outcome.kind === 'broken') {
    process.stderr.write(`load: ${outcome.message}\n`);
    return exitCodes.broken;
  }
  const isKept = outcome.judgements.every(judgement => judgement.isKept);
  process.stdout.write(`${tableOf(outcome.judgements)}\n${isKept ? 'all promises kept' : 'a promise was broken'}\n`);
  if (values.save) {
    const machine = machineFacts();
    const { judgements, summary } = outcome;
    await save(startedAt, { scenario: 'smoke', startedAt, isKept, machine, judgements, summary });
  }
  return isKept ? exitCodes.kept : exitCodes.broken;
}

async function playLab(only: readonly string[], atOnce: number): Promise<number> {
  if (!Number.isInteger(atOnce) || atOnce < 1) throw new Error('--at-once is a whole number from 1 on');
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  const folder = join(import.meta.dirname, 'results', 'm941');
  await runLab({
    only,
    atOnce,
    folder,
    signal: controller.signal,
    print: text => void process.stdout.write(`${text}\n`),
  });
  return exitCodes.kept;
}

function tableOf(judgements: readonly Judgement[]): string {
  const width = Math.max(...judgements.map(({ promise }) => promise.length));
  return judgements
    .map(({ promise, isKept, seen }) => `${isKept ? 'kept  ' : 'BROKEN'} ${promise.padEnd(width)}  ${seen}`)
    .join('\n');
}

async function save(startedAt: string, result: unknown): Promise<void> {
  const folder = join(import.meta.dirname, 'results');
  const path = join(folder, `smoke-${startedAt.replaceAll(':', '').slice(0, 15)}.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`saved ${path}\n`);
}

main().then(
  code => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`load: ${error.message} (${usage})\n`);
    process.exitCode = exitCodes.wrongOption;
  },
);
