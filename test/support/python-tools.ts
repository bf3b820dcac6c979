// Tools from PyPI that tests need, in a virtual environment of their own that is made once and kept beside node_modules.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../node_modules/.cache/python-tools');

/** The path of a program of a package; installs the package when it is not there yet. */
export function pythonTool(requirement: string, program: string): string {
  const path = join(folder, 'bin', program);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' });
  execFileSync(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', requirement], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return path;
}
