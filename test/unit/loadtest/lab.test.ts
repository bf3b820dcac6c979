// The figures of a run of the lab, from its seconds.
import { expect, test } from 'vitest';
import { chartOf, figuresOf, pageOf, tableOf } from '../../../loadtest/lab/chart.ts';
import type { LabRun, LabSecond } from '../../../loadtest/lab/play-scenario.ts';
import { scenarios } from '../../../loadtest/lab/scenarios.ts';

const second = (knee: number, served: number, errors = 0): LabSecond => ({
  ...{ knee, served, errors, requests: served + errors, seen: 2 * errors },
  ...{ pacePerMinute: 60, inside: 1, waiting: 1 },
});
const many = (count: number, one: LabSecond) => Array.from({ length: count }, () => one);

test('errors right after a change count apart, and the way back begins at the restoration', () => {
  const [scenario] = scenarios;
  if (scenario === undefined) throw new Error('no scenario');
  const run: LabRun = {
    scenario: { ...scenario, events: [{ atSecond: 20, call: 'knee' }] },
    seconds: [
      ...many(20, second(20, 19)),
      ...many(3, second(10, 10, 5)),
      ...many(2, second(10, 10)),
      { ...second(10, 10), seen: 3 },
      ...many(14, second(10, 10)),
      ...many(20, second(20, 10)),
      ...many(30, second(20, 19)),
    ],
    ...{ thrownBack: 0, bought: 3, held: 0, gaveUp: 0, estimates: { held: 78, missed: 22, dropped: 5 } },
  };
  const figures = figuresOf(run);
  expect(figures.errorShare).toBeCloseTo(15 / 1_365, 5);
  expect(figures.errorShareSettled).toBe(0);
  // The gateway may fail where the shop does not.
  expect(figures.seenShareSettled).toBeCloseTo(3 / 1_205, 5);
  expect(figures.used).toBeCloseTo(0.95);
  // Restored at 40; from 60 on nineteen of twenty: nine such seconds and one of a half are nine tenths.
  expect(figures.backAfterSeconds).toBe(29);
  expect(tableOf([figures]).split('\n')).toHaveLength(2);
  expect(pageOf([figures], 'a machine')).toContain('| 95 % | 29 s | 0 |');
  expect(pageOf([figures], 'a machine')).toContain('| 3 | 78 % |  |');
  const other = { ...figures, isReached: true, estimates: { held: 30, missed: 70, dropped: 0 } };
  const steered = pageOf([figures, other, { ...other, estimates: { held: 90, missed: 10, dropped: 0 } }], 'a machine');
  // Where no autopilot is there is no goal.
  expect(steered).toContain('the told range held 60 % of the true waits');
  expect(chartOf(run)).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
});

// Each step of the leak was four seconds after the one before it, so no second of it was judged.
test('a leak is judged from five seconds after its beginning on', () => {
  const leak = scenarios.find(({ name }) => name === 'leak');
  if (leak === undefined) throw new Error('no leak');
  const errorsAt = (at: number) =>
    figuresOf({
      scenario: leak,
      seconds: Array.from({ length: leak.seconds }, (_, index) => second(20, 19, index === at ? 5 : 0)),
      ...{ thrownBack: 0, bought: 3, held: 0, gaveUp: 0, estimates: null },
    });
  expect(errorsAt(64).errorShareSettled).toBe(0);
  for (const at of [65, 100, 138]) {
    expect(errorsAt(at).errorShareSettled).toBeGreaterThan(0.001);
    expect(errorsAt(at).isReached).toBe(false);
  }
});

test('every scenario ends after its last event and has a name of its own', () => {
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  for (const { events, seconds } of scenarios)
    for (const { atSecond } of events) expect(atSecond).toBeLessThan(seconds);
});
