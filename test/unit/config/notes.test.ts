// What is allowed in a configuration and still worth a word.
import { expect, test } from 'vitest';
import { notesOn } from '../../../src/config/notes.ts';
import type { RoomSettings } from '../../../src/config/settings.ts';
import { leastRoom, settingsOf } from './support.ts';

const nowMs = Date.parse('2027-05-09T01:00:00Z');
const roomsOf = (times: object): readonly RoomSettings[] => settingsOf({ rooms: [{ ...leastRoom, ...times }] }).rooms;

test('[DR82] of every figure it is said that it must come out after the start, since nobody can tell by its name', () => {
  const startsAt = '2027-05-09T10:30:00+09:00';
  const roomsWith = (draw: object) => notesOn(roomsOf({ startsAt, draw }), nowMs);
  expect(roomsWith({ randomness: { kind: 'figure', named: 'close of 7 May' }, wait: '1h' })).toEqual([
    'rooms[0].draw.randomness: "close of 7 May" must come out after the start, and within 1h of it: a figure that is known before proves nothing',
  ]);
  expect(roomsWith({ randomness: { kind: 'drand' } })).toEqual([]);
  expect(roomsWith({ randomness: { kind: 'none' } })).toEqual([]);
});

test('[PG179] a claim window that leaves no time for the warning before its end is noted, where fans have to tap', () => {
  const notes = (room: object) => notesOn(roomsOf(room), nowMs);
  expect(notes({ claimWindow: '10s' })).toEqual([
    'rooms[0].claimWindow: 10s leaves no time for the warning of 30s before its end; some fans cannot act so fast',
  ]);
  expect(notes({ claimWindow: '30s' })).toEqual([]);
  expect(notes({ claimWindow: '10s', claim: 'auto' })).toEqual([]);
});

test('[DR63] a start or an end that is over is noted with its path and what follows; what is to come is not', () => {
  const notes = (times: object) => notesOn(roomsOf(times), nowMs);
  const goes = 'one that was here before goes on';
  expect(notes({})).toEqual([]);
  expect(notes({ opensAt: '2027-05-09T00:00:00Z', startsAt: '2027-05-09T01:00:01Z' })).toEqual([]);
  expect(notes({ startsAt: '2027-05-09T01:00:00Z' })).toEqual([
    `rooms[0].startsAt (2027-05-09T01:00:00Z) is over: a room that is new begins open, without a draw; ${goes}`,
  ]);
  expect(notes({ opensAt: '2020-05-09T00:00:00+09:00', startsAt: '2020-05-09T10:00:00+09:00' })).toEqual([
    `rooms[0].startsAt (2020-05-09T01:00:00Z) is over: a room that is new begins open, without lobby and draw; ${goes}`,
  ]);
  expect(notes({ startsAt: '2020-05-09T10:00:00Z', endsAt: '2020-05-09T11:00:00Z' })).toEqual([
    'rooms[0].endsAt (2020-05-09T11:00:00Z) is over: the room has ended, nobody can join',
  ]);
});
