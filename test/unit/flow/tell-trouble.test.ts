// Which troubles become lines of the log.

import { expect, test } from 'vitest';
import { TroubleTeller } from '../../../src/flow/tell-trouble.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function heard() {
  const clock = new VirtualClock();
  const told: (string | null)[] = [];
  return { clock, told, teller: new TroubleTeller(clock, reason => told.push(reason)) };
}

test('[OP120] a trouble that comes and goes with changing reasons is told once, and once when it has been gone for a while', async () => {
  const { clock, told, teller } = heard();
  for (const reason of ['refused', null, 'no answer', 'refused', null, 'lost', null]) {
    teller.hear(reason);
    await clock.advance(400);
  }
  expect(told).toEqual(['refused']);
  await clock.advance(2_500);
  expect(told).toEqual(['refused', null]);
  teller.hear('refused');
  expect(told).toEqual(['refused', null, 'refused']);
});

test('[OP120] another reason that stays is told', async () => {
  const { clock, told, teller } = heard();
  teller.hear('no answer');
  await clock.advance(300);
  teller.hear('no connection');
  await clock.advance(2_000);
  expect(told).toEqual(['no answer']);
  await clock.advance(1_000);
  expect(told).toEqual(['no answer', 'no connection']);
});
