// How fast the autopilot of a room lets the pace grow, by who steered the room before.

import { describe, expect, test } from 'vitest';
import type { RoomRequest } from '../../../src/queue/answer-request.ts';
import { setPaceOf } from '../../../src/queue/pace-in-force.ts';
import type { RoomRules } from '../../../src/queue/room-rules.ts';
import { type CallerRoom, claimAfter, gatewayOn, openCallerRoom, wellSeen } from '../../support/caller-room.ts';

const rules: Partial<RoomRules> = { pacePerMinute: 600, activeCap: 10_000, passIdleMs: 600_000, passMaxMs: 600_000 };
const autopilot = { minPerMinute: 60, maxPerMinute: 6_000, stepPercent: 10, latencyTargetMs: null } as const;

async function opened(mode: 'shadow' | 'on'): Promise<CallerRoom> {
  const room = await openCallerRoom({ ...rules, autopilot: { ...autopilot, mode } });
  claimAfter(room, () => 50);
  room.join(3_000);
  return room;
}

async function steered(room: CallerRoom, seconds: number): Promise<CallerRoom> {
  for (let second = 0; second < seconds; second += 1) {
    wellSeen(room);
    await room.clock.advance(1_000);
  }
  return room;
}

async function ask(room: CallerRoom, request: RoomRequest): Promise<void> {
  await Promise.all([room.caller.ask(request), room.clock.advance(100)]);
}

/** Another gateway takes the lead, and has the devices. */
async function takenOver(room: CallerRoom): Promise<CallerRoom> {
  await room.caller.stop();
  const next = { ...room, ...gatewayOn(room.store, room.clock, room.rules) };
  claimAfter(next, () => 50);
  for (let number = 0; number < 3_000; number += 1) next.view.attach(number);
  await next.caller.start();
  return next;
}

/** The pace that was set, or advised, after as long as it takes to fill the shop and to grow a while. */
async function paceReached(room: CallerRoom): Promise<number> {
  const { view } = await steered(room, 45);
  return view.state.autopilot.pacePerMinute ?? setPaceOf(view.state, view.rules);
}

describe('a room whose shop is well', () => {
  const known: Readonly<Record<string, () => Promise<CallerRoom>>> = {
    'in shadow': () => opened('shadow'),
    'that was in shadow before': async () => {
      const room = await steered(await opened('shadow'), 3);
      await ask(room, { kind: 'settings', settings: { autopilot: { mode: 'on' } } });
      return room;
    },
    'that another caller takes over': async () => takenOver(await steered(await opened('on'), 3)),
    'that another caller takes over once its pace was set by hand': async () => {
      const room = await steered(await opened('on'), 3);
      await ask(room, { kind: 'settings', settings: { pacePerMinute: 600 } });
      return takenOver(room);
    },
  };

  test('[AP160] that nobody steered before gets more than twice the pace in 45 s', async () => {
    expect(await paceReached(await opened('on'))).toBeGreaterThan(1_600);
  });

  test.each(Object.entries(known))('[AP160] %s grows by the usual step', async (_, open) => {
    const pacePerMinute = await paceReached(await open());
    expect(pacePerMinute).toBeGreaterThan(650);
    expect(pacePerMinute).toBeLessThan(1_300);
  });

  test('[AP161] the first decision of whoever takes over tells that the room is not new to it', async () => {
    // Nothing is known of how the shop answers, so nothing else is new.
    const room = await opened('on');
    await room.clock.advance(2_000);
    const before = room.view.state.autopilot;
    expect(before).toMatchObject({ cause: 'unknown', isNew: true });
    const { view, clock } = await takenOver(room);
    await clock.advance(2_000);
    const { isNew: _, ...decision } = before;
    expect(view.state.autopilot).toEqual({ ...decision, atMs: expect.any(Number) });
  });
});
