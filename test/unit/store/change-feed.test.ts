// Followers of a room when answers of the disk are lost or late.

import { expect, test, vi } from 'vitest';
import type { RoomChange } from '../../../src/queue/room-change.ts';
import { ChangeFeed } from '../../../src/store/embedded/change-feed.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { called } from '../../support/store-changes.ts';

const settled = () => new Promise(resolve => setImmediate(resolve));
const never = () => {
  throw new Error('nobody is behind here');
};

/** A history on disk, and a feed that reads it. */
function feedOf(history: RoomChange[]) {
  let failures = 0;
  const feed = new ChangeFeed(async after => {
    if (failures-- > 0) throw new StoreError('unavailable', 'no answer');
    return { snapshot: null, changes: history.slice(after), version: history.length };
  });
  return {
    feed,
    failNextReads(count: number) {
      failures = count;
    },
  };
}

test('[ST7] changes whose commit was never answered reach a follower with the next commit', async () => {
  const history = [called(0)];
  const { feed } = feedOf(history);
  const seen: RoomChange[] = [];
  feed.follow(1, changes => seen.push(...changes), never);
  await settled();
  history.push(called(1), called(2), called(3));
  feed.push(3, [called(3)]);
  expect(seen).toEqual([]);
  await settled();
  expect(seen).toEqual([called(1), called(2), called(3)]);
  history.push(called(4));
  feed.push(4, [called(4)]);
  expect(seen).toEqual(history.slice(1));
});

test('[ST7] a commit pushed while a follower reads is given once', async () => {
  const history = [called(0), called(1)];
  const { feed } = feedOf(history);
  const seen: RoomChange[] = [];
  feed.follow(0, changes => seen.push(...changes), never);
  feed.push(1, [called(1)]);
  await settled();
  history.push(called(2));
  feed.push(2, [called(2)]);
  await settled();
  expect(seen).toEqual(history);
});

test('[ST7] a follower whose history cannot be read now is given it later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const history = [called(0)];
    const { feed, failNextReads } = feedOf(history);
    failNextReads(2);
    const seen: RoomChange[] = [];
    feed.follow(0, changes => seen.push(...changes), never);
    for (let attempt = 0; attempt < 2; attempt++) {
      await settled();
      expect(seen).toEqual([]);
      vi.advanceTimersByTime(1_000);
    }
    await settled();
    expect(seen).toEqual(history);
  } finally {
    vi.useRealTimers();
  }
});
