// What the tests need from the system: installed with apt where that is possible, named in one message where not.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Need = {
  readonly program: string;
  readonly debianPackage: string;
  readonly for: string;
  /** Where it is no program: a pattern of a file that is there when the package is. */
  readonly file?: string;
};

const needs: readonly Need[] = [
  { program: 'redis-server', debianPackage: 'redis-server', for: 'the store that gateways share' },
  { program: 'chromium', debianPackage: 'chromium', for: 'the page in a real browser' },
  { program: 'promtool', debianPackage: 'prometheus', for: 'the metrics, read by Prometheus' },
  { program: 'nginx', debianPackage: 'nginx', for: 'a real proxy in front' },
  { program: 'haproxy', debianPackage: 'haproxy', for: 'another real proxy in front' },
  { program: 'openssl', debianPackage: 'openssl', for: 'certificates of a shop behind TLS' },
  { program: 'python3', debianPackage: 'python3', for: 'the second implementation of the draw' },
  {
    program: 'python3-venv',
    debianPackage: 'python3-venv',
    for: 'the API, tried by schemathesis',
    file: '/usr/lib/python3*/ensurepip',
  },
  {
    program: 'libfaketime',
    debianPackage: 'libfaketime',
    for: 'gateways whose clocks are off',
    file: '/usr/lib/*/faketime/libfaketimeMT.so.1',
  },
  // Without glyphs of their language screenshots show boxes.
  {
    program: 'fonts-noto-cjk',
    debianPackage: 'fonts-noto-cjk',
    for: 'the page in Japanese',
    file: '/usr/share/fonts/opentype/noto',
  },
];

/** Installs what is missing; null when all is there, else the message for the person who has to do it. */
export function ensureSystemPackages(): string | null {
  const missing = needs.filter(need => !isThere(need));
  if (missing.length === 0) return null;
  const packages = missing.map(({ debianPackage }) => debianPackage);
  if (process.getuid?.() === 0 && isOnPath('apt-get')) install(packages);
  const stillMissing = missing.filter(need => !isThere(need));
  if (stillMissing.length === 0) return null;
  const lines = stillMissing.map(
    need => `  ${need.program.padEnd(14)} ${need.for} (Debian package ${need.debianPackage})`,
  );
  return `The tests need what is not on this machine:\n${lines.join('\n')}\nOn Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}`;
}

function isThere({ program, file }: Need): boolean {
  return file === undefined ? isOnPath(program) : globSync(file).length > 0;
}

function isOnPath(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  return folders.some(folder => existsSync(join(folder, program)));
}

function install(packages: readonly string[]): void {
  process.stdout.write(`Installing what the tests need: ${packages.join(' ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env });
  try {
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...env, POLICYRCD: 'deny' },
    });
  } catch {
    // What could not be installed is named by the caller, one program a line.
  }
}
