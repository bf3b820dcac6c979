// What must not be mistaken: another gateway's start for this one's, a late answer for a loss, a stranger's message for
// one of ours.

import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { RoomChange } from '../../../src/queue/room-change.ts';
import { keyRingKey, keysOfRoom, operatorsKeys } from '../../../src/store/redis/keys.ts';
import { NumberQueue } from '../../../src/store/redis/number-queue.ts';
import { keepConnecting, openClient } from '../../../src/store/redis/open-client.ts';
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

test('[ST143] a client that gave up begins again, until it shall end', async () => {
  const server = await rig.server();
  const client = openClient(server.settings);
  client.on('error', () => undefined);
  const stop = keepConnecting(client);
  await once(client, 'ready');
  client.disconnect();
  await once(client, 'end');
  await once(client, 'ready');
  expect(await client.ping()).toBe('PONG');
  stop();
  client.disconnect();
  await once(client, 'end');
  const link = await RedisLink.open(server.settings, 'gateway');
  rig.onEnd(async () => link.close());
  link.client.disconnect();
  await expect.poll(() => link.trouble).not.toBeNull();
  await expect.poll(() => link.trouble).toBeNull();
  expect(client.status).toBe('end');
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

test('[ST44] after a FLUSHALL what a newcomer began gives way to what living gateways know', async () => {
  const server = await rig.server();
  const [old, newcomer] = [await rig.store(server.port), await rig.store(server.port)];
  await old.keyRing(async () => 'the keys');
  const epoch = (await old.lead('sale', 'old'))?.epoch ?? 0;
  await old.load('sale');
  await old.commit('sale', epoch, 0, [called(1), called(2)]);
  await server.command('FLUSHALL');
  // What a gateway does that starts now, having waited for nobody: the server does not say that it was flushed.
  await server.command('CONFIG', 'RESETSTAT');
  const begun = (await newcomer.lead('sale', 'newcomer'))?.epoch ?? 0;
  await newcomer.load('sale');
  expect(await newcomer.commit('sale', begun, 0, [called(7), called(8), called(9)])).toEqual({ kind: 'committed' });
  await newcomer.compact('sale', begun, 1, Uint8Array.of(7));
  await server.command('SET', keyRingKey(server.settings.keyPrefix), 'other keys');
  const line = { snapshot: null, changes: [called(1), called(2)] };
  expect(await old.load('sale')).toEqual(line);
  expect(await newcomer.commit('sale', begun, 3, [called(10)])).toEqual({ kind: 'fenced' });
  expect(await newcomer.load('sale')).toEqual(line);
  expect(await old.load('sale')).toEqual(line);
  await expect.poll(() => newcomer.keyRing(async () => 'none')).toBe('the keys');
});

// A token that was revoked in the last second before a failover was good again.
test('[ST166] what another server has as it was before is put back; what was changed back on purpose stays', async () => {
  const [server, late] = [await rig.server(), await rig.server()];
  const proxy = await rig.proxy(server.port);
  const [one, other] = [await rig.store(proxy.port), await rig.store(proxy.port)];
  const { operators } = one;
  expect(await operators.replaceDocument('tokens', null, 'two tokens')).toBe(true);
  expect(await other.operators.readDocument('tokens')).toBe('two tokens');
  expect(await operators.replaceDocument('tokens', 'two tokens', 'one token')).toBe(true);
  await expect.poll(() => other.operators.readDocument('tokens')).toBe('one token');
  expect(await other.operators.replaceDocument('tokens', 'one token', 'two tokens')).toBe(true);
  await expect.poll(() => operators.readDocument('tokens')).toBe('two tokens');
  expect(await operators.replaceDocument('tokens', 'two tokens', 'no tokens')).toBe(true);

  await late.command('SET', operatorsKeys('junban', 'tokens').body, 'two tokens');
  proxy.leadTo(late.port);
  await expect.poll(() => one.trouble(), { timeout: 5_000, interval: 10 }).not.toBeNull();
  await expect.poll(() => one.trouble(), { timeout: 5_000, interval: 10 }).toBeNull();
  await expect.poll(() => operators.readDocument('tokens').catch(String), { timeout: 2_000 }).toBe('no tokens');
  await expect.poll(() => other.operators.readDocument('tokens').catch(String), { timeout: 5_000 }).toBe('no tokens');
});

test('[ST103] a gateway that finds no keys waits for those who know them before it makes some', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  const found = store.keyRing(async () => 'mine');
  await expect.poll(() => server.command('INFO', 'commandstats').then(String)).toMatch(/cmdstat_get/);
  await server.command('SET', keyRingKey(server.settings.keyPrefix), 'the keys');
  expect(await found).toBe('the keys');
});

test('[ST72] messages and presence of another format are neither heard nor read: their names carry the format', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  await store.lead('sale', 'me');
  store.exchange.answerAsked('sale', async () => ({ kind: 'wait' }));
  await store.exchange.sayPresent('sale', { order: 1, bytes: Uint8Array.of(1) }, 5_000);
  await store.exchange.publishPresent('sale', 1, { order: 1, bytes: Uint8Array.of(1) });
  const named = (words: unknown) => [words].flat().map(String);
  const withoutFormat = (name: string) => !/:v1(?::|$)/.test(name);
  await expect.poll(async () => named(await server.command('PUBSUB', 'CHANNELS', '*'))).toHaveLength(5);
  expect(named(await server.command('PUBSUB', 'CHANNELS', '*')).filter(withoutFormat)).toEqual([]);
  const presence = named(await server.command('KEYS', '*:presen*'));
  expect(presence).toHaveLength(3);
  expect(presence.filter(withoutFormat)).toEqual([]);
});

test('[ST192] a change that only a later version knows is refused, told or loaded, and both versions are named', async () => {
  const server = await rig.server();
  const later = await rig.store(server.port, '2.0.0');
  const lead = await later.lead('sale', 'me');
  await later.commit('sale', lead?.epoch ?? 0, 0, [called(1)]);
  const said: unknown[] = [];
  const store = await RedisStore.open(server.settings, { version: '1.0.0', onFailure: error => said.push(error) });
  rig.onEnd(() => store.close());
  await store.load('sale');
  let isBehind = false;
  const seen: unknown[] = [];
  store.follow(
    'sale',
    1,
    changes => seen.push(...changes),
    () => {
      isBehind = true;
    },
  );
  const change = JSON.parse('{"kind":"of-a-later-version"}') as RoomChange;
  await later.commit('sale', lead?.epoch ?? 0, 1, [change, called(2)]);
  await expect.poll(() => isBehind, { timeout: 3_000 }).toBe(true);
  const message = /kind "of-a-later-version".*version 2\.0\.0 of Junban called last, this is 1\.0\.0/;
  expect(String(said[0])).toMatch(message);
  await expect(store.load('sale')).rejects.toMatchObject({
    code: 'unreadable',
    message: expect.stringMatching(message),
  });
  expect(seen).toEqual([]);
});
