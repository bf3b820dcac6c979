// The tokens of passes: how long each is said to hold, and when the device gets a newer one.

import { expect, test } from 'vitest';
import { PassDesk } from '../../../src/flow/pass-desk.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

test('[PS121] the token of a pass that ends sooner unless it is shown says so, and is replaced once it was shown', () => {
  const clock = new VirtualClock(startMs);
  const view = new RoomView({ ...testRules, passIdleMs: 600_000, passMaxMs: 6_000_000 }, clock);
  let signed = 0;
  const desk = new PassDesk(view, clock, ({ passId }) => `token ${++signed} of ${passId}`);
  const admitted = { place: 4, passId: 'a' };
  view.apply([{ kind: 'admitted', passes: [admitted], atMs: startMs, straight: true, isBrief: true }]);
  const brief = { token: 'token 1 of a', expiresAtMs: startMs + 60_000 };
  expect([desk.tokenOf('a'), desk.tokenOf('a')]).toEqual([brief, brief]);
  expect(desk.use('a', brief.expiresAtMs, false)).toEqual({ token: 'token 2 of a', expiresAtMs: startMs + 600_000 });
  desk.stop();
});

test('[PS162] the pass of a walk-in is signed before the record has it, and given when it has; one that is never recorded is forgotten', () => {
  const clock = new VirtualClock(startMs);
  const view = new RoomView(testRules, clock);
  const signed: string[] = [];
  const desk = new PassDesk(view, clock, ({ passId, number }) => {
    signed.push(passId);
    return `${passId} of ${number}`;
  });
  const admitted = (place: number, passId: string) =>
    [{ kind: 'admitted', passes: [{ place, passId }], atMs: startMs, straight: true }] as const;
  desk.prepare(admitted(4, 'a'));
  expect([signed, desk.tokenOf('a')]).toEqual([['a'], null]);
  view.apply(admitted(4, 'a'));
  const expiresAtMs = startMs + testRules.passIdleMs;
  expect(desk.tokenOf('a')).toEqual({ token: 'a of 4', expiresAtMs });
  desk.prepare(admitted(5, 'lost'));
  desk.prepare(admitted(5, 'b'));
  view.apply(admitted(5, 'b'));
  expect(desk.tokenOf('lost')).toBeNull();
  expect(desk.tokenOf('b')).toEqual({ token: 'b of 5', expiresAtMs });
  expect([signed, desk.size]).toEqual([['a', 'lost', 'b'], 2]);
  desk.stop();
});
