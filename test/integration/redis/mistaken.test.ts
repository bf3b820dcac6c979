// What must not be mistaken: another gateway's start for this one's, a late answer for a loss, a stranger's message for
// one of ours.

import { afterEach, expect, test } from 'vitest';
import { keysOfRoom } from '../../../src/store/redis/keys.ts';
import { NumberQueue } from '../../../src/store/redis/number-queue.ts';
import { RedisLink } from '../../../src/store/redis/redis-link.ts';
import { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { RedisRig } from '../../support/redis-rig.ts';
import { called, followed } from '../../support/store-changes.ts';

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

test('[ST102] messages that are not understood are told once a channel, dropped, and harm nothing', async () => {
  const server = await rig.server();
  const failures: string[] = [];
  const store = await RedisStore.open(server.settings, { onFailure: error => failures.push(String(error)) });
  rig.onEnd(() => store.close());
  const epoch = (await store.lead('sale', 'me'))?.epoch ?? 0;
  const carriedOut: unknown[] = [];
  store.exchange.answerAsked('sale', request => {
    carriedOut.push(request);
    return request.kind === 'leave' ? Promise.reject(new TypeError('a mistake')) : Promise.resolve({ kind: 'wait' });
  });
  const { seen } = followed(store, 'sale', 0, 1);
  const { channel, asked } = keysOfRoom(server.settings.keyPrefix, 'sale');
  const tell = (where: string, message: string) => server.command('PUBLISH', where, message);
  await expect.poll(() => tell(asked, '{}')).toBe(1);
  const told = ['hello', 'null', '7', '{"kind":"new"}', '{"kind":"changes","from":"x"}', '{"kind":"left","numbers":7}'];
  for (const message of [...told, '{"kind":"changes","from":0,"previous":"","tag":"x","changes":8}'])
    expect(await tell(channel, message)).toBe(1);
  const requests = [
    { id: '1', request: { kind: 'brand-new' } },
    { id: '2', request: { kind: 'use-passes' } },
    { id: '3', request: { kind: 'leave', place: 1 } },
    { id: '4', request: { kind: 'claim', place: 4 } },
  ];
  for (const message of ['no', '{"v":2,"from":"x"}', '{"from":"x","requests":[7]}']) await tell(asked, message);
  await tell(asked, JSON.stringify({ from: 'x', requests }));
  await expect.poll(() => carriedOut).toEqual([requests[2]?.request, requests[3]?.request]);
  await store.commit('sale', epoch, 0, [called(1)]);
  await expect.poll(() => seen).toEqual([called(1)]);
  await expect.poll(() => failures.length).toBe(3);
  expect(failures.join()).toMatch(/not understood.*no JSON.*a mistake/);
});
