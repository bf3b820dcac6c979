// The estimate over whole waits on a virtual clock: how often the told range held the true wait, and how far off the
// expected wait was, in rooms that are steady, full of no-shows, bound by their cap, or steered all the time.

import { describe, expect, test } from 'vitest';
import { recordEstimates } from '../../src/flow/record-estimates.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import { type CallerRoom, claimAfter, openCallerRoom } from '../support/caller-room.ts';

type Scenario = {
  readonly rules: Partial<RoomRules>;
  readonly noShowShare: number;
  /** Of those in line, the share that leaves a minute. */
  readonly leavesPerMinute: number;
  /** How long a visit to the shop lasts at most; null: to the end. */
  readonly visitMs: number | null;
  readonly steer?: (room: CallerRoom, minute: number) => void;
};

const autopilot = {
  mode: 'on',
  minPerMinute: 60,
  maxPerMinute: 6_000,
  stepPercent: 10,
  latencyTargetMs: null,
} as const;
const wide: Partial<RoomRules> = { activeCap: 100_000, passIdleMs: 86_400_000, passMaxMs: 86_400_000 };

const scenarios: Readonly<Record<string, Scenario>> = {
  steady: { rules: { ...wide, pacePerMinute: 300 }, noShowShare: 0.05, leavesPerMinute: 0.01, visitMs: null },
  'no-shows': { rules: { ...wide, pacePerMinute: 300 }, noShowShare: 0.4, leavesPerMinute: 0.02, visitMs: null },
  'cap-bound': {
    rules: { ...wide, pacePerMinute: 1_200, activeCap: 100 },
    noShowShare: 0.1,
    leavesPerMinute: 0.01,
    visitMs: 30_000,
  },
  steered: {
    rules: { ...wide, pacePerMinute: 300, autopilot },
    noShowShare: 0.1,
    leavesPerMinute: 0.01,
    visitMs: null,
    steer: ({ caller, random }) => {
      // What an autopilot does all the time, without a word beforehand.
      const pacePerMinute = random.between(200, 420);
      caller
        .ask({
          kind: 'settings',
          settings: { autopilot: { minPerMinute: pacePerMinute, maxPerMinute: pacePerMinute } },
        })
        .catch(String);
    },
  },
};

async function play(name: string, { rules, noShowShare, leavesPerMinute, visitMs, steer }: Scenario, seed: number) {
  const room = await openCallerRoom({ claimWindowMs: 60_000, ...rules }, seed);
  const { clock, caller, view, random } = room;
  recordEstimates(view, clock);
  claimAfter(room, () => (random.chance(noShowShare) ? null : 1_000 + 14_000 * random.fraction() ** 2));
  view.onChange(changes => {
    for (const change of changes) {
      if (visitMs === null || change.kind !== 'admitted') continue;
      for (const { passId } of change.passes) {
        clock.after(visitMs * random.between(0.4, 1), () => {
          caller.ask({ kind: 'end-pass', passId, cause: 'shop' }).catch(String);
        });
      }
    }
  });
  room.join(1_500);
  for (let second = 0; second < 1_500; second += 1) {
    // The line keeps its length, roughly.
    if (view.line().total < 1_200) room.join(10);
    for (let left = random.fraction() < (view.line().total * leavesPerMinute) / 60 ? 1 : 0; left > 0; left -= 1) {
      const place = view.line().placeAt(Math.floor(random.fraction() * view.line().total));
      if (place !== undefined) view.forget(place);
    }
    if (steer !== undefined && second % 60 === 59) steer(room, second);
    await clock.advance(1_000);
  }
  const { held, missed } = view.calibration.outcomes;
  const coverage = held / (held + missed);
  const error = view.calibration.errorMedian ?? Number.NaN;
  console.log(`${name}: ${held + missed} outcomes, coverage ${coverage.toFixed(3)}, median error ${error.toFixed(3)}`);
  return { held, missed, error };
}

describe('the estimate', () => {
  test('[LN70] over all scenarios four of five true waits lie in the told range; in steady ones the median error is at most a tenth', async () => {
    let [held, missed] = [0, 0];
    for (const [index, [name, scenario]] of Object.entries(scenarios).entries()) {
      const outcome = await play(name, scenario, 100 + index);
      held += outcome.held;
      missed += outcome.missed;
      expect(outcome.held + outcome.missed).toBeGreaterThan(200);
      if (name !== 'steered') expect(outcome.error).toBeLessThanOrEqual(0.1);
    }
    const coverage = held / (held + missed);
    console.log(`coverage over all: ${coverage.toFixed(3)}`);
    expect(coverage).toBeGreaterThan(0.75);
    expect(coverage).toBeLessThan(0.85);
  });
});
