// What `npm test` needs to know of a run of vitest, written by the run as its reporter and read by who started it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

export type RunReport = {
  readonly files: readonly FileReport[];
  /** Errors outside of tests that nobody caught. */
  readonly uncaught: number;
};

export type FileReport = {
  /** From the folder of the checkout. */
  readonly path: string;
  /** Also where only a hook or an import failed. */
  readonly isFailed: boolean;
  readonly tests: readonly { readonly name: string; readonly state: 'passed' | 'failed' | 'skipped' | 'pending' }[];
};

/** Names the file in which the report is wanted. */
export const reportVariable = 'TEST_REPORT_FILE';

/** A run that ended before it could report has an error that nobody caught. */
export function readRunReport(file: string): RunReport {
  if (!existsSync(file)) return { files: [], uncaught: 1 };
  return JSON.parse(readFileSync(file, 'utf8')) as RunReport;
}

function fileReport(module: TestModule): FileReport {
  const tests = [...module.children.allTests()].map(test => ({ name: test.fullName, state: test.result().state }));
  return { path: relative('.', module.moduleId), isFailed: !module.ok(), tests };
}

// biome-ignore lint/style/noDefaultExport: vitest takes a reporter's file only so.
export default class RunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const file = process.env[reportVariable];
    const report: RunReport = { files: modules.map(fileReport), uncaught: errors.length };
    if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  }
}
