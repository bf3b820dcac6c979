// A view that follows a room: what it does when the store cannot give it what it missed, or gives what it cannot take.

import { expect, test } from 'vitest';
import { followRoom } from '../../../src/flow/load-room.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import type { QueueStore, StoredRoom } from '../../../src/store/queue-store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { called } from '../../support/store-changes.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

type Followed = { readonly onChanges: Parameters<QueueStore['follow']>[2]; readonly onBehind: () => void };

/** A history that a test hands out by itself. */
class HandedHistory {
  stored: StoredRoom = { snapshot: null, changes: [called(1)] };
  refusal: StoreError | null = null;
  followed: Followed | null = null;

  async load(): Promise<StoredRoom> {
    if (this.refusal !== null) throw this.refusal;
    return this.stored;
  }

  follow(_room: string, _version: number, onChanges: Followed['onChanges'], onBehind: () => void = () => undefined) {
    this.followed = { onChanges, onBehind };
    return () => {
      this.followed = null;
    };
  }
}

async function viewOf() {
  const clock = new VirtualClock(startMs);
  const view = new RoomView(testRules, clock);
  const history = new HandedHistory();
  const [troubles, failures]: [(string | null)[], unknown[]] = [[], []];
  const stop = await followRoom({
    ...{ store: history, view, clock },
    onTrouble: reason => troubles.push(reason),
    onFailure: error => failures.push(error),
  });
  return { clock, view, history, troubles, failures, stop };
}

// It was loaded once more, in vain, and then stood still for ever while the gateway said that all was well.
test('[ST160] a view that fell behind while the store does not answer is loaded again until it is', async () => {
  const { clock, view, history, troubles, failures } = await viewOf();
  history.stored = { snapshot: null, changes: [called(1), called(2)] };
  history.refusal = new StoreError('unavailable', 'no answer');
  history.followed?.onBehind();
  await clock.advance(5_000);
  expect([view.state.version, troubles.at(-1), failures]).toEqual([1, 'no answer', []]);
  history.refusal = null;
  await clock.advance(1_000);
  expect([view.state.version, troubles.at(-1)]).toEqual([2, null]);
  history.followed?.onChanges([called(3)]);
  expect(view.state.version).toBe(3);
});

// It was told once and skipped: every number after it was another than at the other gateways.
test('[ST161] a change that cannot be taken is never skipped: the view says so until what is stored can be read', async () => {
  const { clock, view, history, troubles, failures } = await viewOf();
  const poison = JSON.parse('{"kind":"called","atMs":1}');
  history.stored = { snapshot: null, changes: [called(1), poison, called(3)] };
  history.followed?.onChanges([poison]);
  history.followed?.onChanges([called(3)]);
  await clock.advance(5_000);
  expect(view.state.called.has(3)).toBe(false);
  expect(troubles.at(-1)).toMatch(/places/);
  expect(failures.length).toBeGreaterThan(0);
  history.stored = { snapshot: null, changes: [called(1), called(2), called(3)] };
  await clock.advance(1_000);
  expect([view.state.version, view.state.called.has(3), troubles.at(-1)]).toEqual([3, true, null]);
});

test('[ST160] a view that is stopped loads no more', async () => {
  const { clock, view, history, stop } = await viewOf();
  history.refusal = new StoreError('unavailable', 'no answer');
  history.followed?.onBehind();
  await clock.advance(100);
  stop();
  history.refusal = null;
  history.stored = { snapshot: null, changes: [called(1), called(2)] };
  await clock.advance(5_000);
  expect(view.state.version).toBe(1);
});
