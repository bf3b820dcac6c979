// What simulated fans choose: by share, and the same again from the same seed.
import { expect, test } from 'vitest';
import { defaultBehaviour, planFan } from '../../../loadtest/fans/behaviour.ts';
import { readStatus } from '../../../loadtest/fans/fan-status.ts';
import { seededRandom } from '../../../loadtest/seeded-random.ts';

const plans = (seed: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: 5_000 }, () => planFan(defaultBehaviour, random));
};

test('fans behave by their shares', () => {
  const chosen = plans(1);
  const shareOf = (count: number): number => count / chosen.length;
  const { leavesShare, noShowShare, followsByEventsShare } = defaultBehaviour;
  expect(shareOf(chosen.filter(plan => plan.leavesAfterMs < Infinity).length)).toBeCloseTo(leavesShare, 1);
  expect(shareOf(chosen.filter(plan => plan.isNoShow).length)).toBeCloseTo(noShowShare, 1);
  expect(shareOf(chosen.filter(plan => plan.transport === 'events').length)).toBeCloseTo(followsByEventsShare, 1);
  expect(chosen.every(({ pages }) => pages >= 1 && pages <= defaultBehaviour.pagesMax)).toBe(true);
});

test('the same seed makes the same fans, another seed others', () => {
  expect(plans(7)).toEqual(plans(7));
  expect(plans(7)).not.toEqual(plans(8));
});

test('what is no STATUS is not taken for one', () => {
  const status = { v: 1, state: 'waiting', number: 3, ahead: null, next: 1_000 };
  expect(readStatus(JSON.stringify(status))).toEqual({ state: 'waiting', number: 3, ahead: null, nextMs: 1_000 });
  for (const wrong of [{ v: 2 }, { state: 'queued' }, { number: '3' }, { ahead: 'many' }]) {
    expect(readStatus(JSON.stringify({ ...status, ...wrong }))).toBeUndefined();
  }
  for (const text of ['', 'null', '[]', '<html>', '{']) expect(readStatus(text)).toBeUndefined();
});
