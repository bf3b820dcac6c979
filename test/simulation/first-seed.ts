// Where the seeds of the simulations begin. They come from the commit: another commit is tried with others, and who tries a
// commit again, on another machine too, tries the same. JUNBAN_SEED repeats one seed.

import { spawnSync } from 'node:child_process';

const given = process.env['JUNBAN_SEED'];
export const isOneSeed = given !== undefined;
export const firstSeed = given === undefined ? seedOfCommit() : Number(given);

function seedOfCommit(): number {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname });
  // Where there is no repository, as in an archive of the sources, or no git, it is a seed like any other.
  return Number.parseInt(String(stdout).slice(0, 7), 16) || 20_210_509;
}
