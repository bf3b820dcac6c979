// Who is told that a pass has ended, and when.

import { expect, test } from 'vitest';
import { PassEnds } from '../../../src/flow/pass-ends.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import { newRoomState } from '../../../src/queue/room-state.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function viewWithPasses(...passIds: string[]) {
  const view = new RoomView(testRules, new VirtualClock(startMs));
  const passes = passIds.map((passId, place) => ({ passId, place }));
  view.apply([
    { kind: 'phase', phase: 'open', atMs: startMs },
    { kind: 'admitted', passes, atMs: startMs },
  ]);
  return view;
}

function listened(view: RoomView, ...passIds: string[]) {
  const ends = new PassEnds(view);
  const told: string[] = [];
  const forgets = passIds.map(passId => ends.when(passId, () => told.push(passId)));
  return { ends, told, forgets };
}

test('[WR121] every listener of a pass is told once that it ended, no listener of another', () => {
  const view = viewWithPasses('a', 'b');
  const { told } = listened(view, 'a', 'a', 'b');
  view.apply([{ kind: 'used', passIds: ['a'], atMs: startMs + 1 }]);
  expect(told).toEqual([]);
  view.apply([{ kind: 'pass-ended', passIds: ['a', 'unknown'], cause: 'revoked' }]);
  view.apply([{ kind: 'pass-ended', passIds: ['a'], cause: 'revoked' }]);
  expect(told).toEqual(['a', 'a']);
});

test('[WR121] a pass that is over already is told at once, and whoever has gone is not told', () => {
  const view = viewWithPasses('a');
  const { told, forgets } = listened(view, 'a', 'a', 'gone');
  expect(told).toEqual(['gone']);
  forgets[0]?.();
  view.apply([{ kind: 'pass-ended', passIds: ['a'], cause: 'idle' }]);
  expect(told).toEqual(['gone', 'a']);
});

test('[WR121] a state that is loaded anew ends the passes that it does not know', () => {
  const view = viewWithPasses('a', 'b');
  const { told } = listened(view, 'a', 'b');
  const kept = view.state.passes.get('b');
  const state = newRoomState();
  if (kept !== undefined) state.passes.set('b', kept);
  view.reset(state);
  expect(told).toEqual(['a']);
});
