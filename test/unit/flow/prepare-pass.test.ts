// The token of a device that walks in is signed when its pass is asked for: what becomes of it.

import { expect, test } from 'vitest';
import { PassDesk } from '../../../src/flow/pass-desk.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import { admitStraight } from '../../../src/queue/take-turn.ts';
import { RoomTurns, startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function openDesk(rules = testRules) {
  const clock = new VirtualClock(startMs);
  const view = new RoomView(rules, clock);
  const signed: { passId: string; number: number; expiresAtMs: number }[] = [];
  let made = 0;
  const desk = new PassDesk(
    view,
    clock,
    async pass => {
      signed.push(pass);
      return `token of ${pass.passId}`;
    },
    () => `prepared-${++made}`,
  );
  return { view, desk, signed };
}

test('[PS140] a token that was prepared is the one the device gets, signed once', async () => {
  const { view, desk, signed } = openDesk();
  const passId = desk.prepare({ place: 4 });
  expect(desk.tokenOf(passId)).toBeNull();
  view.apply([{ kind: 'admitted', passes: [{ place: 4, passId }], atMs: startMs, straight: true }]);
  desk.drop(passId);
  expect((await desk.tokenOf(passId))?.token).toBe('token of prepared-1');
  expect(signed).toEqual([expect.objectContaining({ passId, number: 4, expiresAtMs: startMs + testRules.passIdleMs })]);
  desk.stop();
});

test('[PS121] the token of a pass that ends sooner unless it is shown says so, and is replaced once it was shown', async () => {
  const { view, desk, signed } = openDesk({ ...testRules, passIdleMs: 600_000, passMaxMs: 6_000_000 });
  const passId = desk.prepare({ place: 4, isBrief: true });
  view.apply([{ kind: 'admitted', passes: [{ place: 4, passId }], atMs: startMs, straight: true, isBrief: true }]);
  expect((await desk.tokenOf(passId))?.expiresAtMs).toBe(startMs + 60_000);
  expect((await desk.use(passId, startMs + 60_000, false))?.expiresAtMs).toBe(startMs + 600_000);
  expect(signed).toHaveLength(2);
  desk.stop();
});

test('[PS140] a token whose pass was not given is let go of and never handed out', () => {
  const { desk } = openDesk();
  const passId = desk.prepare({ place: 4 });
  desk.drop(passId);
  expect([desk.size, desk.tokenOf(passId)]).toEqual([0, null]);
  desk.stop();
});

test('[PS140] a device that walks in gets the pass that was prepared for it, unless that id is taken', () => {
  const room = new RoomTurns();
  expect(room.turn(turn => admitStraight(turn, { place: 0, passId: 'wanted' }))).toBe('wanted');
  room.nowMs += 60_000;
  const other = room.turn(turn => admitStraight(turn, { place: 1, passId: 'wanted' }));
  expect(other).not.toBeNull();
  expect(other).not.toBe('wanted');
});
