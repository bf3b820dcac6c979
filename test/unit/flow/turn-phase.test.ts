// Phases by the times and by hand, and the draw that goes with the start.
import { describe, expect, test } from 'vitest';
import { followSchedule, setPhase } from '../../../src/flow/turn-phase.ts';
import type { Phase } from '../../../src/queue/room-change.ts';
import type { RoomRules } from '../../../src/queue/room-rules.ts';
import { plainDraw as draw } from '../../support/draw-desk.ts';
import { RoomTurns, startMs } from '../../support/room-turns.ts';

function roomOf(rules: Partial<RoomRules>) {
  const room = new RoomTurns(rules, false);
  return {
    room,
    at(atMs: number, handedOut = 0): Phase {
      room.nowMs = atMs;
      room.turn(turn => followSchedule(turn, { draw, handedOut }));
      return room.state.phase;
    },
    set: (phase: Phase, handedOut = 0) => room.turn(turn => setPhase(turn, phase, { draw, handedOut })),
  };
}

describe('phases', () => {
  test('[LN23] the times open the lobby, start with a sealed and revealed draw, and end', () => {
    const times = { opensAtMs: startMs + 10, startsAtMs: startMs + 20, endsAtMs: startMs + 30 };
    const { room, at } = roomOf(times);
    expect(at(startMs)).toBe('closed');
    expect(room.state.draw).toMatchObject({ commitment: 'bb', drawn: null });
    expect(at(startMs + 10)).toBe('lobby');
    expect(at(startMs + 25, 7)).toBe('open');
    expect(room.state.draw).toMatchObject({ drawn: 7, seed: 'cc', startsAtMs: startMs + 20 });
    room.apply({ kind: 'called', places: [0], atMs: startMs + 25 });
    expect(at(startMs + 30)).toBe('ended');
    expect(room.state.calls.size).toBe(0);
    expect(at(startMs + 99)).toBe('ended');
  });

  test('[LN26] a draw is never sealed with numbers that nobody counted', () => {
    const { room, at } = roomOf({ opensAtMs: startMs, startsAtMs: startMs + 100 });
    at(startMs, 3);
    room.nowMs = startMs + 100;
    expect(() => room.turn(turn => followSchedule(turn, { draw, handedOut: null }))).toThrow(/not counted/);
    expect(room.state.draw).toMatchObject({ drawn: null });
    expect(at(startMs + 100, 3)).toBe('open');
    expect(room.state.draw).toMatchObject({ drawn: 3 });
  });

  test('[LN24] a later change by hand wins over the times before it, not over those after it', () => {
    const { at, set } = roomOf({ opensAtMs: startMs, startsAtMs: startMs + 100, endsAtMs: startMs + 200 });
    at(startMs);
    at(startMs + 50);
    set('closed');
    expect(at(startMs + 60)).toBe('closed');
    expect(at(startMs + 100)).toBe('open');
    at(startMs + 200);
    set('open');
    expect(at(startMs + 300)).toBe('open');
  });

  test('[OP12] a sale that the times began meanwhile is not taken back', () => {
    const { room, at, set } = roomOf({ opensAtMs: startMs, startsAtMs: startMs + 100 });
    at(startMs);
    at(startMs + 100, 7);
    set('lobby', 7);
    expect(room.state).toMatchObject({ phase: 'open', draw: { drawn: 7 } });
  });

  test('[LN25] a room without times is open at once; one with a lobby and no start waits for a hand', () => {
    expect(roomOf({}).at(startMs)).toBe('open');
    expect(roomOf({ opensAtMs: startMs }).at(startMs + 86_400_000)).toBe('lobby');
  });

  // A lobby that was closed by hand and then started never drew: its devices kept their arrival order.
  test('[LN26] a lobby that was closed in between is drawn when it starts, and never twice', () => {
    const { room, at, set } = roomOf({ opensAtMs: startMs });
    at(startMs);
    set('closed');
    set('open', 5);
    expect(room.state.draw).toMatchObject({ drawn: 5, seed: 'cc' });
    set('lobby');
    set('open', 9);
    expect(room.state.draw?.drawn).toBe(5);
  });
});
