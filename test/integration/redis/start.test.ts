// What a gateway says at its start to a Redis that cannot be used, and the permissions with which it can.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkServer } from '../../../src/store/redis/check-server.ts';
import type { RedisSettings } from '../../../src/store/redis/redis-settings.ts';
import { freePort } from '../../support/free-port.ts';
import { singleSettings } from '../../support/redis-process.ts';
import { RedisRig } from '../../support/redis-rig.ts';
import { called, followed } from '../../support/store-changes.ts';

const rig = new RedisRig();
afterEach(() => rig.end());

const acl = readFileSync(new URL('../../../deploy/redis/users.acl', import.meta.url), 'utf8');

async function serverWithAcl(text: string): Promise<RedisSettings> {
  const folder = mkdtempSync(join(tmpdir(), 'junban-acl-'));
  rig.onEnd(async () => rmSync(folder, { recursive: true }));
  const aclfile = join(folder, 'users.acl');
  writeFileSync(aclfile, text);
  const server = await rig.server({ aclfile });
  return { ...server.settings, username: 'junban', password: 'change-this-password' };
}

const refusal = (settings: RedisSettings) =>
  rig.store(settings).then(
    () => 'it started',
    (error: Error) => error.message,
  );

test('[ST47] the permissions of deploy/redis/users.acl are enough for everything', async () => {
  const settings = await serverWithAcl(acl);
  const [store, other] = [await rig.store(settings), await rig.store(settings)];
  const lead = await store.lead('sale', 'me');
  const { all } = followed(other, 'sale', 0, 2);
  await store.commit('sale', lead?.epoch ?? 0, 0, [called(1)]);
  await store.compact('sale', lead?.epoch ?? 0, 1, Uint8Array.of(1));
  await store.commit('sale', lead?.epoch ?? 0, 1, [called(2)]);
  expect(await all).toEqual([called(1), called(2)]);
  expect(await store.takeNumbers('sale', 3)).toBe(0);
  expect(await store.keyRing(async () => 'keys')).toBe('keys');
  expect(await store.replaceKeyRing('keys', 'others')).toBe(true);
  store.exchange.answerAsked('sale', async () => ({ kind: 'done' }));
  const request = { kind: 'leave', place: 1 } as const;
  expect(await other.exchange.ask('sale', request)).toEqual({ kind: 'done' });
  expect(store.trouble()).toBeNull();
});

/** Of the gateways' own user; the others are for servers. */
const [gatewayLine = ''] = acl.split('\n').filter(line => line.startsWith('user junban '));
const granted = gatewayLine
  .split(/\s+/)
  .filter(word => word.startsWith('+') && !/ping|select|cluster|unsub/.test(word));

test.each(granted)(
  '[ST47] without %s the start says who may not do what, and where the permissions are',
  async word => {
    const settings = await serverWithAcl(acl.replace(`${word} `, ''));
    expect(await refusal(settings)).toMatch(
      new RegExp(`denies user "junban" what Junban needs: deploy/redis/users.acl.*${word.slice(1)}`, 'i'),
    );
  },
);

test('[ST47] without +eval the start says so also where every script is known already', async () => {
  const server = await rig.server();
  await rig.store(server.settings);
  const words = gatewayLine.split(/\s+/).slice(1);
  await server.command('ACL', 'SETUSER', ...words.filter(word => word !== '+eval'));
  const password = words.find(word => word.startsWith('>'))?.slice(1) ?? '';
  expect(await refusal({ ...server.settings, username: 'junban', password })).toMatch(/denies user "junban".*'eval'/);
});

test('[ST47] the keys and channels of others are out of reach', async () => {
  const settings = await serverWithAcl(acl);
  expect(await refusal({ ...settings, keyPrefix: 'others' })).toMatch(/denies user "junban"/);
});

test('[ST48] a wrong password', async () => {
  const settings = await serverWithAcl(acl);
  expect(await refusal({ ...settings, password: 'wrong' })).toMatch(/refuses the password of user "junban"/);
});

test('[ST48] a missing password', async () => {
  const server = await rig.server({ requirepass: 'secret' });
  expect(await refusal(server.settings)).toMatch(/wants a password and none is configured/);
});

test('[ST48] nobody there', async () => {
  const port = await freePort();
  expect(await refusal(singleSettings(port))).toMatch(
    new RegExp(`Redis at 127.0.0.1:${port} is not reached: .*ECONNREFUSED`),
  );
});

test('[ST48] a read-only replica', async () => {
  const master = await rig.server();
  const replica = await rig.server({ replicaof: `127.0.0.1 ${master.port}` });
  expect(await refusal(replica.settings)).toMatch(
    new RegExp(`read-only replica: name its master \\(127.0.0.1:${master.port}\\)`),
  );
});

test('[ST48] a server that evicts', async () => {
  const server = await rig.server({ 'maxmemory-policy': 'allkeys-lru' });
  expect(await refusal(server.settings)).toMatch(/maxmemory-policy is "allkeys-lru".*set it to "noeviction"/);
});

test('[ST48] a node of a Cluster named as a single server, a single server named as a Cluster, a Cluster without slots', async () => {
  const node = await rig.server({ 'cluster-enabled': 'yes' });
  expect(await refusal(node.settings)).toMatch(/part of a Cluster: use the cluster form of store/);
  const cluster = (port: number): RedisSettings => ({
    ...node.settings,
    servers: { kind: 'cluster', nodes: [{ host: '127.0.0.1', port }] },
  });
  expect(await refusal(cluster(node.port))).toMatch(/serves 0 of 16384 slots/);
  const single = await rig.server();
  expect(await refusal(cluster(single.port))).toMatch(/no Cluster: use the url form of store/);
});

test('[ST48] a Redis too old, and a Valkey that is not', () => {
  const info = (lines: string) => `${lines}\r\nrole:master\r\nmaxmemory_policy:noeviction\r\ncluster_enabled:0\r\n`;
  const settings = singleSettings(1);
  expect(checkServer(info('redis_version:6.2.14'), null, settings).refusal).toMatch(
    /version 6.2.14: Redis 7 or Valkey 7/,
  );
  expect(checkServer(info('redis_version:7.2.4\r\nvalkey_version:8.1.0'), null, settings).refusal).toBeNull();
});

test('[ST48] a server without a persistent log is used, and the operator is told', async () => {
  const server = await rig.server({ appendonly: 'no' });
  const store = await rig.store(server.port);
  expect(store.warnings).toEqual([expect.stringMatching(/appendonly is off/)]);
});

test('[ST48] deploy/redis/redis.conf is read by Redis, and the gateway has nothing to say against it', async () => {
  const conf = readFileSync(new URL('../../../deploy/redis/redis.conf', import.meta.url), 'utf8');
  const words = conf.split('\n').filter(line => /^[a-z]/.test(line) && !/^(?:bind|port|aclfile) /.test(line));
  const options = Object.fromEntries(
    words.map(line => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ').replace('""', '')]),
  );
  const server = await rig.server(options);
  const store = await rig.store(server.port);
  expect(store.warnings).toEqual([]);
  expect(store.trouble()).toBeNull();
});
