// What the tests need from the system: installed with apt where that is possible, named in one message where not.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Need = { readonly program: string; readonly debianPackage: string; readonly for: string };

const needs: readonly Need[] = [
  { program: 'chromium', debianPackage: 'chromium', for: 'the page in a real browser' },
  { program: 'promtool', debianPackage: 'prometheus', for: 'the metrics, read by Prometheus' },
  { program: 'nginx', debianPackage: 'nginx', for: 'a real proxy in front' },
  { program: 'python3', debianPackage: 'python3', for: 'the second implementation of the draw' },
];

/** Fonts are no program: without one with Japanese glyphs the screenshots show boxes. */
const fontPackage = 'fonts-noto-cjk';
const fontFolder = '/usr/share/fonts/opentype/noto';

/** Installs what is missing; null when all is there, else the message for the person who has to do it. */
export function ensureSystemPackages(): string | null {
  const missing = needs.filter(({ program }) => !isOnPath(program));
  const packages = missing.map(({ debianPackage }) => debianPackage);
  if (!existsSync(fontFolder)) packages.push(fontPackage);
  if (packages.length === 0) return null;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && isOnPath('apt-get')) install(packages);
  const stillMissing = needs.filter(({ program }) => !isOnPath(program));
  if (stillMissing.length === 0) return null;
  const lines = stillMissing.map(
    need => `  ${need.program.padEnd(10)} ${need.for} (Debian package ${need.debianPackage})`,
  );
  return `The tests need programs that are not on this machine:\n${lines.join('\n')}\nOn Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}`;
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
