// What a gateway keeps for devices that ask and go: each is let go of, or bounded.

import { expect, test } from 'vitest';
import { ClaimsAtGate } from '../../../src/flow/claims-at-gate.ts';
import { EnteringHere } from '../../../src/flow/entering-here.ts';
import { PassDesk } from '../../../src/flow/pass-desk.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import type { RoomAnswer } from '../../../src/queue/answer-request.ts';
import { newRoomState } from '../../../src/queue/room-state.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

test('[LN113] of devices that were told "entering" and never came back nothing is kept', async () => {
  const clock = new VirtualClock(startMs);
  const entering = new EnteringHere(clock);
  const answer: RoomAnswer = { kind: 'entering' };
  for (let place = 0; place < 100; place += 1) await entering.during({ kind: 'claim', place }, Promise.resolve(answer));
  expect([entering.size, entering.has(7)]).toEqual([100, true]);
  await clock.advance(5_900);
  // It asked again.
  const asked = entering.during({ kind: 'claim', place: 7 }, Promise.resolve(answer));
  await clock.advance(200);
  await asked;
  expect([entering.size, entering.has(7), entering.has(8)]).toEqual([1, true, false]);
  await clock.advance(6_000);
  expect(entering.size).toBe(0);
});

test('[LN113] tokens of passes that ended while the room was loaded anew are let go of', async () => {
  const clock = new VirtualClock(startMs);
  const view = new RoomView(testRules, clock);
  view.apply([
    { kind: 'phase', phase: 'open', atMs: startMs },
    { kind: 'admitted', passes: [{ place: 0, passId: 'a' }], atMs: startMs },
  ]);
  const desk = new PassDesk(view, clock, ({ passId }) => `token of ${passId}`);
  expect(desk.tokenOf('a')?.token).toBe('token of a');
  expect(desk.size).toBe(1);
  view.reset(newRoomState());
  expect([desk.size, desk.tokenOf('a')]).toEqual([0, null]);
  desk.stop();
});

test('[LN113] one device holds at most a hundred requests at the gate, the last ones', async () => {
  const gate = new ClaimsAtGate();
  const answers: [number, string][] = [];
  for (let request = 0; request < 1_000; request += 1) {
    const resolve = ({ kind }: RoomAnswer) => void answers.push([request, kind]);
    gate.hold({ request: { kind: 'claim', place: 3 }, resolve, reject: () => undefined }, 3, startMs);
  }
  expect(answers).toEqual(Array.from({ length: 900 }, (_, request) => [request, 'entering']));
  const state = newRoomState();
  state.passOfPlace.set(3, 'a');
  gate.answer(state, { nowMs: startMs, changes: [] });
  expect(answers.slice(900)).toEqual(Array.from({ length: 100 }, (_, index) => [900 + index, 'admitted']));
});
