// Preloaded into a gateway (`node --import`): its clock runs as always, but stands elsewhere. For drand rounds whose
// signatures are known, which all lie in the past. Where the shift stands in a file, SIGUSR2 reads it again: the clock jumps.

import { readFileSync } from 'node:fs';

const file = process.env['CLOCK_SHIFT_FILE'];
const shiftNow = (): number =>
  Number(file === undefined ? (process.env['CLOCK_SHIFT_MS'] ?? '0') : readFileSync(file, 'utf8'));

let shiftMs = shiftNow();
const now = Date.now;
Date.now = () => now() + shiftMs;
if (file !== undefined) {
  process.on('SIGUSR2', () => {
    shiftMs = shiftNow();
  });
}
