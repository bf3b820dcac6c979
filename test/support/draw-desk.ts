// The draw as most tests of the line want it: nothing announced, so revealed at once, with a seed that is no seed.

import type { DrawDesk } from '../../src/flow/reveal-draw.ts';

export const plainDraw: DrawDesk = {
  newSecret: () => 'aa',
  commitmentTo: () => 'bb',
  seedOf: () => 'cc',
  announced: { kind: 'none' },
  waitMs: 0,
  rounds: { look: () => null },
};
