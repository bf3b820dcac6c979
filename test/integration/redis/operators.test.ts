// Operators' documents that several gateways look at often: read seldom, and never long behind.

import { afterEach, expect, test } from 'vitest';
import type { RedisProcess } from '../../support/redis-process.ts';
import { RedisRig } from '../../support/redis-rig.ts';

const rig = new RedisRig();
afterEach(() => rig.end());

async function scriptsRun(server: RedisProcess): Promise<number> {
  const stats = String(await server.command('INFO', 'commandstats'));
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

test('[ST141] a document that nobody changed is read once, and one that another gateway changed at once', async () => {
  const server = await rig.server();
  const [one, two] = [await rig.store(server.port), await rig.store(server.port)];
  // Until it listens a gateway reads each time.
  const readsOnce = async () => {
    const before = await scriptsRun(server);
    for (let times = 0; times < 20; times += 1) await two.operators.readDocument('rooms');
    return (await scriptsRun(server)) - before;
  };
  await expect.poll(readsOnce).toBeLessThanOrEqual(2);
  expect(await one.operators.replaceDocument('rooms', null, 'first')).toBe(true);
  await expect.poll(() => two.operators.readDocument('rooms'), { timeout: 500 }).toBe('first');
  expect(await two.operators.replaceDocument('rooms', 'first', 'second')).toBe(true);
  expect(await two.operators.readDocument('rooms')).toBe('second');
  await expect.poll(() => one.operators.readDocument('rooms'), { timeout: 500 }).toBe('second');
});

test('[ST141] a gateway that could not be told of a change reads it when it listens again', async () => {
  const server = await rig.server();
  const proxy = await rig.proxy(server.port);
  const [one, two] = [await rig.store(server.port), await rig.store(proxy.port)];
  expect(await two.operators.readDocument('rooms')).toBeNull();
  proxy.cut();
  expect(await one.operators.replaceDocument('rooms', null, 'first')).toBe(true);
  const read = () => two.operators.readDocument('rooms').catch(() => 'out of reach');
  await expect.poll(read, { timeout: 2_000 }).toBe('first');
});
