// How many devices to call now, and the reason why not more.
import { expect, test } from 'vitest';
import { type CallSituation, planCalls } from '../../../src/admission/plan-calls.ts';

const roomy: CallSituation = {
  inLine: 1_000,
  paceAllows: 900,
  outstanding: 0,
  claimsExpected: 0,
  entering: 0,
  active: 0,
  activeCap: 1_000_000,
  pacePerMinute: 600_000,
  callPacePerMinute: 600_000,
  claimWindowMs: 60_000,
  noShowShare: 0,
  claimDelayMs: null,
};

test.each([
  [{}, 900, 'pace'],
  [{ inLine: 3 }, 3, 'nobody-in-line'],
  [{ inLine: 0, paceAllows: 0 }, 0, 'nobody-in-line'],
  [{ active: 5, activeCap: 10, claimsExpected: 3 }, 2, 'cap'],
  [{ active: 10, activeCap: 5 }, 0, 'cap'],
  [{ pacePerMinute: 60, callPacePerMinute: 60, claimWindowMs: 10_000, outstanding: 8, entering: 1 }, 2, 'claim-window'],
  [{ pacePerMinute: 1, callPacePerMinute: 1, claimWindowMs: 1_000, outstanding: 0 }, 1, 'claim-window'],
  [{ pacePerMinute: 60, entering: 2 }, 1, 'claims-busy'],
  [{ pacePerMinute: 60, entering: 9 }, 0, 'claims-busy'],
] as const)('[LN15] calls as many as the tightest limit leaves and names it: %j', (situation, count, limit) => {
  expect(planCalls({ ...roomy, ...situation })).toEqual({ count, limit });
});
