// What operators steer in a room: its revision, its schedule, its message in several languages.

import { describe, expect, test } from 'vitest';
import { applyChange } from '../../../src/queue/apply-change.ts';
import { messageIn } from '../../../src/queue/operator-message.ts';
import type { RoomRules } from '../../../src/queue/room-rules.ts';
import { decodeRoomState, encodeRoomState } from '../../../src/queue/room-snapshot.ts';
import { newRoomState, scheduleOf } from '../../../src/queue/room-state.ts';

const rules: RoomRules = {
  id: 'sale',
  opensAtMs: 1_000,
  startsAtMs: 2_000,
  endsAtMs: null,
  pacePerMinute: 600,
  activeCap: 500,
  claimWindowMs: 300_000,
  graceTimeMs: 90_000,
  passIdleMs: 600_000,
  passMaxMs: 2_700_000,
  ticketLifetimeMs: 86_400_000,
};

test('[OP63] the revision grows with every turn of a switch and with nothing else, and survives a snapshot', () => {
  const state = newRoomState();
  applyChange(state, { kind: 'phase', phase: 'open', atMs: 1 }, rules);
  applyChange(state, { kind: 'settings', settings: { pacePerMinute: 60 }, atMs: 1 }, rules);
  applyChange(state, { kind: 'hold', hold: 'paused', on: true, atMs: 1 }, rules);
  applyChange(state, { kind: 'hold', hold: 'shop-failing', on: true, atMs: 1 }, rules);
  applyChange(state, { kind: 'called', places: [1, 2], atMs: 1 }, rules);
  expect(state.revision).toBe(3);
  expect(decodeRoomState(encodeRoomState(state)).revision).toBe(3);
});

test('[OP64] a time that the operator set goes before the file, and null goes back to the file', () => {
  const state = newRoomState();
  const schedule = () => scheduleOf(state, rules);
  expect(schedule()).toEqual({ opensAtMs: 1_000, startsAtMs: 2_000, endsAtMs: null });
  applyChange(state, { kind: 'settings', settings: { startsAtMs: 5_000, endsAtMs: 9_000 }, atMs: 1 }, rules);
  expect(schedule()).toEqual({ opensAtMs: 1_000, startsAtMs: 5_000, endsAtMs: 9_000 });
  applyChange(state, { kind: 'settings', settings: { startsAtMs: null }, atMs: 1 }, rules);
  expect(schedule()).toEqual({ opensAtMs: 1_000, startsAtMs: 2_000, endsAtMs: 9_000 });
});

describe('the message', () => {
  const message = { en: 'Back soon', 'zh-Hant': '稍候' };
  test.each([
    ['en', 'Back soon'],
    ['en-GB', 'Back soon'],
    ['zh-Hant', '稍候'],
    ['fr', 'Back soon'],
  ])('[OP65] for a reader of %s is %s', (language, text) => {
    expect(messageIn(message, language)).toBe(text);
  });

  test('[OP65] of one language is for everybody', () => {
    expect([messageIn('hello', 'ja'), messageIn(null, 'ja')]).toEqual(['hello', null]);
  });
});
