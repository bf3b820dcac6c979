// What operators and the shop's monitoring do to a room through its caller: draining, letting in, revoking, the word that
// the shop fails, signals, and the modes of the autopilot.
import { describe, expect, test } from 'vitest';
import type { RoomAnswer, RoomRequest } from '../../../src/queue/answer-request.ts';
import { readClock } from '../../../src/queue/held-clock.ts';
import { paceOf } from '../../../src/queue/pace-in-force.ts';
import type { OperatorSettings } from '../../../src/queue/room-change.ts';
import type { RoomRules } from '../../../src/queue/room-rules.ts';
import { decodeRoomState, encodeRoomState } from '../../../src/queue/room-snapshot.ts';
import {
  admissionsOf,
  type CallerRoom,
  claimAfter,
  gatewayOn,
  openCallerRoom,
  wellSeen,
} from '../../support/caller-room.ts';

async function ask(room: CallerRoom, request: RoomRequest): Promise<RoomAnswer> {
  const [answer] = await Promise.all([room.caller.ask(request), room.clock.advance(100)]);
  return answer;
}

const autopilot = {
  mode: 'on',
  minPerMinute: 60,
  maxPerMinute: 6_000,
  stepPercent: 10,
  latencyTargetMs: null,
} as const;
const steady: Partial<RoomRules> = { pacePerMinute: 600, activeCap: 10_000, passIdleMs: 600_000, passMaxMs: 600_000 };

describe('switches', () => {
  test('[OP223] whoever asks for it is told what was replaced, as the caller had it', async () => {
    const room = await openCallerRoom(steady);
    const tellsReplaced = true;
    const set = (settings: OperatorSettings) => ask(room, { kind: 'settings', settings, tellsReplaced });
    expect(await set({ pacePerMinute: 100 })).toEqual({
      kind: 'done',
      replaced: { settings: { pacePerMinute: null } },
    });
    // Both in one turn: the second replaces the first, whatever any gateway shows by then.
    expect(await Promise.all([set({ pacePerMinute: 200 }), set({ pacePerMinute: 300, draining: true })])).toEqual([
      { kind: 'done', replaced: { settings: { pacePerMinute: 100 } } },
      { kind: 'done', replaced: { settings: { pacePerMinute: 200, draining: false } } },
    ]);
    expect(await ask(room, { kind: 'hold', hold: 'paused', on: true, tellsReplaced })).toEqual({
      ...{ kind: 'done', replaced: { holds: [] } },
    });
    expect(await ask(room, { kind: 'hold', hold: 'paused', on: false })).toEqual({ kind: 'done' });
  });

  test('[CL65] draining calls nobody new and lets nobody walk in; who is called or inside goes on', async () => {
    const room = await openCallerRoom({ ...steady, claimWindowMs: 60_000 });
    const admitted = admissionsOf(room);
    room.join(50);
    await room.clock.advance(1_000);
    const called = [...room.view.state.calls.keys()];
    expect(called.length).toBeGreaterThan(5);
    await ask(room, { kind: 'settings', settings: { draining: true } });
    const before = room.view.state.totals.called;
    for (const place of called) room.caller.ask({ kind: 'claim', place }).catch(String);
    await room.clock.advance(5_000);
    expect(admitted).toHaveLength(called.length);
    expect(room.view.state.totals.called).toBe(before);
    expect(room.caller.limit).toBe('draining');
    room.view.forget(49);
    expect(await ask(room, { kind: 'enter', place: 60 })).toEqual({ kind: 'wait' });
    await ask(room, { kind: 'settings', settings: { draining: false } });
    await room.clock.advance(1_000);
    expect(room.view.state.totals.called).toBeGreaterThan(before);
  });

  test('[CL41] a cap below those inside throws nobody out; new ones wait until it has room again', async () => {
    const room = await openCallerRoom({ ...steady, pacePerMinute: 6_000 });
    claimAfter(room, () => 20);
    room.join(10);
    await room.clock.advance(1_000);
    expect(room.view.state.passes.size).toBe(10);
    await ask(room, { kind: 'settings', settings: { activeCap: 4 } });
    room.join(5);
    await room.clock.advance(2_000);
    expect(room.view.state.passes.size).toBe(10);
    expect(room.caller.limit).toBe('cap');
    for (const passId of [...room.view.state.passes.keys()].slice(0, 7)) {
      await ask(room, { kind: 'end-pass', passId, cause: 'shop' });
    }
    await room.clock.advance(2_000);
    expect(room.view.state.passes.size).toBe(4);
  });

  test('[CL66] tickets let in are called at once and are first at the gate, within pace and cap; the frontier stays', async () => {
    const room = await openCallerRoom({ ...steady, pacePerMinute: 60, activeCap: 3, claimWindowMs: 60_000 });
    room.join(100);
    await room.clock.advance(3_500);
    const { frontier } = room.view.state;
    expect(await ask(room, { kind: 'let-in', places: [90, 95] })).toEqual({ kind: 'done' });
    expect([...room.view.state.calls.keys()].slice(-2)).toEqual([90, 95]);
    expect(room.view.state.frontier).toBe(frontier);
    const order: number[] = [];
    room.view.onChange(changes => {
      for (const change of changes)
        if (change.kind === 'admitted') order.push(...change.passes.map(({ place }) => place));
    });
    for (const place of [0, 1, 2, 95, 90]) room.caller.ask({ kind: 'claim', place }).catch(String);
    await room.clock.advance(10_000);
    expect(order.slice(0, 2).sort()).toEqual([90, 95]);
    expect(room.view.state.passes.size).toBe(3);
    // Asked again it changes nothing, and a place that has a pass is left alone.
    expect(await ask(room, { kind: 'let-in', places: [90] })).toEqual({ kind: 'done' });
    expect(room.view.state.passes.size).toBe(3);
  });

  test('[CL67] while the operator says that the shop fails, nobody is let in and all clocks stand', async () => {
    const room = await openCallerRoom({ ...steady, claimWindowMs: 5_000, passIdleMs: 4_000 });
    claimAfter(room, place => (place < 5 ? 100 : null));
    room.join(8);
    await room.clock.advance(1_500);
    const { passes, calls } = room.view.state;
    expect([passes.size, calls.size]).toEqual([5, 3]);
    await ask(room, { kind: 'hold', hold: 'shop-down', on: true });
    const stood = readClock(room.view.state.passClock, room.clock.nowMs());
    room.join(10);
    await room.clock.advance(60_000);
    expect(readClock(room.view.state.passClock, room.clock.nowMs())).toBe(stood);
    expect([room.view.state.passes.size, room.view.state.calls.size]).toEqual([5, 3]);
    await ask(room, { kind: 'hold', hold: 'shop-down', on: false });
    await room.clock.advance(10_000);
    expect(room.view.state.passes.size).toBe(0);
    expect(room.view.state.totals.noShows).toBeGreaterThan(2);
  });

  test('[CL68] a revoked pass ends on the spot, without a way back', async () => {
    const room = await openCallerRoom({ ...steady, comebackMs: 600_000 });
    claimAfter(room, () => 50);
    room.join(2);
    await room.clock.advance(1_000);
    await ask(room, { kind: 'use-passes', passIds: [...room.view.state.passes.keys()] });
    expect(await ask(room, { kind: 'revoke', places: [0] })).toEqual({ kind: 'done' });
    const { passes, called, missed, comebacks } = room.view.state;
    expect([passes.size, called.has(0), missed.has(0), comebacks.size]).toEqual([1, true, false, 0]);
    // A request that comes again because its answer was lost.
    expect(await ask(room, { kind: 'revoke', places: [0, 1] })).toEqual({ kind: 'done' });
    expect(await ask(room, { kind: 'revoke', places: [0, 1] })).toEqual({ kind: 'done' });
    expect(room.view.state.passes.size).toBe(0);
    expect(await ask(room, { kind: 'revoke', places: [7] })).toMatchObject({ kind: 'refused' });
  });

  test('[LN16] what is new of a room survives a snapshot, and a snapshot without it is read', async () => {
    const room = await openCallerRoom({ ...steady, passMaxMs: 2_000, comebackMs: 600_000 });
    claimAfter(room, () => 50);
    room.join(3);
    await room.clock.advance(500);
    await ask(room, { kind: 'use-passes', passIds: [...room.view.state.passes.keys()] });
    await room.clock.advance(3_000);
    expect(room.view.state.comebacks.size).toBeGreaterThan(0);
    const bytes = encodeRoomState(room.view.state);
    expect(decodeRoomState(bytes)).toEqual(room.view.state);
    const {
      comebacks: _,
      cameBack: __,
      autopilot: ___,
      noShowShare: ____,
      ...older
    } = JSON.parse(Buffer.from(bytes).toString());
    const read = decodeRoomState(Buffer.from(JSON.stringify(older)));
    expect([read.comebacks.size, read.cameBack.count, read.noShowShare]).toEqual([0, 0, 0]);
    expect(read.autopilot.pacePerMinute).toBeNull();
  });
});

async function flown(mode: 'off' | 'shadow' | 'on', seconds: number): Promise<CallerRoom> {
  const room = await openCallerRoom({ ...steady, autopilot: { ...autopilot, mode } });
  claimAfter(room, () => 50);
  room.join(3_000);
  for (let second = 0; second < seconds; second += 1) {
    wellSeen(room);
    await room.clock.advance(1_000);
  }
  return room;
}

describe('the autopilot of a room', () => {
  test('[AP9] on: its pace holds, in steps that are told with their reason; a pace set by hand is where it goes on from', async () => {
    const room = await flown('on', 60);
    const { state, rules } = room.view;
    expect(paceOf(state, rules)).toBeGreaterThan(700);
    expect(state.autopilot).toMatchObject({ pacePerMinute: paceOf(state, rules), cause: 'headroom' });
    expect(state.autopilot.reason).toContain('only the pace');
    await ask(room, { kind: 'settings', settings: { pacePerMinute: 300 } });
    expect(paceOf(room.view.state, rules)).toBe(300);
    await ask(room, { kind: 'settings', settings: { autopilot: { maxPerMinute: 250 } } });
    expect(paceOf(room.view.state, rules)).toBe(250);
    await ask(room, { kind: 'settings', settings: { autopilot: { mode: 'off' } } });
    expect(paceOf(room.view.state, rules)).toBe(300);
  });

  test('[AP31] steps too small to be told add up, and what is told is a whole number', async () => {
    const room = await openCallerRoom({ ...steady, autopilot: { ...autopilot, stepPercent: 2 } });
    claimAfter(room, () => 50);
    room.join(3_000);
    const told: number[] = [];
    room.view.onChange(changes => {
      for (const change of changes) if (change.kind === 'autopilot') told.push(change.pacePerMinute ?? 0);
    });
    for (let second = 0; second < 60; second += 1) {
      wellSeen(room);
      await room.clock.advance(1_000);
    }
    expect(told.length).toBeGreaterThan(3);
    expect(told.every(Number.isInteger)).toBe(true);
    // Two percent in five seconds, half as much again at ease, and twice that at most for the pace: 1.2 % a second.
    expect(told.at(-1)).toBeGreaterThan(620);
    expect(told.at(-1)).toBeLessThanOrEqual(600 * 1.012 ** 60);
  });

  test('[AP9] shadow: it says what it would do and does nothing; off: it says nothing', async () => {
    const shadow = await flown('shadow', 60);
    expect(paceOf(shadow.view.state, shadow.view.rules)).toBe(600);
    expect(shadow.view.state.autopilot.pacePerMinute).toBeGreaterThan(700);
    const off = await flown('off', 10);
    expect(off.view.state.autopilot.pacePerMinute).toBeNull();
  });

  test('[AP8] what a caller before may have heard counts no more, and what this one heard holds on when it loads anew', async () => {
    const room = await openCallerRoom({ ...steady, autopilot });
    claimAfter(room, () => 50);
    room.join(3_000);
    await room.clock.advance(10_000);
    const complaint = { kind: 'shop-signal', source: 'prometheus', isOverloaded: true } as const;
    expect(await ask(room, { ...complaint, atMs: room.clock.nowMs() })).toEqual({ kind: 'done' });
    room.store.fate = operation => ({ delayMs: 0, outcome: operation === 'commit' ? 'refused' : 'answered' });
    await room.clock.advance(500);
    room.store.fate = () => ({ delayMs: 0, outcome: 'answered' });
    await room.clock.advance(1_500);
    expect(room.view.state.autopilot).toMatchObject({ pacePerMinute: 60, cause: 'signals' });

    const next = gatewayOn(room.store, room.clock, room.rules);
    await room.caller.stop();
    await next.caller.start();
    await room.clock.advance(100);
    const told = (atMs: number) => next.caller.ask({ ...complaint, atMs });
    const answers = Promise.all([told(room.clock.nowMs() - 2_000), told(room.clock.nowMs())]);
    await room.clock.advance(100);
    expect(await answers).toEqual([
      { kind: 'refused', reason: expect.stringContaining('told anew') },
      { kind: 'done' },
    ]);
  });

  test('[AP8] a signal counts once and only fresh; a complaint takes the pace down, praise lets it rise again', async () => {
    const room = await openCallerRoom({ ...steady, autopilot });
    claimAfter(room, () => 50);
    room.join(3_000);
    const signal = (more: object, aheadMs = 0, source = 'prometheus') =>
      ask(room, { kind: 'shop-signal', source, atMs: room.clock.nowMs() + aheadMs, ...more });
    expect(await signal({ isOverloaded: true }, 60_000)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('not come yet'),
    });
    expect(await signal({ isOverloaded: true }, -61_000)).toMatchObject({ kind: 'refused' });
    expect(paceOf(room.view.state, room.view.rules)).toBe(600);
    const atMs = room.clock.nowMs();
    const complaint = { kind: 'shop-signal', source: 'prometheus', atMs, badShare: 0.2 } as const;
    expect(await ask(room, complaint)).toEqual({ kind: 'done' });
    await room.clock.advance(2_000);
    expect(paceOf(room.view.state, room.view.rules)).toBe(60);
    expect(room.view.state.autopilot.reason).toBe('prometheus says: 20 % of the answers are errors');
    expect(await ask(room, complaint)).toMatchObject({ kind: 'refused' });
    expect(await ask(room, { ...complaint, atMs: atMs - 1_000 })).toMatchObject({ kind: 'refused' });
    await signal({ badShare: 0 });
    for (let second = 0; second < 50; second += 1) {
      await signal({ badShare: 0, latencyMs: 100 });
      await room.clock.advance(1_000);
    }
    expect(paceOf(room.view.state, room.view.rules)).toBeGreaterThan(60);
  });

  test('[AP81] while a fresh signal says that the shop fails nobody is let in and all clocks stand; a smaller complaint lowers the pace only', async () => {
    const room = await openCallerRoom({ ...steady, autopilot, passIdleMs: 6_000, claimWindowMs: 5_000 });
    claimAfter(room, place => (place < 5 ? 100 : null));
    room.join(8);
    await room.clock.advance(1_500);
    const signal = (more: object) =>
      ask(room, { kind: 'shop-signal', source: 'apm', atMs: room.clock.nowMs(), ...more });
    const isHeld = () => room.view.state.holds.has('shop-failing');
    await signal({ badShare: 0.2 });
    expect(isHeld()).toBe(false);
    const calls = room.view.state.calls.size;
    expect([room.view.state.passes.size, calls]).toEqual([5, 3]);
    for (let second = 0; second < 15; second += 1) {
      await signal({ badShare: second === 0 ? 0.6 : 0.3 });
      await room.clock.advance(1_000);
    }
    await signal({ isOverloaded: true });
    await room.clock.advance(19_000);
    expect(isHeld()).toBe(true);
    expect(room.view.state.passClock.heldSinceMs).not.toBeNull();
    expect([room.view.state.passes.size, room.view.state.calls.size]).toEqual([5, 3]);
    expect(room.view.state.autopilot).toMatchObject({ pacePerMinute: 60, cause: 'signals' });
    // A gateway that finds it well does not speak for the source.
    await ask(room, { kind: 'hold', hold: 'shop-failing', on: false, by: 'one', seen: { answers: 9, bad: 0 } });
    expect(isHeld()).toBe(true);
    await room.clock.advance(1_000);
    expect(isHeld()).toBe(false);
    await room.clock.advance(10_000);
    expect(room.view.state.passes.size).toBe(0);
    await signal({ isOverloaded: true });
    expect(isHeld()).toBe(true);
    await signal({ isOverloaded: false });
    expect(isHeld()).toBe(false);
    await signal({ isOverloaded: true });
    await ask(room, { kind: 'settings', settings: { autopilot: { mode: 'shadow' } } });
    expect(isHeld()).toBe(false);
  });

  test('[AP83] answers of ten minutes are no praise', async () => {
    const room = await openCallerRoom({ ...steady, autopilot, pacePerMinute: 60 });
    claimAfter(room, () => 50);
    room.join(3_000);
    for (let second = 0; second < 20; second += 1) {
      const atMs = room.clock.nowMs();
      await ask(room, { kind: 'shop-signal', source: 'apm', atMs, latencyMs: 600_000 });
      await room.clock.advance(900);
    }
    expect(paceOf(room.view.state, room.view.rules)).toBe(60);
    expect(room.view.state.autopilot).toMatchObject({
      cause: 'signals',
      reason: 'apm says: answers take 600000 ms, more than 5000 ms',
    });
  });
});
