// A room as a history: replaying, snapshots, and letting go of what is too old.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyChange } from '../../../src/queue/apply-change.ts';
import type { RoomChange } from '../../../src/queue/room-change.ts';
import { decodeRoomState, encodeRoomState } from '../../../src/queue/room-snapshot.ts';
import { newRoomState, type RoomState, trimmedBelow } from '../../../src/queue/room-state.ts';
import { callNext } from '../../../src/queue/take-turn.ts';
import { checkpointAndTrim, isCheckpointDue } from '../../../src/queue/trim-room.ts';
import { RoomTurns, startMs, testRules } from '../../support/room-turns.ts';

const anyPlaces = fc.array(fc.nat(200), { minLength: 1, maxLength: 5 });
const anyPassIds = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 2 });
const atMs = fc.nat(100_000).map(ms => startMs + ms);
const anyChange: fc.Arbitrary<RoomChange> = fc.oneof(
  fc.record({ kind: fc.constant('called' as const), places: anyPlaces, atMs }),
  fc.record({
    kind: fc.constantFrom('no-show' as const, 'withdrawn' as const, 'returned' as const),
    places: anyPlaces,
  }),
  fc.record({
    kind: fc.constant('admitted' as const),
    passes: fc.array(fc.record({ place: fc.nat(200), passId: fc.uuid() }), { minLength: 1, maxLength: 3 }),
    atMs,
    straight: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('used' as const), passIds: anyPassIds, atMs }),
  fc.record({ kind: fc.constant('pass-ended' as const), passIds: anyPassIds, cause: fc.constant('idle' as const) }),
  fc.record({
    kind: fc.constant('settings' as const),
    settings: fc.record({ pacePerMinute: fc.option(fc.nat(6_000)), message: fc.option(fc.string()) }),
    atMs,
  }),
  fc.record({
    kind: fc.constant('hold' as const),
    hold: fc.constantFrom('paused' as const, 'shop-failing' as const),
    on: fc.boolean(),
    atMs,
  }),
  fc.record({ kind: fc.constant('unattended' as const), fromMs: atMs, toMs: atMs }),
  fc.record({ kind: fc.constant('checkpoint' as const), handedOut: fc.nat(1_000), atMs }),
  fc.record({ kind: fc.constant('trimmed' as const), below: fc.nat(150) }),
  fc.record({ kind: fc.constant('phase' as const), phase: fc.constantFrom('lobby' as const, 'open' as const), atMs }),
);

function shown(state: RoomState): unknown {
  const { called, missed, ...rest } = state;
  return { ...rest, called: [...called.places()], missed: [...missed.places()], base: called.base };
}

describe('history', () => {
  test('[LN16] a snapshot at any point and the changes after it give the same state as all changes', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 40 }), fc.nat(40), (changes, at) => {
        const whole = newRoomState();
        let part = newRoomState();
        changes.forEach((change, index) => {
          if (index === at) part = decodeRoomState(encodeRoomState(part));
          applyChange(whole, change, testRules);
          // The store keeps changes as JSON.
          applyChange(part, JSON.parse(JSON.stringify(change)), testRules);
        });
        part = decodeRoomState(encodeRoomState(part));
        expect(shown(part)).toEqual(shown(whole));
        expect([...part.calls.keys()]).toEqual([...whole.calls.keys()]);
        expect(whole.version).toBe(changes.length);
      }),
    );
  });

  test('[LN17] the frontier never goes back, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 40 }), changes => {
        const state = newRoomState();
        for (const change of changes) {
          const before = state.frontier;
          applyChange(state, change, testRules);
          expect(state.frontier).toBeGreaterThanOrEqual(before);
        }
      }),
    );
  });

  test('[LN16] a snapshot of another format is refused', () => {
    const bytes = Buffer.from(JSON.stringify({ format: 2 }));
    expect(() => decodeRoomState(bytes)).toThrow('format 2');
  });
});

describe('letting go', () => {
  const week = 7 * 86_400_000;

  test('[LN18] a room that stands open all year costs what a ticket lifetime costs', () => {
    const room = new RoomTurns({ ticketLifetimeMs: week, pacePerMinute: 0 });
    const numbersPerNote = 80_000;
    let handedOut = 0;
    let widest = 0;
    for (let note = 0; handedOut < 100_000_000; note += 1) {
      room.nowMs = startMs + note * 7 * 3_600_000;
      handedOut += numbersPerNote;
      // Somebody missed a turn, somebody went in and came out again.
      room.apply({ kind: 'called', places: [handedOut - 7, handedOut - 6], atMs: room.nowMs });
      room.apply({ kind: 'no-show', places: [handedOut - 7] });
      room.apply({ kind: 'withdrawn', places: [handedOut - 6] });
      expect(isCheckpointDue(room.state, room.rules, room.nowMs)).toBe(true);
      room.turn(turn => checkpointAndTrim(turn, handedOut));
      widest = Math.max(widest, handedOut - trimmedBelow(room.state));
      expect(room.state.checkpoints.length).toBeLessThanOrEqual(27);
    }
    expect(trimmedBelow(room.state)).toBeGreaterThan(97_000_000);
    expect(widest).toBeLessThanOrEqual(27 * numbersPerNote);
    expect(encodeRoomState(room.state).length).toBeLessThan(10_000);
  });

  test('[LN18] nothing is let go below a device that is in line, called or inside', () => {
    for (const keeps of ['line', 'call', 'pass', 'nothing'] as const) {
      const room = new RoomTurns({ ticketLifetimeMs: week });
      room.turn(turn => checkpointAndTrim(turn, 1_000));
      if (keeps === 'line') room.present.add(320);
      if (keeps === 'call') room.apply({ kind: 'called', places: [320], atMs: startMs });
      if (keeps === 'pass') room.apply({ kind: 'admitted', passes: [{ place: 320, passId: 'a' }], atMs: startMs });
      room.nowMs += week;
      room.turn(turn => checkpointAndTrim(turn, 5_000));
      expect(trimmedBelow(room.state)).toBe(keeps === 'nothing' ? 992 : 320);
    }
  });

  test('[LN18] drawn places stay while one of the drawn tickets can come back', () => {
    const room = new RoomTurns({ ticketLifetimeMs: week }, false);
    room.apply({ kind: 'committed', secret: 'aa', commitment: 'bb' });
    room.apply({ kind: 'phase', phase: 'lobby', atMs: startMs });
    room.turn(turn => checkpointAndTrim(turn, 600));
    room.nowMs += 7_200_000;
    room.apply({ kind: 'sealed', drawn: 1_000, atMs: room.nowMs, startsAtMs: room.nowMs });
    room.apply({ kind: 'revealed', seed: 'cc', randomness: { kind: 'none' } });
    room.apply({ kind: 'phase', phase: 'open', atMs: room.nowMs });
    room.turn(turn => checkpointAndTrim(turn, 1_100));
    room.nowMs = startMs + week;
    room.turn(turn => checkpointAndTrim(turn, 1_200));
    expect(trimmedBelow(room.state)).toBe(0);
    room.nowMs += 7_200_000;
    room.turn(turn => checkpointAndTrim(turn, 1_300));
    expect(trimmedBelow(room.state)).toBe(1_088);
  });

  // A device that was let in long ago and left its socket open was called a second time once its bit was dropped.
  test('[LN19] a present device whose place was let go is not called again', () => {
    const room = new RoomTurns({ ticketLifetimeMs: week });
    room.present.add(3);
    room.turn(callNext);
    room.apply({ kind: 'admitted', passes: [{ place: 3, passId: 'a' }], atMs: room.nowMs });
    room.apply({ kind: 'pass-ended', passIds: ['a'], cause: 'shop' });
    room.turn(turn => checkpointAndTrim(turn, 1_000));
    room.nowMs += week;
    room.turn(turn => checkpointAndTrim(turn, 2_000));
    expect(trimmedBelow(room.state)).toBe(992);
    expect(room.turn(callNext)).toBe('nobody-in-line');
  });
});
