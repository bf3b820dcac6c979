// A server that changes what it is while gateways use it, and what is said of it.

import { afterEach, expect, test } from 'vitest';
import { RedisRig } from '../../support/redis-rig.ts';
import { called, followed } from '../../support/store-changes.ts';

const rig = new RedisRig();
afterEach(() => rig.end());

test('[ST120] a master that is made a replica and a master again is used again by itself', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  await server.command('REPLICAOF', '127.0.0.1', '1');
  await expect.poll(() => store.trouble(), { timeout: 5_000 }).toMatch(/read-only replica/);
  await server.command('REPLICAOF', 'NO', 'ONE');
  await expect.poll(() => store.trouble(), { timeout: 3_000 }).toBeNull();
  expect(await store.takeNumbers('sale', 1)).toBe(0);
});

test('[ST120] a policy that evicts is found while running, and its mending too', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  await expect.poll(() => store.trouble(), { timeout: 18_000 }).toMatch(/maxmemory-policy is "allkeys-lru"/);
  await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  await expect.poll(() => store.trouble(), { timeout: 3_000 }).toBeNull();
  expect(await store.takeNumbers('sale', 1)).toBe(0);
}, 30_000);

test('[ST121] what is refused to one command stays one trouble while others are allowed', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  await server.command('ACL', 'SETUSER', 'default', '-publish');
  store.exchange.ask('sale', { kind: 'leave', place: 1 }).catch(() => undefined);
  await expect.poll(() => store.trouble()).toMatch(/denies user "default".*users\.acl/);
  const seen = new Set<string | null>();
  const untilMs = performance.now() + 2_500;
  await expect.poll(() => seen.add(store.trouble()) && performance.now() > untilMs, { timeout: 4_000 }).toBe(true);
  expect(seen.size).toBe(1);
  await server.command('ACL', 'SETUSER', 'default', '+publish');
  await expect.poll(() => store.trouble(), { timeout: 3_000 }).toBeNull();
});

test('[ST122] a database that the server does not have is refused at the start', async () => {
  const server = await rig.server();
  const start = rig.store({ ...server.settings, database: 99 });
  await expect(start).rejects.toThrow(/has no database 99.*"databases"/);
});

test('[ST124] a commit that cannot be told is a commit', async () => {
  const server = await rig.server();
  const [store, other] = [await rig.store(server.port), await rig.store(server.port)];
  const lead = await store.lead('sale', 'me');
  const { all } = followed(other, 'sale', 0, 1);
  await server.command('ACL', 'SETUSER', 'default', '-publish');
  expect(await store.commit('sale', lead?.epoch ?? 0, 0, [called(1)])).toEqual({ kind: 'committed' });
  expect(await all).toEqual([called(1)]);
});
