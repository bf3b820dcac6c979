// From the seal to the reveal: what was announced, what comes late, and what a later caller or a moved start does to it.
import { describe, expect, test } from 'vitest';
import {
  type DrandRound,
  drandDefault,
  drandQuicknet,
  firstRoundAfter,
  roundDueAtMs,
} from '../../../src/draw/drand-chain.ts';
import type { AnnouncedRandomness } from '../../../src/draw/randomness.ts';
import { commitmentTo, seedOf } from '../../../src/draw/seed.ts';
import { type DrawDesk, enterFigure } from '../../../src/flow/reveal-draw.ts';
import { RoundWatch } from '../../../src/flow/reveal-round.ts';
import { followSchedule, setPhase } from '../../../src/flow/turn-phase.ts';
import { answerRequest } from '../../../src/queue/answer-request.ts';
import type { RoomRules } from '../../../src/queue/room-rules.ts';
import { callNext } from '../../../src/queue/take-turn.ts';
import { RoomTurns, startMs } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const secret = '5a'.repeat(32);
const startsAtMs = startMs + 60_000;
const drand = { kind: 'drand', chain: drandQuicknet.hash } as const;
const figure = { kind: 'figure', named: 'the closing value' } as const;
const sealedRound = firstRoundAfter(drandQuicknet, startsAtMs);
const dueAtMs = roundDueAtMs(drandQuicknet, sealedRound);
const signed = (round: number): DrandRound => ({ round, signature: 'ab'.repeat(48) });

function drawnRoom(announced: AnnouncedRandomness, waitMs: number, rules: Partial<RoomRules> = {}) {
  const room = new RoomTurns({ opensAtMs: startMs, startsAtMs, ...rules }, false);
  const looked: number[] = [];
  const rounds = new Map<number, DrandRound>();
  const look = (_chain: unknown, round: number) => {
    looked.push(round);
    return rounds.get(round) ?? null;
  };
  const draw: DrawDesk = { newSecret: () => secret, commitmentTo, seedOf, announced, waitMs, rounds: { look } };
  const at = (atMs: number, callerSinceMs = 0) => {
    room.nowMs = atMs;
    room.turn(turn => followSchedule(turn, { draw, handedOut: 3 }), callerSinceMs);
    return room.state.draw;
  };
  const enter = (value: string) => room.turn(turn => enterFigure(turn, value, draw));
  const set = (phase: 'lobby' | 'open') => room.turn(turn => setPhase(turn, phase, { draw, handedOut: 3 }));
  return { room, draw, looked, rounds, at, enter, set };
}

describe('what was announced', () => {
  test('[DR20] the commitment binds it and it is kept: another file changes nothing about the draw', () => {
    const { room, draw, at } = drawnRoom(figure, 600_000);
    expect(at(startMs)).toMatchObject({ announced: figure, commitment: commitmentTo('sale', secret, figure) });
    room.nowMs = startsAtMs;
    const edited: DrawDesk = { ...draw, announced: { kind: 'none' }, waitMs: 0 };
    room.turn(turn => followSchedule(turn, { draw: edited, handedOut: 3 }));
    expect(room.state).toMatchObject({ phase: 'open', draw: { announced: figure, drawn: 3, seed: null } });
  });

  test('[DR21] none is revealed in the turn that seals', () => {
    const { at } = drawnRoom({ kind: 'none' }, 0);
    at(startMs);
    expect(at(startsAtMs + 20)).toMatchObject({ drawn: 3, startsAtMs, seed: expect.any(String) });
  });

  test('[DR21] a round is asked for once it is due, and reveals; nobody is called or let through before', () => {
    const { room, looked, rounds, at } = drawnRoom(drand, 10_000);
    at(startMs);
    room.present = new Set([0, 1, 2]);
    at(startsAtMs);
    at(dueAtMs - 1);
    expect(looked).toEqual([]);
    at(dueAtMs);
    expect(room.state.draw?.seed).toBeNull();
    expect(room.turn(callNext)).toBe('not-calling');
    expect(room.turn(turn => answerRequest(turn, { kind: 'enter', place: 9 }))).toEqual({ kind: 'wait' });
    rounds.set(sealedRound, signed(sealedRound));
    const randomness = { kind: 'drand' as const, chain: drandQuicknet.hash, ...signed(sealedRound) };
    const seed = seedOf({ room: 'sale', startsAtMs, secret, randomness, drawn: 3 });
    expect(at(dueAtMs + 40)).toMatchObject({ randomness, seed });
    expect(looked).toEqual([sealedRound, sealedRound]);
    room.turn(callNext);
    expect(room.state.calls.size).toBeGreaterThan(0);
  });
});

describe('what does not come', () => {
  test('[DR22] after the wait the draw falls back to none and says what had been announced', () => {
    const { room, at } = drawnRoom(drand, 10_000);
    at(startMs);
    at(startsAtMs);
    expect(at(dueAtMs + 9_999)?.randomness).toBeNull();
    expect(at(dueAtMs + 10_000)?.randomness).toEqual({ kind: 'none', announced: drand });
    expect(room.state.draw?.commitment).toBe(commitmentTo('sale', secret, drand));
  });

  // A chain of 30 s can be due half a minute after the start: reckoned from the seal, the wait would be over before.
  test('[DR22] the wait begins when the round is due', () => {
    const slow = { kind: 'drand', chain: drandDefault.hash } as const;
    const slowDueAtMs = roundDueAtMs(drandDefault, firstRoundAfter(drandDefault, startsAtMs));
    const { at } = drawnRoom(slow, 1_000);
    at(startMs);
    at(startsAtMs);
    expect(slowDueAtMs).toBeGreaterThan(startsAtMs + 2_000);
    expect(at(slowDueAtMs + 999)?.seed).toBeNull();
    expect(at(slowDueAtMs + 1_000)?.seed).not.toBeNull();
  });

  test('[DR22] a caller that takes over after a crash has the whole wait again', () => {
    const { rounds, at } = drawnRoom(drand, 10_000);
    at(startMs);
    at(startsAtMs);
    const backAtMs = dueAtMs + 3_600_000;
    expect(at(backAtMs, backAtMs)?.seed).toBeNull();
    rounds.set(sealedRound, signed(sealedRound));
    expect(at(backAtMs + 500, backAtMs)?.randomness).toMatchObject({ kind: 'drand', round: sealedRound });
  });
});

describe('the figure', () => {
  test('[DR24] is entered after the seal, once, and the same again is done already', () => {
    const { room, at, enter } = drawnRoom(figure, 600_000);
    at(startMs);
    expect(enter('39,141.58')).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/not sealed yet/) });
    at(startsAtMs);
    expect(enter('39,141.58')).toEqual({ kind: 'done' });
    const randomness = { ...figure, value: '39,141.58' };
    const seed = seedOf({ room: 'sale', startsAtMs, secret, randomness, drawn: 3 });
    expect(room.state.draw).toMatchObject({ randomness, seed });
    expect(enter('39,141.58')).toEqual({ kind: 'done' });
    expect(enter('39,141.59')).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/39,141.58/) });
    expect(room.state.draw?.seed).toBe(seed);
  });

  test('[DR24] that comes too late, or that nobody announced, is refused', () => {
    const late = drawnRoom(figure, 600_000);
    late.at(startMs);
    late.at(startsAtMs);
    expect(late.at(startsAtMs + 600_000)?.randomness).toEqual({ kind: 'none', announced: figure });
    expect(late.enter('7')).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/not come in time/) });
    const other = drawnRoom(drand, 10_000);
    other.at(startMs);
    other.at(startsAtMs);
    expect(other.enter('7')).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/no figure/) });
  });
});

describe('the start', () => {
  test('[DR26] by hand it is that instant, earlier or later than the file says; the commitment stays', () => {
    for (const handMs of [startMs + 30_000, startsAtMs + 30_000]) {
      const { room, at, set } = drawnRoom(drand, 10_000, { startsAtMs: handMs > startsAtMs ? null : startsAtMs });
      const commitment = at(startMs)?.commitment;
      room.nowMs = handMs;
      set('open');
      expect(room.state.draw).toMatchObject({ commitment, drawn: 3, startsAtMs: handMs, seed: null });
    }
  });

  test('[DR26] that the file moves while the lobby stands keeps the secret and draws by the new one', () => {
    const { room, draw, at } = drawnRoom(drand, 10_000);
    const commitment = at(startMs)?.commitment;
    const moved = new RoomTurns({ opensAtMs: startMs, startsAtMs: startsAtMs + 600_000 }, false);
    for (const change of room.changes) moved.apply(change);
    moved.nowMs = startsAtMs + 300_000;
    moved.turn(turn => followSchedule(turn, { draw, handedOut: 3 }));
    expect(moved.state.phase).toBe('lobby');
    moved.nowMs = startsAtMs + 600_000;
    moved.turn(turn => followSchedule(turn, { draw, handedOut: 5 }));
    expect(moved.state.draw).toMatchObject({ commitment, drawn: 5, startsAtMs: startsAtMs + 600_000 });
  });

  test('[DR27] a seal so late that the round of the start was out takes the first round after the seal', () => {
    const { looked, at } = drawnRoom(drand, 10_000);
    at(startMs);
    const lateMs = dueAtMs + 5_000;
    const late = firstRoundAfter(drandQuicknet, lateMs);
    at(lateMs, lateMs);
    at(roundDueAtMs(drandQuicknet, late), lateMs);
    expect(late).toBeGreaterThan(sealedRound);
    expect(looked).toEqual([late]);
  });

  test('[DR29] where nobody was drawn nobody waits for the draw', () => {
    const { room, draw } = drawnRoom(figure, 600_000);
    room.nowMs = startsAtMs + 1_000;
    room.turn(turn => followSchedule(turn, { draw, handedOut: 0 }));
    expect(room.state).toMatchObject({ phase: 'open', draw: { drawn: 0, seed: null } });
    room.present = new Set([0]);
    room.turn(callNext);
    expect(room.state.calls.has(0)).toBe(true);
  });
});

describe('RoundWatch', () => {
  test('[DR23] asks for a round once at a time, again after a pause, and no more once it is there', async () => {
    const clock = new VirtualClock(startMs);
    const asked: number[] = [];
    const answers: (DrandRound | null)[] = [null, signed(7)];
    const fetchRound = async (_chain: unknown, round: number) => {
      asked.push(round);
      if (asked.length === 1) throw new Error('a source that fails');
      return answers.shift() ?? null;
    };
    const watch = new RoundWatch(fetchRound, clock);
    const look = () => watch.look(drandQuicknet, 7);
    expect([look(), look()]).toEqual([null, null]);
    await clock.advance(299);
    expect([look(), asked.length]).toEqual([null, 1]);
    for (const count of [2, 3]) {
      await clock.advance(300);
      look();
      expect(asked.length).toBe(count);
    }
    await clock.advance(300);
    expect([look(), look(), asked.length]).toEqual([signed(7), signed(7), 3]);
    expect(watch.look(drandQuicknet, 8)).toBeNull();
    expect(asked.at(-1)).toBe(8);
  });
});
