import { defineConfig } from 'vitest/config';

const project = (name: string, testTimeoutMs: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: testTimeoutMs, hookTimeout: testTimeoutMs },
});

// Every project but `unit` starts real processes, so files run one after the other: two cores, honest timings.
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
        },
      },
      project('contract', 60_000),
      project('simulation', 300_000),
      project('integration', 120_000),
      project('e2e', 180_000),
    ],
    fileParallelism: true,
  },
});
