// What happens when Redis, or the way to it, fails under one or two gateways: the declared answers, on real servers.

import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { skipAfterLoss } from '../../../src/store/redis/number-queue.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { isStoreError } from '../../../src/store/store-error.ts';
import { RedisRig } from '../../support/redis-rig.ts';
import { called, followed } from '../../support/store-changes.ts';

const room = 'sale';
const rig = new RedisRig();
afterEach(() => rig.end());

const isUnavailable = (error: unknown) => isStoreError(error, 'unavailable');

async function leadOf(store: RedisStore, holder = 'gateway'): Promise<number> {
  return await expect
    .poll(() => store.lead(room, holder).catch(() => null), { timeout: 5_000 })
    .not.toBeNull()
    .then(async () => (await store.lead(room, holder))?.epoch ?? 0);
}

const works = (store: RedisStore) => expect.poll(() => store.trouble(), { timeout: 8_000, interval: 20 }).toBeNull();

test('[ST40] Redis killed and restarted with its AOF: no number twice, no change lost, and it goes on by itself', async () => {
  const server = await rig.server();
  const stores = [await rig.store(server.port), await rig.store(server.port)] as const;
  const epoch = await leadOf(stores[0]);
  const { all } = followed(stores[1], room, 0, 3);
  const early = [await stores[0].takeNumbers(room, 10), await stores[1].takeNumbers(room, 10)];
  await stores[0].commit(room, epoch, 0, [called(1), called(2)]);
  await server.kill();
  await expect.poll(() => stores[0].trouble()).toMatch(/no connection to Redis/);
  await expect(stores[0].takeNumbers(room, 1)).rejects.toSatisfy(isUnavailable);
  await expect(stores[0].commit(room, epoch, 2, [called(9)])).rejects.toSatisfy(isUnavailable);
  await server.start();
  for (const store of stores) await works(store);
  const late = [await stores[1].takeNumbers(room, 10), await stores[0].takeNumbers(room, 10)];
  expect(early).toEqual([0, 10]);
  expect(late[0]).toBeGreaterThanOrEqual(20);
  expect(late[1]).toBe((late[0] ?? 0) + 10);
  const again = await leadOf(stores[0]);
  expect((await stores[0].load(room)).changes).toEqual([called(1), called(2)]);
  expect(await stores[0].commit(room, again, 2, [called(3)])).toEqual({ kind: 'committed' });
  expect(await all).toEqual([called(1), called(2), called(3)]);
});

test('[ST41] Redis hung for 5 s: calls are refused in time, what was sent may still happen, nothing happens twice', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  const epoch = await leadOf(store);
  const { seen } = followed(store, room, 0, 1);
  const hung = server.hang(5_000);
  await expect
    .poll(() => store.commit(room, epoch, 0, [called(1)]).catch(isUnavailable), { timeout: 3_000 })
    .toBe(true);
  const startedAtMs = performance.now();
  await expect(store.takeNumbers(room, 1)).rejects.toSatisfy(isUnavailable);
  expect(performance.now() - startedAtMs).toBeLessThan(200);
  expect(store.trouble()).toMatch(/no answer|no connection/);
  await hung;
  const returnedAtMs = performance.now();
  await works(store);
  const numbers = [await store.takeNumbers(room, 5), await store.takeNumbers(room, 5)];
  expect(performance.now() - returnedAtMs).toBeLessThan(5_000);
  expect(numbers[1]).toBe((numbers[0] ?? 0) + 5);
  const again = await leadOf(store);
  const { changes } = await store.load(room);
  expect([[], [called(1)]]).toContainEqual(changes);
  expect(await store.commit(room, again, changes.length, [called(2)])).toEqual({ kind: 'committed' });
  await expect.poll(() => seen).toEqual([...changes, called(2)]);
});

test('[ST42] a connection cut in the middle of a commit: unknown, then found to have happened, once', async () => {
  const server = await rig.server();
  const proxy = await rig.proxy(server.port);
  const store = await rig.store(proxy.port);
  const epoch = await leadOf(store);
  const { all, seen } = followed(store, room, 0, 2);
  const cut = proxy.cutAfterRequest('"called"');
  await expect(store.commit(room, epoch, 0, [called(1)])).rejects.toSatisfy(isUnavailable);
  await cut;
  await works(store);
  expect(await store.commit(room, await leadOf(store), 0, [called(7)])).toEqual({ kind: 'fenced' });
  expect((await store.load(room)).changes).toEqual([called(1)]);
  expect(await store.commit(room, await leadOf(store), 1, [called(2)])).toEqual({ kind: 'committed' });
  await all;
  expect(seen).toEqual([called(1), called(2)]);
});

test('[ST42] a way that carries nothing any more is given up and another is found', async () => {
  const server = await rig.server();
  const proxy = await rig.proxy(server.port);
  const store = await rig.store(proxy.port);
  const other = await rig.store(server.port);
  const epoch = await leadOf(other);
  const { all } = followed(store, room, 0, 2);
  await other.commit(room, epoch, 0, [called(1)]);
  proxy.hold();
  await other.commit(room, epoch, 1, [called(2)]);
  await expect.poll(() => store.trouble(), { timeout: 3_000 }).not.toBeNull();
  proxy.cut();
  proxy.release();
  await works(store);
  expect(await all).toEqual([called(1), called(2)]);
});

test('[ST43] one caller at a time: a silent one is followed within 3 s, and woken it changes nothing', async () => {
  const server = await rig.server();
  const [frozen, next] = [await rig.store(server.port), await rig.store(server.port)];
  const old = await leadOf(frozen, 'frozen');
  await frozen.commit(room, old, 0, [called(1)]);
  expect(await next.lead(room, 'next')).toBeNull();
  const silentSinceMs = performance.now();
  const epoch = await leadOf(next, 'next');
  expect(performance.now() - silentSinceMs).toBeLessThan(3_000);
  expect(epoch).toBeGreaterThan(old);
  await next.load(room);
  expect(await frozen.commit(room, old, 1, [called(8)])).toEqual({ kind: 'fenced' });
  await frozen.compact(room, old, 1, Uint8Array.of(1));
  expect(await frozen.lead(room, 'frozen')).toBeNull();
  expect(await next.load(room)).toEqual({ snapshot: null, changes: [called(1)] });
});

test('[ST43] a caller that ends in order is followed at once', async () => {
  const server = await rig.server();
  const [first, next] = [await rig.store(server.port), await rig.store(server.port)];
  await leadOf(first, 'first');
  expect(await next.lead(room, 'next')).toBeNull();
  await first.close();
  await expect.poll(() => next.lead(room, 'next'), { timeout: 500, interval: 10 }).not.toBeNull();
});

test('[ST44] FLUSHALL by mistake: gateways put back history and keys, and no number is given twice', async () => {
  const server = await rig.server();
  const [store, other] = [await rig.store(server.port), await rig.store(server.port)];
  const epoch = await leadOf(store);
  const keys = await store.keyRing(async () => 'the keys');
  const mine = followed(store, room, 0, 4);
  const theirs = followed(other, room, 0, 4);
  await store.commit(room, epoch, 0, [called(1), called(2), called(3)]);
  // Whoever had not heard of them before the snapshot stands for them would have to load again.
  await expect.poll(() => [mine, theirs].map(({ seen }) => seen.length)).toEqual([3, 3]);
  await store.compact(room, epoch, 2, Uint8Array.of(7));
  expect(await store.takeNumbers(room, 100)).toBe(0);
  const last = await other.takeNumbers(room, 10);
  await server.command('FLUSHALL');
  // The gateway that knows of fewer numbers asks first.
  expect(await store.takeNumbers(room, 1)).toBeGreaterThan(last + 9);
  expect(await store.commit(room, epoch, 3, [called(9)])).toEqual({ kind: 'fenced' });
  const again = await leadOf(store);
  expect(again).toBeGreaterThan(epoch);
  // With the snapshot or without it: either gateway may have been the first to put it back.
  const withSnapshot = { snapshot: { version: 2, bytes: Uint8Array.of(7) }, changes: [called(3)] };
  const without = { snapshot: null, changes: [called(1), called(2), called(3)] };
  expect([withSnapshot, without]).toContainEqual(await store.load(room));
  expect(await store.commit(room, again, 3, [called(4)])).toEqual({ kind: 'committed' });
  await Promise.all([mine.all, theirs.all]);
  for (const { seen } of [mine, theirs]) expect(seen).toEqual([called(1), called(2), called(3), called(4)]);
  expect(rig.losses).toContain(room);
  const fresh = await rig.store(server.port);
  await expect.poll(() => fresh.keyRing(async () => 'others')).toBe(keys);
});

// A gateway that heard nothing until a snapshot stood for what it missed fell behind, and only then Redis lost everything.
test('[ST44] a gateway that fell behind a snapshot goes on from it, and puts it back alone', async () => {
  const server = await rig.server();
  const proxy = await rig.proxy(server.port);
  const [store, late] = [await rig.store(server.port), await rig.store(proxy.port)];
  const epoch = await leadOf(store);
  await late.load(room);
  proxy.hold();
  const seen: unknown[] = [];
  const behind = new Promise<void>(resolve => late.follow(room, 0, changes => seen.push(...changes), resolve));
  await store.commit(room, epoch, 0, [called(1), called(2), called(3)]);
  await store.compact(room, epoch, 2, Uint8Array.of(7));
  proxy.cut();
  proxy.release();
  await behind;
  const line = { snapshot: { version: 2, bytes: Uint8Array.of(7) }, changes: [called(3)] };
  expect(await late.load(room)).toEqual(line);
  const { all } = followed(late, room, 3, 1);
  await store.close();
  await server.command('FLUSHALL');
  const again = await leadOf(late);
  expect(await late.load(room)).toEqual(line);
  expect(await late.commit(room, again, 3, [called(4)])).toEqual({ kind: 'committed' });
  expect(await all).toEqual([called(4)]);
  expect(seen).toEqual([]);
});

test('[ST45] while Redis is away 50,000 joins are refused at once and leave nothing in memory that waits', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  await store.takeNumbers(room, 1);
  await server.kill();
  await expect.poll(() => store.trouble()).not.toBeNull();
  const startedAtMs = performance.now();
  const asked = Array.from({ length: 50_000 }, () => store.takeNumbers(room, 1));
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  // None of them waited for an answer that does not come.
  expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  await server.start();
  const returnedAtMs = performance.now();
  await works(store);
  expect(performance.now() - returnedAtMs).toBeLessThan(5_000);
  expect(await store.takeNumbers(room, 1)).toBeGreaterThan(0);
});

test('[ST46] writes that Redis refuses are told as trouble with its reason, and the end of it too', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  await server.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
  await expect.poll(() => store.trouble(), { timeout: 2_000 }).toMatch(/NOREPLICAS/);
  await expect(store.takeNumbers(room, 1)).rejects.toThrow(/NOREPLICAS/);
  await server.command('CONFIG', 'SET', 'min-replicas-to-write', '0');
  await works(store);
  expect(await store.takeNumbers(room, 1)).toBe(0);
});

test('[ST193] a FLUSHALL while the gateway that knows the line is cut off: a new one gives no number of that line again', async () => {
  const server = await rig.server();
  const proxy = await rig.proxy(server.port);
  const knowing = await rig.store(proxy.port);
  const before = await knowing.takeNumbers(room, 5);
  const ofDraw = await knowing.takeNumbers('drawn', 5, true);
  proxy.hold();
  await server.command('FLUSHALL');
  const fresh = await rig.store(server.port);
  const meanwhile = await fresh.takeNumbers(room, 5);
  const again = await fresh.takeNumbers(room, 5);
  // A draw goes over all numbers, and nobody could compute it over those that were skipped.
  const anew = await fresh.takeNumbers('drawn', 5, true);
  proxy.cut();
  proxy.release();
  let after = 0;
  await expect
    .poll(
      async () => {
        after = await knowing.takeNumbers(room, 5);
      },
      { timeout: 8_000 },
    )
    .toBeUndefined();
  expect([before, ofDraw, anew]).toEqual([0, 0, 0]);
  expect(meanwhile).toBe(16 * skipAfterLoss);
  expect(again).toBe(meanwhile + 5);
  expect(after).toBeGreaterThanOrEqual(meanwhile + 10);
});

test('[ST251] two servers that lost the same numbers go on by ways of their own', async () => {
  for (const server of [await rig.server(), await rig.server()]) {
    const run = /run_id:(\w+)/.exec(String(await server.command('INFO', 'server')))?.[1] ?? '';
    await server.command('HSET', `junban:{${room}}:numbers`, 'next', '11', 'run', 'the server before');
    const store = await rig.store(server.port);
    const way = createHash('sha1').update(run).digest().readUInt16BE() % 8;
    expect(await store.takeNumbers(room, 1)).toBe(11 + skipAfterLoss * (1 + way));
    await server.command('HSET', 'junban:{drawn}:numbers', 'next', '11', 'run', 'the server before');
    expect(await store.takeNumbers('drawn', 1, true)).toBe(11 + skipAfterLoss + (way * skipAfterLoss) / 16);
  }
});
