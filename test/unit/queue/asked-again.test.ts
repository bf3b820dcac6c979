// Requests that are carried out a second time, because nobody heard what became of the first.

import { describe, expect, test } from 'vitest';
import { answerOutdated, answerRequest, type RoomRequest } from '../../../src/queue/answer-request.ts';
import { callNext } from '../../../src/queue/take-turn.ts';
import { RoomTurns } from '../../support/room-turns.ts';

test('[ST184] more time that is asked for again is given once, and more after that is given as well', () => {
  const room = new RoomTurns({ claimExtensions: 2 });
  room.present = new Set([0]);
  room.turn(callNext);
  const extend = (had: number) => room.turn(turn => answerRequest(turn, { kind: 'extend', place: 0, had }));
  const given = () => room.state.calls.get(0)?.extensions ?? 0;
  expect([extend(0), extend(0), given()]).toEqual([{ kind: 'done' }, { kind: 'done' }, 1]);
  expect([extend(1), extend(1), given()]).toEqual([{ kind: 'done' }, { kind: 'done' }, 2]);
  expect([extend(2), given()]).toEqual([{ kind: 'no-more-time' }, 2]);
});

describe('an operator who asks for a room as it was seen', () => {
  // A room that is open was steered once.
  const requests: readonly RoomRequest[] = [
    { kind: 'settings', settings: { pacePerMinute: 300, message: { en: 'Back soon' } }, ifRevision: 1 },
    { kind: 'settings', settings: { autopilot: { mode: 'on', minPerMinute: 10 } }, ifRevision: 1 },
    { kind: 'hold', hold: 'paused', on: true, ifRevision: 1 },
  ];
  const steer = (room: RoomTurns, request: RoomRequest) =>
    room.turn(turn => {
      const outdated = answerOutdated(turn, request);
      if (outdated !== null) return outdated.kind;
      if (request.kind === 'settings' || request.kind === 'hold') answerRequest(turn, request);
      return 'carried out';
    });

  test.each(requests)('[ST184] %j: done by itself is done', request => {
    const room = new RoomTurns();
    expect([steer(room, request), steer(room, request), room.state.revision]).toEqual(['carried out', 'done', 2]);
  });

  test.each(requests)('[OP73] %j: not done where somebody else steered the room', request => {
    const room = new RoomTurns();
    steer(room, { kind: 'settings', settings: { message: { en: 'Back soon', ja: 'もうすぐ' } } });
    expect(steer(room, request)).toBe('changed-meanwhile');
    const later = new RoomTurns();
    expect(steer(later, request)).toBe('carried out');
    steer(later, { kind: 'settings', settings: { activeCap: 7 } });
    expect(steer(later, request)).toBe('changed-meanwhile');
  });
});
