// `npm test`: everything, in the order in which a mistake shows soonest. Ends with one line that counts the tests.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileReport, type RunReport, readRunReport, reportVariable } from './support/run-report.ts';
import { ensureSystemPackages } from './support/system-packages.ts';

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
 * more, from the start and alone; more of them are a fault of ours, as is more than so many tests in all.
 */
const secondTriesMax = 3;
/** What shares nothing and draws its seeds from the commit fails the second time as it did the first. */
const isTriedAgain = ({ path }: FileReport): boolean => !/^test.(unit|simulation)./.test(path);
const folder = mkdtempSync(join(tmpdir(), 'junban-test-'));
// Where nobody looks on, what a test printed is read as text.
const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' };
for (const names of only.length > 0 ? [only] : projects) {
  process.stdout.write(`\n${names.join(', ')}\n`);
  const first = vitest(names, []);
  const fallen = first.files.filter(file => file.isFailed && isTriedAgain(file));
  if (fallen.length === 0 || fallen.length > secondTriesMax) {
    count(names, first);
    continue;
  }
  const paths = fallen.map(({ path }) => path);
  process.stdout.write(`\nonce more: ${paths.join(', ')}\n`);
  count(names, { ...first, files: first.files.filter(file => !fallen.includes(file)) });
  count(names, vitest(names, paths));
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

/** Runs the projects, or only some of their files. */
function vitest(names: readonly string[], paths: readonly string[]): RunReport {
  const file = join(folder, 'report.json');
  const chosen = names.flatMap(name => ['--project', name]);
  const args = ['run', ...paths, ...chosen, '--reporter=dot', '--reporter=./test/support/run-report.ts'];
  rmSync(file, { force: true });
  const { status } = spawnSync('vitest', args, { stdio: 'inherit', env: { ...env, [reportVariable]: file } });
  const report = readRunReport(file);
  const isToldOf = status === 0 || report.uncaught > 0 || report.files.some(({ isFailed }) => isFailed);
  return isToldOf ? report : { ...report, uncaught: 1 };
}

function failuresOf({ path, isFailed, tests }: FileReport): readonly string[] {
  const names = tests.filter(test => test.state === 'failed').map(({ name }) => name);
  // A hook or an import failed.
  return isFailed && names.length === 0 ? [path] : names;
}

function count(names: readonly string[], { files, uncaught }: RunReport): void {
  const tests = files.flatMap(file => file.tests);
  counts.passed += tests.filter(test => test.state === 'passed').length;
  counts.skipped += tests.filter(test => test.state !== 'passed' && test.state !== 'failed').length;
  const failures = files.flatMap(failuresOf);
  if (uncaught > 0) failures.push(`${names.join(', ')}: errors outside of tests that nobody caught`);
  counts.failed += failures.length;
  failed.push(...failures);
}
