// Uses of passes on their way to the caller, while it is out of reach and when the gateway ends.

import { expect, test } from 'vitest';
import { PassDesk } from '../../../src/flow/pass-desk.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import { tellUses } from '../../../src/flow/tell-uses.ts';
import type { RoomAnswer, RoomRequest } from '../../../src/queue/answer-request.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function teller() {
  const clock = new VirtualClock(startMs);
  const desk = new PassDesk(new RoomView(testRules, clock), clock, () => '');
  const told: (readonly string[])[] = [];
  const caller = { answer: async (): Promise<RoomAnswer> => ({ kind: 'done' }) };
  const ask = (request: RoomRequest) => {
    if (request.kind === 'use-passes') told.push([...request.passIds].sort());
    return caller.answer();
  };
  const stop = tellUses({ desk, clock, ask, idleMs: testRules.passIdleMs });
  return { clock, desk, told, caller, stop };
}

const refuse = () => Promise.reject(new StoreError('unavailable', 'the caller does not answer'));

test('[PS80] uses that the caller did not take are told again, with those that came meanwhile', async () => {
  const { clock, desk, told, caller } = teller();
  caller.answer = refuse;
  desk.note('a');
  await clock.advance(2_000);
  desk.note('b');
  await clock.advance(2_000);
  caller.answer = async () => ({ kind: 'done' });
  await clock.advance(10_000);
  expect(told).toEqual([['a'], ['a', 'b'], ['a', 'b']]);
});

test('[PS80] at the end the caller is told once what is left, after what was under way', async () => {
  const { clock, desk, told, caller, stop } = teller();
  let fail: (error: unknown) => void = () => undefined;
  caller.answer = () =>
    new Promise((_, reject) => {
      fail = reject;
    });
  desk.note('a');
  await clock.advance(2_000);
  desk.note('b');
  const stopped = stop();
  caller.answer = refuse;
  fail(new StoreError('unavailable', 'too late'));
  await stopped;
  await clock.advance(60_000);
  expect(told).toEqual([['a'], ['a', 'b']]);
});
