// Changes of a later version: refused by name, never taken for another kind.

import { expect, test } from 'vitest';
import { applyChange } from '../../../src/queue/apply-change.ts';
import type { RoomChange } from '../../../src/queue/room-change.ts';
import { newRoomState } from '../../../src/queue/room-state.ts';
import { decodeChange } from '../../../src/store/decode-change.ts';
import { testRules } from '../../support/room-turns.ts';

const unreadable = (message: RegExp) =>
  expect.objectContaining({ code: 'unreadable', message: expect.stringMatching(message) });

test('[ST192] what is stored is given as it is', () => {
  const change: RoomChange = { kind: 'phase', phase: 'open', atMs: 1 };
  expect(decodeChange(JSON.stringify(change), 'nobody')).toEqual(change);
});

test.each([
  ['{"kind":"of-a-later-version"}', /"of-a-later-version".*version 2 wrote it/],
  ['{"kind":"toString"}', /"toString"/],
  ['{"kind":1}', /no kind/],
  ['{}', /no kind/],
  ['null', /no kind/],
  ['{', /no JSON/],
])('[ST192] %s is unreadable', (body, message) => {
  expect(() => decodeChange(body, 'version 2 wrote it')).toThrow(unreadable(message));
});

test('[ST192] a room whose draw is revealed keeps its seed whatever comes', () => {
  const state = newRoomState();
  applyChange(state, { kind: 'committed', secret: 'aa', commitment: 'bb' }, testRules);
  applyChange(state, { kind: 'sealed', drawn: 10, atMs: 1, startsAtMs: 1 }, testRules);
  applyChange(state, { kind: 'revealed', seed: 'cc', randomness: { kind: 'none' } }, testRules);
  const later = JSON.parse('{"kind":"of-a-later-version"}') as RoomChange;
  expect(() => applyChange(state, later, testRules)).toThrow(/of-a-later-version/);
  expect(state.draw?.seed).toBe('cc');
});
