import { defineConfig } from 'vitest/config';

/** Integration tests that hold a pace or an instant against a promise; they mostly wait, so two files run side by side. */
const paced = [
  'test/integration/gateway/autopilot.test.ts',
  'test/integration/gateway/promises.test.ts',
  'test/integration/many/caller.test.ts',
  'test/integration/many/commands.test.ts',
  'test/integration/many/store-faults.test.ts',
  'test/integration/redis/clocks.test.ts',
];

/** Integration tests that measure work or memory against a budget: nothing runs beside them. */
const measured = [
  'test/integration/bad-input/noisy-sockets.test.ts',
  'test/integration/bad-input/slow-clients.test.ts',
  'test/integration/demo/demo.test.ts',
  'test/integration/draw/lobby-story.test.ts',
  'test/integration/ops/ops-listener.test.ts',
  'test/integration/proxy/flat-memory.test.ts',
  'test/integration/redis/faults.test.ts',
  'test/integration/redis/rush.test.ts',
  'test/integration/shop/shop.test.ts',
];

/** These start real processes. Most of their time they wait, so `workers` files run side by side. */
const withProcesses = (name: string, testTimeoutMs: number, workers: number) => ({
  name,
  include: [`test/${name}/**/*.test.ts`],
  testTimeout: testTimeoutMs,
  hookTimeout: testTimeoutMs,
  maxWorkers: workers,
});

export default defineConfig({
  test: {
    // The tests run the files as Node itself does, types stripped: what is tested is what is served, and sooner.
    experimental: { viteModuleRunner: false },
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
      { test: { ...withProcesses('contract', 60_000, 2), sequence: { groupOrder: 1 } } },
      { test: { ...withProcesses('simulation', 300_000, 2), sequence: { groupOrder: 1 } } },
      {
        test: {
          ...withProcesses('integration', 120_000, 3),
          exclude: [...paced, ...measured],
          sequence: { groupOrder: 2 },
        },
      },
      { test: { ...withProcesses('paced', 120_000, 2), include: paced, sequence: { groupOrder: 3 } } },
      { test: { ...withProcesses('measured', 120_000, 1), include: measured, sequence: { groupOrder: 4 } } },
      { test: { ...withProcesses('e2e', 180_000, 2), sequence: { groupOrder: 5 } } },
    ],
  },
});
