// Which answers stand in a change that every gateway is told.

import { expect, test } from 'vitest';
import { answerIn, holdsAnswers } from '../../../src/queue/answer-in-change.ts';
import type { RoomChange } from '../../../src/queue/room-change.ts';

const admitted: RoomChange = {
  kind: 'admitted',
  passes: [
    { place: 3, passId: 'three' },
    { place: 7, passId: 'seven' },
  ],
  atMs: 1,
};
const ended: RoomChange = { kind: 'pass-ended', passIds: ['three'], cause: 'shop' };

test('[ST140] an admission answers the claim of each place in it, the end of a pass whoever asked for it, and nothing else', () => {
  expect(answerIn(admitted, { kind: 'claim', place: 7 })).toEqual({ kind: 'admitted', passId: 'seven', fresh: true });
  expect(answerIn(admitted, { kind: 'claim', place: 4 })).toBeNull();
  expect(answerIn(admitted, { kind: 'enter', place: 7 })).toBeNull();
  expect(answerIn(ended, { kind: 'end-pass', passId: 'three', cause: 'left' })).toEqual({ kind: 'done' });
  expect(answerIn(ended, { kind: 'end-pass', passId: 'seven', cause: 'left' })).toBeNull();
  expect([admitted, ended, { kind: 'called', places: [7], atMs: 1 } as const].map(holdsAnswers)).toEqual([
    true,
    true,
    false,
  ]);
});
