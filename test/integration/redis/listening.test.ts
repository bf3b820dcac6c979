// Gateways that do not hear each other though commands go on: a permission, or a connection on which nothing comes any
// more, on one server and on a Cluster.

import { afterEach, expect, test } from 'vitest';
import type { RedisSettings } from '../../../src/store/redis/redis-settings.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { RedisCluster } from '../../support/redis-cluster.ts';
import { RedisRig } from '../../support/redis-rig.ts';
import { called, followed } from '../../support/store-changes.ts';
import type { TcpProxy } from '../../support/tcp-proxy.ts';

const rig = new RedisRig();
afterEach(() => rig.end());

const request = { kind: 'leave', place: 1 } as const;
const answers = (store: RedisStore) => store.exchange.answerAsked('sale', async () => ({ kind: 'done' }));
const asks = (store: RedisStore) => store.exchange.ask('sale', request).catch((error: Error) => error.message);

test('[ST190] a subscription that is refused while gateways run is trouble with its remedy, and nobody calls', async () => {
  const server = await rig.server();
  const [caller, other] = [await rig.store(server.port), await rig.store(server.port)];
  answers(caller);
  expect(await asks(other)).toEqual({ kind: 'done' });
  await server.command('ACL', 'SETUSER', 'default', '-subscribe');
  await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  for (const store of [caller, other]) {
    await expect
      .poll(() => store.trouble(), { timeout: 5_000 })
      .toMatch(/not heard: Redis denies user "default" what Junban needs: deploy\/redis\/users\.acl/);
    await expect(store.lead('sale', 'me')).rejects.toThrow(/not heard/);
  }
  expect(await asks(other)).toMatch(/not heard/);
  await server.command('ACL', 'SETUSER', 'default', '+subscribe');
  for (const store of [caller, other]) await expect.poll(() => store.trouble(), { timeout: 2_000 }).toBeNull();
  expect(await asks(other)).toEqual({ kind: 'done' });
});

/** The listening connection of the caller is held; claims of others, and changes, arrive again within 5 s. */
async function holdsListening(proxies: readonly TcpProxy[], settings: RedisSettings): Promise<void> {
  const [caller, other] = [await rig.store(settings), await rig.store(settings)];
  answers(caller);
  const lead = await other.lead('sale', 'me');
  const { all } = followed(caller, 'sale', 0, 1);
  followed(other, 'sale', 0, 1);
  await expect.poll(() => asks(other)).toEqual({ kind: 'done' });
  const heldAtMs = performance.now();
  // The channel on which the caller is asked.
  expect(proxies.reduce((held, proxy) => held + proxy.holdThose('subscribe', '{sale}:asked'), 0)).toBe(1);
  await other.commit('sale', lead?.epoch ?? 0, 0, [called(1)]);
  const asked = asks(other);
  expect(await all).toEqual([called(1)]);
  await expect.poll(() => other.exchange.ask('sale', request).catch(() => null), { timeout: 6_000 }).not.toBeNull();
  expect(performance.now() - heldAtMs).toBeLessThan(5_200);
  expect(await asked).toEqual({ kind: 'done' });
  expect([caller.trouble(), other.trouble()]).toEqual([null, null]);
}

test('[ST191] a listening connection that is half-open is replaced within 5 s', async () => {
  const server = await rig.server();
  const proxy = await rig.proxy(server.port);
  await holdsListening([proxy], { ...server.settings, servers: { kind: 'single', server: at(proxy) } });
});

test('[ST191] on a Cluster too', async () => {
  const cluster = await RedisCluster.start();
  rig.onEnd(() => cluster.remove());
  const proxies: TcpProxy[] = [];
  for (const node of cluster.nodes) {
    const proxy = await rig.proxy(node.port);
    proxies.push(proxy);
    await node.command('CONFIG', 'SET', 'cluster-announce-port', String(proxy.port));
  }
  const known = async () =>
    JSON.stringify(await Promise.all(cluster.nodes.map(node => node.command('CLUSTER', 'SLOTS'))));
  await expect
    .poll(async () => {
      const slots = await known();
      return cluster.nodes.some(({ port }) => slots.includes(`,${port},`));
    })
    .toBe(false);
  await holdsListening(proxies, { ...cluster.settings, servers: { kind: 'cluster', nodes: proxies.map(at) } });
});

const at = ({ port }: TcpProxy) => ({ host: '127.0.0.1', port });
