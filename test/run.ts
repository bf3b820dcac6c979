// `npm test`: everything, in the order in which a mistake shows soonest. Ends with one line that counts the tests.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureSystemPackages } from './support/system-packages.ts';

/** What vitest writes of a run, as far as it is read here. */
type Report = { readonly testResults: readonly FileReport[] };

type FileReport = {
  /** The path of the file. */
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
};

const missing = ensureSystemPackages();
if (missing !== null) {
  process.stderr.write(`${missing}\n`);
  process.exit(1);
}

/** Projects of vitest.config.ts; those of one line run at the same time, each line when the one before has ended. */
const projects = [['unit'], ['contract', 'simulation'], ['integration'], ['paced'], ['measured'], ['e2e']];
const only = process.argv.slice(2);

for (const [name, ...args] of [
  ['biome', 'check', '--error-on-warnings', '.'],
  ['tsc', '--project', '.'],
  ['tsc', '--project', 'src/page/browser'],
  ['tsc', '--project', 'src/ops/console/browser'],
] as const) {
  run(name, args);
}

const counts = { passed: 0, failed: 0, skipped: 0 };
const failed: string[] = [];
const atSecondTry: string[] = [];
/**
 * Tests with real processes measure instants on a machine they share. So many files of one line that fail are run once
 * more, from the start and alone; more of them are a fault of ours, as is more than so many in all.
 */
const secondTriesMax = 3;
const folder = mkdtempSync(join(tmpdir(), 'junban-test-'));
// Where nobody looks on, what a test printed is read as text.
const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' };
for (const names of only.length > 0 ? [only] : projects) {
  process.stdout.write(`\n${names.join(', ')}\n`);
  const first = vitest(names, []);
  const fallen = first.files.filter(file => file.status === 'failed');
  // Without processes the second try would be the same as the first.
  const triesAgain = !names.includes('unit') && fallen.length > 0 && fallen.length <= secondTriesMax;
  if (!triesAgain) {
    count(names, first);
    continue;
  }
  const fallenPaths = fallen.map(({ name }) => relative('.', name));
  process.stdout.write(`\nonce more: ${fallenPaths.join(', ')}\n`);
  count(names, { status: 0, files: first.files.filter(file => file.status !== 'failed') });
  count(names, vitest(names, fallenPaths));
  for (const name of fallen.flatMap(failuresOf)) if (!failed.includes(name)) atSecondTry.push(name);
}
rmSync(folder, { recursive: true, force: true });
for (const name of atSecondTry) process.stdout.write(`\npassed at the second try only: ${name}`);
for (const name of failed) process.stdout.write(`\nfailed: ${name}`);
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
if (atSecondTry.length > secondTriesMax)
  process.stdout.write(`more than ${secondTriesMax} needed a second try: failed\n`);
process.exitCode = counts.failed > 0 || counts.passed === 0 || atSecondTry.length > secondTriesMax ? 1 : 0;

function run(name: string, args: readonly string[]): void {
  const { status } = spawnSync(name, args, { stdio: 'inherit' });
  if (status === 0) return;
  process.stderr.write(`${name} ${args.join(' ')} failed\n`);
  process.exit(1);
}

type Run = { readonly status: number | null; readonly files: readonly FileReport[] };

/** Runs the projects, or only some of their files. */
function vitest(names: readonly string[], paths: readonly string[]): Run {
  const file = join(folder, 'report.json');
  const chosen = names.flatMap(name => ['--project', name]);
  const args = ['run', ...paths, ...chosen, '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  rmSync(file, { force: true });
  const { status } = spawnSync('vitest', args, { stdio: 'inherit', env });
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  return { status, files: testResults };
}

function failuresOf({ name, status, assertionResults }: FileReport): readonly string[] {
  const names = assertionResults.filter(test => test.status === 'failed').map(({ fullName }) => fullName);
  // A hook or an import failed.
  return status === 'failed' && names.length === 0 ? [relative('.', name)] : names;
}

function count(names: readonly string[], { status, files }: Run): void {
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  counts.passed += tests.filter(test => test.status === 'passed').length;
  counts.skipped += tests.filter(test => test.status !== 'passed' && test.status !== 'failed').length;
  const failures = files.flatMap(failuresOf);
  if (status !== 0 && failures.length === 0)
    failures.push(`${names.join(', ')}: outside of its tests (an error nobody caught)`);
  counts.failed += failures.length;
  failed.push(...failures);
}
