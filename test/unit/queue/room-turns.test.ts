// What the caller decides: whom it calls, what lapses, who is let in, who walks straight through.
import { describe, expect, test } from 'vitest';
import { answerRequest } from '../../../src/queue/answer-request.ts';
import { passEndsAtMs } from '../../../src/queue/pass-changes.ts';
import { claimTurnMs } from '../../../src/queue/room-rules.ts';
import { claimByMs } from '../../../src/queue/room-state.ts';
import {
  admitEntering,
  admitStraight,
  callNext,
  endLapsedPasses,
  takeBackLapsedCalls,
} from '../../../src/queue/take-turn.ts';
import { RoomTurns, startMs } from '../../support/room-turns.ts';

const called = (room: RoomTurns): number[] =>
  room.changes.flatMap(change => (change.kind === 'called' ? change.places : []));
const claim = (room: RoomTurns, place: number) => room.turn(turn => answerRequest(turn, { kind: 'claim', place }));

function callAll(room: RoomTurns, forMs: number): void {
  for (const endMs = room.nowMs + forMs; room.nowMs < endMs; room.nowMs += 25) room.turn(callNext);
}

describe('calling', () => {
  test('[LN10] calls the lowest places of those present, neither called nor missed; who was absent comes first when back', () => {
    const room = new RoomTurns();
    room.present = new Set([3, 5, 9]);
    callAll(room, 300);
    expect(called(room)).toEqual([3, 5, 9]);
    expect(room.state.frontier).toBe(10);
    room.present = new Set([9, 4, 12]);
    callAll(room, 300);
    expect(called(room)).toEqual([3, 5, 9, 4, 12]);
    expect(room.state.frontier).toBe(13);
  });

  test('[LN11] a call that is not claimed in its window is a no-show; after "I am here" it is called first', () => {
    const room = new RoomTurns();
    room.present = new Set([0]);
    room.turn(callNext);
    room.nowMs += 9_999;
    room.turn(takeBackLapsedCalls);
    expect(room.state.calls.has(0)).toBe(true);
    room.nowMs += 1;
    room.turn(takeBackLapsedCalls);
    expect([...room.state.missed.places()]).toEqual([0]);
    room.present = new Set([0, 7, 8]);
    room.turn(callNext);
    expect(called(room)).toEqual([0, 7]);
    expect(claim(room, 0)).toEqual({ kind: 'returned' });
    room.nowMs += 100;
    room.turn(callNext);
    expect(called(room)).toEqual([0, 7, 0]);
    expect(room.state.totals).toMatchObject({ called: 3, noShows: 1, returners: 1 });
  });

  test('[CL70] more time moves the end of a call, so often as the room allows, and never its turn in the order', () => {
    const room = new RoomTurns({ claimExtensions: 2, claimWindowMs: 10_000 });
    const extend = (place: number) => room.turn(turn => answerRequest(turn, { kind: 'extend', place }));
    room.present = new Set([0, 1]);
    callAll(room, 200);
    room.nowMs = startMs + 9_000;
    expect(extend(5)).toEqual({ kind: 'not-called' });
    expect([extend(0), extend(0), extend(0)]).toEqual([{ kind: 'done' }, { kind: 'done' }, { kind: 'no-more-time' }]);
    const call = room.state.calls.get(0);
    expect(call && claimByMs(room.state, call, room.rules, room.nowMs)).toBe(startMs + 30_000);
    expect([...room.state.calls.keys()]).toEqual([0, 1]);
    // The call behind, which asked for nothing, lapses first.
    room.nowMs = startMs + 29_999;
    room.turn(takeBackLapsedCalls);
    expect([...room.state.calls.keys()]).toEqual([0]);
    room.nowMs = startMs + 30_000;
    room.turn(takeBackLapsedCalls);
    expect([...room.state.missed.places()]).toEqual([0, 1]);
  });

  test('[CL70] an extension gives a minute where the claim window is longer, and none where none is configured', () => {
    const long = new RoomTurns({ claimExtensions: 1, claimWindowMs: 300_000 });
    const none = new RoomTurns();
    for (const room of [long, none]) {
      room.present = new Set([0]);
      room.turn(callNext);
    }
    const extend = (room: RoomTurns) => room.turn(turn => answerRequest(turn, { kind: 'extend', place: 0 }));
    expect([extend(long), extend(none)]).toEqual([{ kind: 'done' }, { kind: 'no-more-time' }]);
    const call = long.state.calls.get(0);
    expect(call && claimByMs(long.state, call, long.rules, startMs)).toBe(startMs + 360_000);
  });

  test('[LN12] open calls never exceed the pace times the claim window, and are at least one', () => {
    for (const [pacePerMinute, most] of [
      [600, 100],
      [6, 1],
      [1, 1],
    ] as const) {
      const room = new RoomTurns({ pacePerMinute, claimWindowMs: 10_000, activeCap: 10_000 });
      room.present = new Set(Array.from({ length: 500 }, (_, place) => place));
      callAll(room, 60_000);
      expect(room.state.calls.size).toBe(most);
    }
  });

  test('[LN13] nothing is called before a drawn order is known, nor with places in another order', () => {
    const room = new RoomTurns({}, false);
    room.present = new Set([0, 1]);
    room.apply({ kind: 'committed', secret: 'aa', commitment: 'bb' });
    // The start seals, reveals and opens in one turn, while presence is still known by arrival numbers.
    const limit = room.turn(turn => {
      turn.record({ kind: 'sealed', drawn: 2, atMs: startMs, startsAtMs: startMs });
      turn.record({ kind: 'revealed', seed: 'cc', randomness: { kind: 'none' } });
      turn.record({ kind: 'phase', phase: 'open', atMs: startMs });
      return callNext(turn);
    });
    expect(limit).toBe('nobody-in-line');
    room.turn(callNext);
    expect(called(room)).toEqual([0]);
  });
});

describe('claiming', () => {
  test('[CL40] a device that is entering keeps its call beyond the window while it asks again', () => {
    const room = new RoomTurns({ activeCap: 1 });
    room.present = new Set([0]);
    room.turn(callNext);
    room.apply({ kind: 'admitted', passes: [{ place: 9, passId: 'inside' }], atMs: room.nowMs });
    for (let asked = 0; asked < 10; asked += 1) {
      expect(claim(room, 0)).toBe('gate');
      room.nowMs += claimTurnMs;
      room.turn(takeBackLapsedCalls);
      room.turn(admitEntering);
      expect(room.state.calls.has(0)).toBe(true);
    }
    room.nowMs += 1;
    room.turn(takeBackLapsedCalls);
    expect(room.state.missed.has(0)).toBe(true);
  });

  test('[CL41] claims are let in in the order of the calls, not of asking, and never beyond the active cap', () => {
    const room = new RoomTurns({ activeCap: 2 });
    room.present = new Set([0, 1, 2]);
    room.turn(turn => turn.record({ kind: 'called', places: [0, 1, 2], atMs: room.nowMs }));
    for (const place of [2, 1, 0]) claim(room, place);
    for (let tick = 0; tick < 40; tick += 1, room.nowMs += 25) room.turn(admitEntering);
    expect([...room.state.passOfPlace.keys()]).toEqual([0, 1]);
    expect(claim(room, 0)).toEqual({ kind: 'admitted', passId: 'pass-1', fresh: false });
    room.turn(turn => answerRequest(turn, { kind: 'end-pass', passId: 'pass-1', cause: 'shop' }));
    room.turn(admitEntering);
    expect([...room.state.passOfPlace.keys()]).toEqual([1, 2]);
    expect(claim(room, 0)).toEqual({ kind: 'left' });
  });

  test('[CL42] pausing holds calls, entries and claim windows, and nothing bursts afterwards', () => {
    const room = new RoomTurns();
    room.present = new Set(Array.from({ length: 300 }, (_, place) => place));
    room.turn(callNext);
    const before = called(room).length;
    room.turn(turn => answerRequest(turn, { kind: 'hold', hold: 'paused', on: true }));
    claim(room, 0);
    callAll(room, 60_000);
    room.turn(admitEntering);
    room.turn(takeBackLapsedCalls);
    expect(called(room)).toHaveLength(before);
    expect(room.state.passes.size + room.state.missed.count).toBe(0);
    room.turn(turn => answerRequest(turn, { kind: 'hold', hold: 'paused', on: false }));
    const call = room.state.calls.get(0);
    expect(call && claimByMs(room.state, call, room.rules, room.nowMs)).toBe(room.nowMs + 10_000);
    callAll(room, 1_000);
    expect(called(room).length - before).toBeLessThanOrEqual(11);
  });

  test('[CL43] pass clocks stand while the shop fails and while nobody is caller, not while paused', () => {
    const room = new RoomTurns();
    room.apply({ kind: 'admitted', passes: [{ place: 0, passId: 'a' }], atMs: startMs });
    const pass = room.state.passes.get('a');
    const leftMs = () => (pass === undefined ? 0 : passEndsAtMs(room.state, pass, room.rules, room.nowMs) - room.nowMs);
    room.apply({ kind: 'hold', hold: 'shop-failing', on: true, atMs: startMs });
    room.nowMs += 3_600_000;
    expect(leftMs()).toBe(60_000);
    room.apply({ kind: 'hold', hold: 'shop-failing', on: false, atMs: room.nowMs });
    room.apply({ kind: 'unattended', fromMs: room.nowMs, toMs: room.nowMs + 500_000 });
    room.nowMs += 500_000;
    expect(leftMs()).toBe(60_000);
    room.apply({ kind: 'hold', hold: 'paused', on: true, atMs: room.nowMs });
    room.nowMs += 20_000;
    expect(leftMs()).toBe(40_000);
    room.nowMs += 40_000;
    room.turn(endLapsedPasses);
    // Uses are reported in batches: a use on the last instant may still be on its way.
    expect(room.state.passes.has('a')).toBe(true);
    room.nowMs += 2_000;
    room.turn(endLapsedPasses);
    expect(room.changes.at(-1)).toEqual({ kind: 'pass-ended', passIds: ['a'], cause: 'idle' });
  });

  test('[CL44] a pass in use ends at its greatest length', () => {
    const room = new RoomTurns();
    room.apply({ kind: 'admitted', passes: [{ place: 0, passId: 'a' }], atMs: startMs });
    for (room.nowMs = startMs; room.nowMs < startMs + 300_000; room.nowMs += 10_000) {
      room.turn(turn => answerRequest(turn, { kind: 'use-passes', passIds: ['a', 'unknown'] }));
      room.turn(endLapsedPasses);
      expect(room.state.passes.has('a')).toBe(true);
    }
    room.turn(endLapsedPasses);
    expect(room.changes.at(-1)).toEqual({ kind: 'pass-ended', passIds: ['a'], cause: 'max' });
  });

  test('[CL45] a new caller gives devices at the gate the time to ask again before their calls lapse', () => {
    const room = new RoomTurns();
    room.present = new Set([0]);
    room.turn(callNext);
    room.nowMs += 60_000;
    room.turn(takeBackLapsedCalls, room.nowMs - claimTurnMs);
    expect(room.state.calls.has(0)).toBe(true);
    room.turn(takeBackLapsedCalls, room.nowMs - claimTurnMs - 1);
    expect(room.state.missed.has(0)).toBe(true);
  });
});

describe('walking straight through and leaving', () => {
  test('[CL46] a device walks straight through only past nobody, within pace and cap, in a room that is calling', () => {
    const room = new RoomTurns({ activeCap: 2 });
    const enter = (place: number) => room.turn(turn => admitStraight(turn, { place }));
    room.present = new Set([4]);
    expect(enter(5)).toBeNull();
    expect(enter(4)).toBe('pass-1');
    expect(enter(5)).toBeNull();
    room.nowMs += 100;
    expect(enter(5)).toBe('pass-2');
    room.nowMs += 100;
    expect(enter(6)).toBeNull();
    room.apply({ kind: 'pass-ended', passIds: ['pass-1', 'pass-2'], cause: 'shop' });
    expect(enter(5)).toBeNull();
    room.apply({ kind: 'hold', hold: 'paused', on: true, atMs: room.nowMs });
    expect(enter(6)).toBeNull();
  });

  test('[PS120] who walked in and read one page comes back ahead of the line, once', () => {
    const room = new RoomTurns({ activeCap: 2, comebackMs: 600_000 });
    room.turn(turn => admitStraight(turn, { place: 4 }));
    room.nowMs += 65_000;
    room.turn(endLapsedPasses);
    expect([room.state.passes.size, room.state.comebacks.has(4), room.state.missed.has(4)]).toEqual([0, true, true]);
    room.present = new Set([6, 7]);
    room.turn(turn => answerRequest(turn, { kind: 'enter', place: 4 }));
    room.present.add(4);
    expect(room.turn(turn => turn.line().rankOf(4))).toBe(0);
  });

  test('[PS121] a person who walked in and is quiet keeps the pass for all of its idle time', () => {
    const room = new RoomTurns({ activeCap: 2, passIdleMs: 600_000, passMaxMs: 6_000_000 });
    room.turn(turn => admitStraight(turn, { place: 4 }));
    const [pass] = room.state.passes.values();
    expect(pass && passEndsAtMs(room.state, pass, room.rules, room.nowMs)).toBe(room.nowMs + 600_000);
    room.nowMs += 599_000;
    room.turn(endLapsedPasses);
    expect(room.state.passes.size).toBe(1);
    room.nowMs += 4_000;
    room.turn(endLapsedPasses);
    expect(room.state.passes.size).toBe(0);
  });

  test('[PS121] a pass of a call without cookies that nobody has shown since holds its slot for a minute at most', () => {
    const room = new RoomTurns({ activeCap: 2, passIdleMs: 600_000, passMaxMs: 6_000_000, comebackMs: 600_000 });
    room.turn(turn => admitStraight(turn, { place: 4, isBrief: true }));
    room.nowMs += 1_000;
    room.turn(turn => answerRequest(turn, { kind: 'enter', place: 5, isBrief: true }));
    const [without, withCookies] = [...room.state.passes.values()];
    expect(without && passEndsAtMs(room.state, without, room.rules, room.nowMs)).toBe(room.nowMs + 59_000);
    room.turn(turn => answerRequest(turn, { kind: 'use-passes', passIds: ['pass-2'] }));
    expect(withCookies?.passId).toBe('pass-2');
    room.nowMs += 62_000;
    room.turn(endLapsedPasses);
    expect([...room.state.passes.keys()]).toEqual(['pass-2']);
    room.nowMs += 530_000;
    room.turn(endLapsedPasses);
    expect(room.state.passes.size).toBe(1);
    room.nowMs += 60_000;
    room.turn(endLapsedPasses);
    expect(room.state.passes.size).toBe(0);
  });

  test('[LN14] leaving frees a call, a miss and a pass; the place stays', () => {
    const room = new RoomTurns();
    const leave = (place: number) => room.turn(turn => answerRequest(turn, { kind: 'leave', place }));
    room.present = new Set([0, 1]);
    expect(leave(0)).toEqual({ kind: 'done' });
    expect(room.changes).toHaveLength(1);
    callAll(room, 200);
    leave(0);
    expect([room.state.calls.has(0), room.state.called.has(0)]).toEqual([false, false]);
    callAll(room, 200);
    expect(called(room)).toEqual([0, 1, 0]);
    claim(room, 0);
    room.turn(admitEntering);
    leave(0);
    expect(room.state.passes.size).toBe(0);
    expect(claim(room, 0)).toEqual({ kind: 'left' });
    room.apply({ kind: 'no-show', places: [1] });
    leave(1);
    expect(room.state.missed.count).toBe(0);
  });
});
