// The drawn order on its way to the view, also when the thread that computes it dies.

import { expect, test } from 'vitest';
import { followOrder } from '../../../src/flow/follow-order.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function drawnRoom() {
  const clock = new VirtualClock(startMs);
  const view = new RoomView(testRules, clock);
  view.apply([
    { kind: 'committed', commitment: '00', secret: '11' },
    { kind: 'sealed', drawn: 3, atMs: startMs, startsAtMs: startMs },
    { kind: 'revealed', seed: '22', randomness: { kind: 'none' } },
    { kind: 'phase', phase: 'open', atMs: startMs },
  ]);
  return { clock, view };
}

test('[DR80] a list that could not be computed is computed again by the clock, and is told as trouble until then', async () => {
  const { clock, view } = drawnRoom();
  const troubles: (string | null)[] = [];
  let tries = 0;
  const compute = async () => {
    tries += 1;
    if (tries < 3) throw new Error('the thread ended');
    return { places: new Uint32Array([2, 0, 1]), numbers: new Uint32Array([1, 2, 0]) };
  };
  await followOrder({ view, clock, compute, onTrouble: reason => troubles.push(reason) });
  expect([view.order, troubles]).toEqual([null, ['the drawn order could not be computed: the thread ended']]);
  // Nothing changes in the room meanwhile.
  await clock.advance(10_000);
  expect(tries).toBe(3);
  expect([0, 1, 2].map(number => view.placeOf(number))).toEqual([2, 0, 1]);
  expect(troubles.at(-1)).toBe(null);
});

test('[DR80] a room that is closed tries no more', async () => {
  const { clock, view } = drawnRoom();
  let tries = 0;
  const compute = () => {
    tries += 1;
    return Promise.reject(new Error('the thread ended'));
  };
  const stop = await followOrder({ view, clock, compute, onTrouble: () => undefined });
  stop();
  await clock.advance(60_000);
  expect(tries).toBe(1);
});

test('[LN152] a list of a draw that the store has lost meanwhile is not used, but that of the draw in its place', async () => {
  // The gateway stood by the list of before for good: nobody with it counted, and it showed places that were nobody's.
  const { clock, view } = drawnRoom();
  const computed: ((order: { places: Uint32Array<ArrayBuffer>; numbers: Uint32Array<ArrayBuffer> }) => void)[] = [];
  const compute = () => new Promise<Parameters<(typeof computed)[0]>[0]>(resolve => computed.push(resolve));
  const following = followOrder({ view, clock, compute, onTrouble: () => undefined });
  const { state } = drawnRoom().view;
  view.reset({ ...state, draw: state.draw === null ? null : { ...state.draw, drawn: 2 } });
  computed[0]?.({ places: new Uint32Array([2, 0, 1]), numbers: new Uint32Array([1, 2, 0]) });
  await clock.advance(0);
  expect(view.order).toBe(null);
  computed[1]?.({ places: new Uint32Array([1, 0]), numbers: new Uint32Array([1, 0]) });
  await following;
  expect([0, 1, 2].map(number => view.placeOf(number))).toEqual([1, 0, 2]);
});

test.each([
  ['with no draw', null],
  ['with a draw that is not sealed', { drawn: null, sealedAtMs: null, startsAtMs: null, seed: null, randomness: null }],
  ['with a draw of nobody', { drawn: 0 }],
])('[LN153] a view that waits for a drawn order and is given a room %s goes by arrival', async (_, draw) => {
  // It waited for an order that nobody could compute: nobody with this gateway had a place, and none counted.
  const { view } = drawnRoom();
  expect(view.order).toBe(null);
  view.attach(1);
  view.reset({
    ...view.state,
    draw: draw === null || view.state.draw === null ? null : { ...view.state.draw, ...draw },
  });
  expect([view.placeOf(0), ...view.present.places.places()]).toEqual([0, 1]);
});

test('[LN152] as many drawn with another seed are another draw', async () => {
  const { clock, view } = drawnRoom();
  const compute = async (_: number, seed: string) =>
    seed === '22'
      ? { places: new Uint32Array([2, 0, 1]), numbers: new Uint32Array([1, 2, 0]) }
      : { places: new Uint32Array([1, 0, 2]), numbers: new Uint32Array([1, 0, 2]) };
  await followOrder({ view, clock, compute, onTrouble: () => undefined });
  const { order, state } = view;
  view.reset({ ...state });
  expect(view.order).toBe(order);
  view.reset({ ...state, draw: state.draw === null ? null : { ...state.draw, seed: '33' } });
  await clock.advance(0);
  expect([0, 1, 2].map(number => view.placeOf(number))).toEqual([1, 0, 2]);
});

test.each([
  ['by the time it is tried again', 0],
  ['before it fails', 5_000],
])('[LN154] that a draw cannot be computed is trouble no more where that draw is lost %s', async (_, failsAfterMs) => {
  const { clock, view } = drawnRoom();
  const troubles: (string | null)[] = [];
  const compute = () =>
    new Promise<never>((_resolve, reject) => clock.after(failsAfterMs, () => reject(new Error('the thread ended'))));
  const following = followOrder({ view, clock, compute, onTrouble: reason => troubles.push(reason) });
  await clock.advance(1_000);
  view.reset({ ...view.state, draw: null });
  await clock.advance(60_000);
  await following;
  expect(troubles.at(-1) ?? null).toBe(null);
  expect(troubles.length).toBe(failsAfterMs === 0 ? 2 : 0);
});
