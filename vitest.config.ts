import { defineConfig } from 'vitest/config';

/** These start real processes and measure time: their files run one after the other, however many cores there are. */
const oneByOne = (name: string, testTimeoutMs: number, groupOrder: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: testTimeoutMs,
    hookTimeout: testTimeoutMs,
    maxWorkers: 1,
    // Projects of one order run at the same time.
    sequence: { groupOrder },
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/*.test.ts'],
          testTimeout: 10_000,
          // Unit tests share nothing but modules, so the files need no process of their own: three times as fast.
          pool: 'threads',
          isolate: false,
          maxWorkers: 2,
        },
      },
      oneByOne('contract', 60_000, 1),
      oneByOne('simulation', 300_000, 2),
      oneByOne('integration', 120_000, 3),
      oneByOne('e2e', 180_000, 4),
    ],
  },
});
