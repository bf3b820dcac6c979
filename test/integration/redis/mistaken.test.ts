// What must not be mistaken: another gateway's start for this one's, a late answer for a loss, a stranger's message for
// one of ours.

import { afterEach, expect, test } from 'vitest';
import { NumberQueue } from '../../../src/store/redis/number-queue.ts';
import { RedisLink } from '../../../src/store/redis/redis-link.ts';
import { RedisRig } from '../../support/redis-rig.ts';

const rig = new RedisRig();
afterEach(() => rig.end());

test('[ST100] gateways that start at once do not disturb each other, and leave nothing behind', async () => {
  const server = await rig.server();
  for (let round = 0; round < 25; round += 1) {
    await server.command('SCRIPT', 'FLUSH');
    const stores = await Promise.all([1, 2, 3, 4].map(() => rig.store(server.port)));
    await Promise.all(stores.map(store => store.close()));
  }
  expect(await server.command('KEYS', '*check*')).toEqual([]);
});

test('[ST101] numbers learned while an answer is on its way are not taken for a loss', async () => {
  const server = await rig.server();
  const link = await RedisLink.open(server.settings, 'gateway');
  rig.onEnd(async () => link.close());
  const numbers = new NumberQueue(link, 'test:{sale}:numbers');
  const asked = numbers.floor;
  await numbers.take(5);
  expect(numbers.heard(0, asked)).toBe(false);
  expect(numbers.heard(0, numbers.floor)).toBe(true);
});
