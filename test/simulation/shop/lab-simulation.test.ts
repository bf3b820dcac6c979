// The scenarios of the M941 lab, each with knees drawn at random, judged as the lab judges its runs. JUNBAN_SEED repeats one.
import { expect, test } from 'vitest';
import { figuresOf, goals, type LabFigures, tableOf } from '../../../loadtest/lab/chart.ts';
import { scenarios } from '../../../loadtest/lab/scenarios.ts';
import { seededRandom } from '../../../loadtest/seeded-random.ts';
import { firstSeed, isOneSeed } from '../first-seed.ts';
import { type LabEstimates, simulateScenario } from './simulated-lab.ts';

const runs = 6;
/** Knees, beside that of the lab's shop: the first pace is too high for some, and a tenth of what others bear. */
const kneeFactors = [0.5, 5] as const;
/** The goals hold on average; in the 30 s that count a single shop drawn at random may use less, hardly ever so much less. */
const usedByEach = 0.85;
const usedBySlowPayers = 0.8;
const backSecondsOfEach = 75;

/** Over all scenarios. */
const estimates: LabEstimates[] = [];

const steered = scenarios.filter(({ room }) => room?.autopilot === true);

test.each(steered)('[AP35] the lab’s goals are reached whatever the knee: $title', async scenario => {
  const rows: LabFigures[] = [];
  const told: LabEstimates[] = [];
  const fromSeed = isOneSeed ? firstSeed : firstSeed + runs * steered.indexOf(scenario);
  const shops = isOneSeed ? 1 : runs;
  for (let seed = fromSeed; seed < fromSeed + shops; seed += 1) {
    const [least, most] = kneeFactors;
    const kneeFactor = least * (most / least) ** seededRandom(seed).between(0, 1);
    const run = await simulateScenario(scenario, seed, kneeFactor);
    told.push(run.estimates);
    // None of the bots ever came past those who wait.
    expect(run.bots.walkedIn).toBe(0);
    expect(run.bots.refused).toBeGreaterThan(scenario.bots === undefined ? -1 : 10_000);
    const figures = figuresOf(run);
    rows.push({ ...figures, scenario: `${figures.scenario} (seed ${seed})` });
  }
  console.log(tableOf(rows));
  console.log(estimatesTold(scenario.name, told));
  estimates.push(...told);
  for (const { errorShareSettled, seenShareSettled, used, backAfterSeconds, thrownBack } of rows) {
    expect(errorShareSettled).toBeLessThan(goals.errorShareSettled);
    expect(seenShareSettled).toBeLessThan(goals.errorShareSettled);
    expect(used).toBeGreaterThanOrEqual(scenario.name === 'slow-payers' ? usedBySlowPayers : usedByEach);
    expect(thrownBack).toBe(0);
    const isRestored = ['halved', 'death'].includes(scenario.name);
    if (isRestored) expect(backAfterSeconds ?? Number.NaN).toBeLessThanOrEqual(backSecondsOfEach);
  }
  expect(mean(rows.map(({ backAfterSeconds }) => backAfterSeconds ?? 0))).toBeLessThanOrEqual(goals.backAfterSeconds);
  if (!isOneSeed) expect(mean(rows.map(({ used }) => used))).toBeGreaterThanOrEqual(goals.used);
});

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('[AP65] over the scenarios before, four of five true waits lay in the range that was told', () => {
  console.log(estimatesTold('all', estimates));
  const [held, missed] = [sum(estimates, 'held'), sum(estimates, 'missed')];
  const coverage = held / (held + missed);
  if (isOneSeed) return;
  expect(held + missed).toBeGreaterThan(3_000);
  // docs/admission.md has the share of many more; of so few as are drawn here one in a thousand is farther from it.
  expect(coverage).toBeGreaterThan(0.74);
  expect(coverage).toBeLessThan(0.85);
});

function estimatesTold(of: string, told: readonly LabEstimates[]): string {
  const [held, missed] = [sum(told, 'held'), sum(told, 'missed')];
  return `${of}: ${held + missed} waits, ${((held / (held + missed)) * 100).toFixed(1)} % held, ${sum(told, 'dropped')} dropped`;
}

function sum(told: readonly LabEstimates[], outcome: 'held' | 'missed' | 'dropped'): number {
  return told.reduce((total, each) => total + each[outcome], 0);
}

test('[AP35] without a line, and with a pace too high, the same shop and the same fans end in errors', async () => {
  const rows: LabFigures[] = [];
  for (const scenario of scenarios.filter(({ room }) => room?.autopilot !== true)) {
    rows.push(figuresOf(await simulateScenario(scenario, firstSeed, 1)));
  }
  console.log(tableOf(rows));
  for (const { errorShare, isReached } of rows) {
    expect(errorShare).toBeGreaterThan(0.1);
    expect(isReached).toBeNull();
  }
});
