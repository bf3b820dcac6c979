// Servers whose clocks differ: the one that takes over goes on with the time of the one before.

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Lead } from '../../../src/store/queue-store.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import type { RedisProcess } from '../../support/redis-process.ts';
import { RedisRig } from '../../support/redis-rig.ts';
import { called } from '../../support/store-changes.ts';

const room = 'sale';
/** Two readings of one clock, on a busy machine. */
const sameMs = 400;
const rig = new RedisRig();
afterEach(() => rig.end());

async function leadOf(store: RedisStore, holder: string): Promise<Lead> {
  let lead: Lead | null = null;
  const tryLead = async () => {
    lead = await store.lead(room, holder).catch(() => null);
    return lead;
  };
  await expect.poll(tryLead, { timeout: 10_000, interval: 20 }).not.toBeNull();
  return lead ?? (await tryLead()) ?? fail();
}

/**
 * As if the clock of the server stood elsewhere: what stands in Redis is how its clock and the common one differ. The
 * server itself cannot be given another clock here, its allocator and libfaketime do not go together.
 */
async function shiftClock(server: RedisProcess, shiftMs: number): Promise<void> {
  for (const key of ['junban:clock', `junban:{${room}}:head`]) {
    await server.command('HINCRBY', key, 'skewMs', String(shiftMs));
  }
}

/** What the clock says less what a clock that runs on would say. */
function apartFrom(startMs: number, startedAtMs: number): (nowMs: number) => number {
  return nowMs => Math.abs(nowMs - startMs - (performance.now() - startedAtMs));
}

// The clock of gateways and the leases of presence went by the new server's clock, the lease of the caller did not.
test('[ST162] a replica that is promoted with a clock 10 s behind, or ahead, goes on with the time of its master', async () => {
  await Promise.all([-10_000, 10_000].map(takeOverWithClockShifted));
}, 60_000);

async function takeOverWithClockShifted(shiftMs: number): Promise<void> {
  const master = await rig.server();
  const replica = await rig.server({ replicaof: `127.0.0.1 ${master.port}` });
  await expect.poll(() => master.command('INFO', 'replication').then(String)).toMatch(/state=online/);
  const proxy = await rig.proxy(master.port);
  const [store, other, gone] = [await rig.store(proxy.port), await rig.store(proxy.port), await rig.store(master.port)];
  const before = await leadOf(store, 'gateway');
  const apart = apartFrom(before.nowMs, performance.now());
  await store.load(room);
  await store.commit(room, before.epoch, 0, [called(1)]);
  const here = { order: 0, bytes: Uint8Array.of(5) };
  await gone.exchange.sayPresent(room, here, 5_000);
  const saidAtMs = performance.now();
  await master.replicatedTo(replica);

  await master.kill();
  await replica.command('REPLICAOF', 'NO', 'ONE');
  await shiftClock(replica, shiftMs);
  proxy.leadTo(replica.port);
  for (const each of [store, other]) {
    await expect.poll(() => each.trouble(), { timeout: 8_000, interval: 20 }).toBeNull();
  }
  // The clock of each gateway is asked again by now.
  await delay(100);
  for (const each of [store, other]) expect(apart(each.nowMs())).toBeLessThan(sameMs);
  const after = await leadOf(store, 'gateway');
  expect(apart(after.nowMs)).toBeLessThan(sameMs);
  expect(after.nowMs).toBeGreaterThan(before.nowMs);
  const late = await rig.store(replica.port);
  expect(apart(late.nowMs())).toBeLessThan(sameMs);
  // What the gateway that is gone said holds for as long as it should.
  const present = async () => (await store.exchange.collectPresent(room)).said;
  await expect.poll(present, { timeout: 15_000, interval: 50 }).toEqual([]);
  expect(performance.now() - saidAtMs).toBeGreaterThan(5_000 - sameMs);
  expect(performance.now() - saidAtMs).toBeLessThan(8_000);
}

test('[ST162] what two servers are apart melts away, a hundredth of the time that passes', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  const aheadMs = 20;
  const clock = 'junban:clock';
  const heardAtMs = store.nowMs() - 3_600_000;
  const [runId = ''] = /run_id:\w+/.exec(String(await server.command('INFO', 'server'))) ?? [];
  const stored = ['heardAtMs', String(heardAtMs), 'skewMs', String(aheadMs), 'run', runId.slice('run_id:'.length)];
  await server.command('HSET', clock, ...stored, 'runAtMs', String(heardAtMs));
  const late = await rig.store(server.port);
  expect(await server.command('HGET', clock, 'skewMs')).toBe('0');
  expect(Math.abs(late.nowMs() - Date.now())).toBeLessThan(sameMs);
});

test('[ST162] a gateway that takes the time for another does not move the clock of a server that others know', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  const before = await leadOf(store, 'gateway');
  const apart = apartFrom(before.nowMs, performance.now());
  await server.command('HSET', 'junban:clock', 'runAtMs', String(before.nowMs - 60_000));
  const { text } = (await import('../../../src/store/redis/scripts.ts')).scripts.readTime;
  const wrong = String(before.nowMs + 30_000);
  const said = Number(await server.command('EVAL', text, '1', 'junban:clock', wrong, ''));
  expect(apart(said)).toBeLessThan(sameMs);
});

function fail(): never {
  throw new Error('nobody has the lead');
}
