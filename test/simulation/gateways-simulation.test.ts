// Several gateways of a room on a virtual clock, over a store whose answers are late, lost or doubled, with gateways that
// are cut off, frozen and killed and a store that loses its end. JUNBAN_SEED repeats one seed, JUNBAN_SEEDS runs so many.

import { expect, test } from 'vitest';
import { SimulatedGateways } from './simulated-gateways.ts';

const seedGiven = process.env['JUNBAN_SEED'];
const seeds = seedGiven === undefined ? Number(process.env['JUNBAN_SEEDS'] ?? '200') : 1;
const stepsPerSeed = 100;

test('[ST73] keeps P1 to P5 after every step, whatever happens between the gateways', {
  timeout: 86_400_000,
}, async () => {
  const first = seedGiven === undefined ? Math.floor(Date.now() % 1_000_000_000) : Number(seedGiven);
  console.log(`${seeds} seeds from ${first}; repeat one with JUNBAN_SEED=<seed>`);
  let admitted = 0;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const room = new SimulatedGateways(seed);
    try {
      await room.run(stepsPerSeed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
    admitted += room.admitted;
  }
  // A run in which nobody gets in would prove nothing.
  expect(admitted).toBeGreaterThan(0);
});
