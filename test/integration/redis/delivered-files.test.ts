// The files of deploy/redis as they are delivered: a master, a replica and two sentinels on them, and a failover.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { RedisSettings } from '../../../src/store/redis/redis-settings.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { type RedisOptionsGiven, RedisProcess } from '../../support/redis-process.ts';
import { RedisRig } from '../../support/redis-rig.ts';

const rig = new RedisRig();
afterEach(() => rig.end());

const delivered = (name: string) =>
  readFileSync(new URL(`../../../deploy/redis/${name}`, import.meta.url), 'utf8').split('\n');

/** What may do everything, so that the test can look: it is not delivered. */
const watcher = { username: 'watcher', password: 'watching' };
const watcherLine = 'user watcher on >watching ~* &* +@all';

/** redis.conf with the lines for replicas uncommented, as its comment says. */
function optionsOf(aclfile: string): RedisOptionsGiven {
  const lines = delivered('redis.conf').map(line => line.replace(/^# (min-replicas)/, '$1'));
  const words = lines.filter(line => /^[a-z]/.test(line) && !/^(?:bind|port|aclfile) /.test(line));
  const options = words.map(line => {
    const [word = '', ...values] = line.split(' ');
    return [word, values.join(' ').replace('""', '')] as const;
  });
  return { ...Object.fromEntries(options), aclfile };
}

async function server(more: RedisOptionsGiven = {}): Promise<RedisProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'junban-acl-'));
  rig.onEnd(async () => rmSync(folder, { recursive: true }));
  const aclfile = join(folder, 'users.acl');
  writeFileSync(aclfile, [...delivered('users.acl').filter(line => line !== ''), watcherLine, ''].join('\n'));
  const started = await rig.server({ ...optionsOf(aclfile), ...more });
  started.credentials = watcher;
  return started;
}

async function sentinel(masterPort: number): Promise<RedisProcess> {
  const lines = delivered('sentinel.conf')
    .filter(line => !/^(?:bind|port) /.test(line))
    .map(line => line.replace('127.0.0.1 6379 2', `127.0.0.1 ${masterPort} 2`));
  const started = await RedisProcess.startSentinelWith(['bind 127.0.0.1', ...lines, watcherLine], watcher);
  rig.onEnd(() => started.remove());
  return started;
}

const role = async (of: RedisProcess) => String(await of.command('INFO', 'replication'));
const takes = async (store: RedisStore) => {
  try {
    return await store.takeNumbers('sale', 1);
  } catch {
    // The failover is still under way.
    return -1;
  }
};

test('[ST195] deploy/redis carries a master with a replica and sentinels through a failover, and denies nobody anything', async () => {
  const master = await server();
  const replica = await server({ replicaof: `127.0.0.1 ${master.port}` });
  await expect.poll(() => role(master), { timeout: 10_000 }).toMatch(/min_slaves_good_slaves:1/);
  const sentinels = [await sentinel(master.port), await sentinel(master.port)];
  const settings: RedisSettings = {
    ...master.settings,
    servers: {
      kind: 'sentinel',
      name: 'junban',
      sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
      username: 'junban',
      password: 'change-this-password',
    },
    username: 'junban',
    password: 'change-this-password',
  };
  const store = await rig.store(settings);
  expect(await store.takeNumbers('sale', 1)).toBe(0);
  const known = async () => String(await sentinels[0]?.command('SENTINEL', 'MASTER', 'junban'));
  await expect.poll(known, { timeout: 15_000 }).toMatch(/num-slaves,1.*num-other-sentinels,1/);
  await sentinels[0]?.command('SENTINEL', 'FAILOVER', 'junban');
  await expect.poll(() => role(replica), { timeout: 15_000 }).toMatch(/role:master/);
  // The old master asks the new one with the same user, and then the new one takes writes again.
  await expect.poll(() => role(replica), { timeout: 20_000 }).toMatch(/min_slaves_good_slaves:1/);
  await expect.poll(() => takes(store), { timeout: 10_000 }).toBeGreaterThan(0);
  expect(store.trouble()).toBeNull();
  for (const each of [master, replica, ...sentinels]) expect(await each.command('ACL', 'LOG')).toEqual([]);
}, 60_000);
