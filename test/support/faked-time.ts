// The environment of a process whose clock stands elsewhere: by libfaketime where the system has it, else by a preload.

import { globSync } from 'node:fs';
import { resolve } from 'node:path';

const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
const preload = resolve(import.meta.dirname, 'shifted-clock.ts');

export function fakedTime(shiftMs: number): Readonly<Record<string, string>> {
  if (library === undefined) return { NODE_OPTIONS: `--import ${preload}`, CLOCK_SHIFT_MS: String(shiftMs) };
  const seconds = shiftMs / 1_000;
  const shift = `${seconds < 0 ? '' : '+'}${seconds}s`;
  return { LD_PRELOAD: library, FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
