// What the live feed tells when something is steered while it is still collecting.
import { setImmediate as rest } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RoomFeed } from '../../../src/ops/room-feed.ts';
import type { RoomReport } from '../../../src/ops/room-report.ts';
import { standRoom } from '../../integration/ops/ops-stand.ts';

const report = await standRoom().report();

test('[OP75] what is steered during a collection is told by another one right after it', async () => {
  let revision = 1;
  const waiting: (() => void)[] = [];
  const feed = new RoomFeed(() => {
    const seen: RoomReport = { ...report, revision };
    return new Promise(resolve => waiting.push(() => resolve([seen])));
  });
  const told: number[] = [];
  const stop = feed.listen(rooms => told.push(...rooms.map(room => room.revision)));
  revision = 2;
  feed.tellNow();
  feed.tellNow();
  expect(waiting.length).toBe(1);
  waiting.shift()?.();
  await rest();
  waiting.shift()?.();
  await rest();
  stop();
  expect([told, waiting.length]).toEqual([[1, 2], 0]);
});
