// `npm test`: everything, in the order in which a mistake shows soonest. Ends with one line that counts the tests.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSystemPackages } from './support/system-packages.ts';

/** What vitest writes of a run, as far as it is read here. */
type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
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
/** A shared machine may disturb so many tests; more of them are a fault of ours. */
const secondTriesMax = 3;
const folder = mkdtempSync(join(tmpdir(), 'junban-test-'));
// Where nobody looks on, what a test printed is read as text.
const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' };
for (const names of only.length > 0 ? [only] : projects) {
  process.stdout.write(`\n${names.join(', ')}\n`);
  const file = join(folder, `${names.join('-')}.json`);
  const chosen = names.flatMap(name => ['--project', name]);
  const args = ['run', ...chosen, '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  const { status } = spawnSync('vitest', args, { stdio: 'inherit', env });
  const before = counts.failed;
  count(JSON.parse(readFileSync(file, 'utf8')) as Report);
  if (status === 0 || counts.failed > before) continue;
  counts.failed += 1;
  failed.push(`${names.join(', ')}: outside of its tests (a hook, an import, an error nobody caught)`);
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

function count(report: Report): void {
  counts.passed += report.numPassedTests;
  counts.failed += report.numFailedTests;
  counts.skipped += report.numPendingTests;
  for (const { assertionResults } of report.testResults) {
    for (const { status, fullName, failureMessages } of assertionResults) {
      if (status === 'failed') failed.push(fullName);
      else if (failureMessages.length > 0) atSecondTry.push(fullName);
    }
  }
}
