// `npm test`: everything, in the order in which a mistake shows soonest. Ends with one line that counts the tests.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSystemPackages } from './support/system-packages.ts';

const missing = ensureSystemPackages();
if (missing !== null) {
  process.stderr.write(`${missing}\n`);
  process.exit(1);
}

/** Projects of vitest.config.ts; those of one line run at the same time, each line when the one before has ended. */
const projects = [['unit'], ['contract', 'simulation'], ['integration'], ['measured'], ['e2e']];
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
const folder = mkdtempSync(join(tmpdir(), 'junban-test-'));
for (const names of only.length > 0 ? [only] : projects) {
  process.stdout.write(`\n${names.join(', ')}\n`);
  const file = join(folder, `${names.join('-')}.json`);
  const chosen = names.flatMap(name => ['--project', name]);
  const args = ['run', ...chosen, '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  const { status } = spawnSync('vitest', args, { stdio: 'inherit' });
  const report: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const before = counts.failed;
  count(report);
  // A suite that fails outside of its tests (a hook, an import) counts too.
  if (status !== 0 && counts.failed === before) counts.failed += 1;
}
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;

function run(name: string, args: readonly string[]): void {
  const { status } = spawnSync(name, args, { stdio: 'inherit' });
  if (status === 0) return;
  process.stderr.write(`${name} ${args.join(' ')} failed\n`);
  process.exit(1);
}

function count(report: unknown): void {
  if (typeof report !== 'object' || report === null) return;
  counts.passed += numberOf(report, 'numPassedTests');
  counts.failed += numberOf(report, 'numFailedTests');
  counts.skipped += numberOf(report, 'numPendingTests');
}

function numberOf(report: object, key: string): number {
  const value: unknown = Object.entries(report).find(([name]) => name === key)?.[1];
  return typeof value === 'number' ? value : 0;
}
