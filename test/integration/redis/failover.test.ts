// Failover by a real Sentinel with the tail of writes lost, and a slot of a real Cluster moved in full use.

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { RoomChange } from '../../../src/queue/room-change.ts';
import type { RedisSettings } from '../../../src/store/redis/redis-settings.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { isStoreError, StoreError } from '../../../src/store/store-error.ts';
import { RedisCluster } from '../../support/redis-cluster.ts';
import { RedisProcess } from '../../support/redis-process.ts';
import { RedisRig } from '../../support/redis-rig.ts';
import { called, followed } from '../../support/store-changes.ts';

const room = 'sale';
const rig = new RedisRig();
afterEach(() => rig.end());

async function leadOf(store: RedisStore): Promise<number> {
  let epoch = 0;
  const tryLead = async () => {
    epoch = (await store.lead(room, 'gateway').catch(() => null))?.epoch ?? 0;
    return epoch;
  };
  await expect.poll(tryLead, { timeout: 40_000, interval: 50 }).toBeGreaterThan(0);
  return epoch;
}

/** As a gateway does: what the store could not answer is asked again. Word of a failover may cut a good connection. */
async function firmly<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (const untilMs = performance.now() + 20_000; ; await delay(50)) {
    try {
      return await ask();
    } catch (error) {
      if (!isStoreError(error, 'unavailable') || performance.now() > untilMs) throw error;
    }
  }
}

/** Commits one change under a lead, and looks whether it happened before it does so again. */
async function commitFirmly(store: RedisStore, version: number): Promise<void> {
  await firmly(async () => {
    const epoch = (await store.lead(room, 'gateway'))?.epoch ?? 0;
    if ((await store.load(room)).changes.length > version) return;
    const outcome = await store.commit(room, epoch, version, [called(version + 1)]);
    if (outcome.kind === 'fenced') throw new StoreError('unavailable', 'fenced');
  });
}

test('[ST49] failover by Sentinel with the tail of writes lost: no number twice, no change lost', async () => {
  const master = await rig.server();
  const replica = await rig.server({ replicaof: `127.0.0.1 ${master.port}` });
  const replication = async () => String(await master.command('INFO', 'replication'));
  await expect.poll(replication, { timeout: 10_000 }).toMatch(/state=online/);
  const sentinel = await RedisProcess.startSentinel('junban', master.port);
  rig.onEnd(() => sentinel.remove());
  const sentinels = [{ host: '127.0.0.1', port: sentinel.port }];
  const settings: RedisSettings = {
    ...master.settings,
    servers: { kind: 'sentinel', name: 'junban', sentinels, username: null, password: null },
  };
  const replicasKnown = async () => String(await sentinel.command('SENTINEL', 'REPLICAS', 'junban'));
  await expect.poll(replicasKnown, { timeout: 15_000 }).toContain(String(replica.port));
  const [store, other] = [await rig.store(settings), await rig.store(settings)];
  const epoch = await leadOf(store);
  const mine = followed(store, room, 0, 4);
  const theirs = followed(other, room, 0, 4);
  await store.commit(room, epoch, 0, [called(1)]);
  expect(await store.takeNumbers(room, 100)).toBe(0);
  await master.replicatedTo(replica);

  replica.freeze();
  await master.command('CLIENT', 'KILL', 'TYPE', 'replica');
  await store.commit(room, epoch, 1, [called(2), called(3)]);
  const tail = [await store.takeNumbers(room, 50), await other.takeNumbers(room, 60)];
  await master.kill();
  replica.thaw();

  const again = await leadOf(store);
  expect(again).toBeGreaterThan(epoch);
  expect((await firmly(() => store.load(room))).changes).toEqual([called(1), called(2), called(3)]);
  await commitFirmly(store, 3);
  await Promise.all([mine.all, theirs.all]);
  for (const { seen } of [mine, theirs]) expect(seen).toEqual([1, 2, 3, 4].map(called));
  // The gateway whose numbers were lower asks first.
  expect(await firmly(async () => store.takeNumbers(room, 1))).toBeGreaterThan((tail[1] ?? 0) + 59);
}, 90_000);

/** Two gateways behind proxies; the tail of one is lost to a replica that becomes the master, which the other reaches first. */
async function losesTail() {
  const master = await rig.server();
  const replica = await rig.server({ replicaof: `127.0.0.1 ${master.port}` });
  await expect.poll(async () => String(await master.command('INFO', 'replication'))).toMatch(/state=online/);
  const proxies = [await rig.proxy(master.port), await rig.proxy(master.port)] as const;
  const [knowing, other] = [await rig.store(proxies[0].port), await rig.store(proxies[1].port)];
  const epoch = await leadOf(knowing);
  const here = { order: 0, bytes: Uint8Array.of(1) };
  for (const store of [knowing, other]) {
    // As a gateway does that is told that it must load again.
    const ignore = () => undefined;
    store.follow(room, 0, ignore, ignore);
    await store.exchange.sayPresent(room, here, 60_000);
  }
  await knowing.commit(room, epoch, 0, [called(1)]);
  await expect.poll(async () => (await other.load(room)).changes.length).toBe(1);
  await master.replicatedTo(replica);
  await replica.command('REPLICAOF', 'NO', 'ONE');
  proxies[1].hold();
  await knowing.commit(room, epoch, 1, [called(2), called(3)]);
  await master.kill();
  proxies[1].leadTo(replica.port);
  proxies[1].release();
  return { knowing, other, replica, proxies, epoch };
}

// Whoever came first to the new master went on without the tail, and who had been let in in it was thrown back to the line.
test('[ST194] after a failover nobody calls before the gateway that knows the lost tail has put it back', async () => {
  const { knowing, other, replica, proxies, epoch } = await losesTail();
  await expect.poll(() => other.trouble(), { timeout: 5_000 }).toBeNull();
  for (const untilMs = performance.now() + 1_500; performance.now() < untilMs; await delay(50)) {
    expect(await other.lead(room, 'other').catch(() => null)).toBeNull();
  }
  const fresh = await rig.store(replica.port);
  expect(await fresh.lead(room, 'fresh')).toBeNull();
  proxies[0].leadTo(replica.port);
  const lead = await expect
    .poll(() => knowing.lead(room, 'knowing').catch(() => null), { timeout: 5_000 })
    .not.toBeNull()
    .then(() => knowing.lead(room, 'knowing'));
  expect(lead?.epoch).toBeGreaterThan(epoch);
  for (const store of [other, fresh]) {
    expect((await store.load(room)).changes).toEqual([called(1), called(2), called(3)]);
  }
  expect(rig.givenUp).toEqual([]);
});

test('[ST194] a gateway that stays away is waited for for 4 s; what it alone knew is then said to be lost', async () => {
  const { knowing, other, replica, proxies } = await losesTail();
  const startedAtMs = performance.now();
  const epoch = await leadOf(other);
  expect(performance.now() - startedAtMs).toBeGreaterThan(3_500);
  expect(performance.now() - startedAtMs).toBeLessThan(6_000);
  expect((await other.load(room)).changes).toEqual([called(1)]);
  expect(await other.commit(room, epoch, 1, [called(7)])).toEqual({ kind: 'committed' });
  proxies[0].leadTo(replica.port);
  await expect.poll(() => rig.givenUp, { timeout: 5_000 }).toEqual([{ room, changes: 2 }]);
  expect((await firmly(() => knowing.load(room))).changes).toEqual([called(1), called(7)]);
});

// An epoch was given to two: the failover had lost the lead of the first, and the second had never heard of it.
test('[ST60] an epoch that a failover gives a second time is no right to commit for whom it had been given before', async () => {
  const server = await rig.server();
  const [first, second] = [await rig.store(server.port), await rig.store(server.port)];
  const lost = await leadOf(first);
  await server.command('DEL', `junban:{${room}}:head`);
  expect(await leadOf(second)).toBe(lost);
  expect(await first.commit(room, lost, 0, [called(1)])).toEqual({ kind: 'fenced' });
  expect(await second.commit(room, lost, 0, [called(2)])).toEqual({ kind: 'committed' });
  expect((await first.load(room)).changes).toEqual([called(2)]);
});

/** Numbers at one gateway, changes at the other, all the time. */
function useFully(store: RedisStore, other: RedisStore) {
  let seen: RoomChange[] = [];
  // What was heard and never answered may give way to something else; then a gateway loads again, and goes on from there.
  const followFrom = (version: number): void => {
    other.follow(
      room,
      version,
      changes => seen.push(...changes),
      () => void loadAgain(),
    );
  };
  const loadAgain = async () => {
    const { changes } = await firmly(() => other.load(room));
    seen = [...changes];
    followFrom(seen.length);
  };
  followFrom(0);
  const taken: number[] = [];
  const committed: number[] = [];
  let isUsed = true;
  const takeAll = async () => {
    // A refusal comes at once: others get their turn before it is asked again.
    for (; isUsed; await delay(2)) {
      await (async () => other.takeNumbers(room, 1))().then(number => taken.push(number), expectUnavailable);
    }
  };
  const commitAll = async () => {
    let epoch = await leadOf(store);
    // As every caller does: whoever loaded the room knows what it commits, and puts it back.
    let version = (await firmly(() => store.load(room))).changes.length;
    while (isUsed) {
      const outcome = await store.commit(room, epoch, version, [called(version)]).catch(expectUnavailable);
      if (outcome?.kind === 'committed') committed.push(version);
      else epoch = await leadOf(store);
      version = outcome?.kind === 'committed' ? version + 1 : (await firmly(() => store.load(room))).changes.length;
    }
  };
  const work = [takeAll(), commitAll()];
  return {
    committed,
    /** Ends the use and looks at what there is. */
    async expectWhole(): Promise<void> {
      isUsed = false;
      await Promise.all(work);
      expect(new Set(taken).size).toBe(taken.length);
      const { changes } = await firmly(() => store.load(room));
      expect(changes.length).toBeGreaterThanOrEqual(committed.length);
      expect(changes).toEqual(changes.map((_, version) => called(version)));
      await expect.poll(() => seen.length, { timeout: 5_000 }).toBe(changes.length);
      expect(seen).toEqual(changes);
    },
  };
}

test('[ST49] a slot of a Cluster is moved in full use: no number twice, no change lost or doubled', async () => {
  const cluster = await RedisCluster.start();
  rig.onEnd(() => cluster.remove());
  const [store, other] = [await rig.store(cluster.settings), await rig.store(cluster.settings)];
  const use = useFully(store, other);
  const before = await cluster.ownerOf(`junban:{${room}}:head`);
  await expect.poll(() => use.committed.length).toBeGreaterThan(20);
  await cluster.moveSlotOf(`junban:{${room}}:head`);
  const countAfterMove = use.committed.length;
  await expect.poll(() => use.committed.length, { timeout: 10_000 }).toBeGreaterThan(countAfterMove + 20);
  expect(await cluster.ownerOf(`junban:{${room}}:head`)).not.toBe(before);
  await use.expectWhole();
}, 60_000);

test('[ST197] a node of a Cluster dies in full use and its replica is promoted: no number twice, no change lost or doubled', async () => {
  const cluster = await RedisCluster.start();
  rig.onEnd(() => cluster.remove());
  const head = `junban:{${room}}:head`;
  const owner = await cluster.ownerOf(head);
  const replica = await cluster.addReplica(owner);
  const [store, other] = [await rig.store(cluster.settings), await rig.store(cluster.settings)];
  const use = useFully(store, other);
  await expect.poll(() => use.committed.length, { timeout: 10_000 }).toBeGreaterThan(20);
  // What the master answers from here on is lost with it.
  replica.freeze();
  await owner.command('CLIENT', 'KILL', 'TYPE', 'replica');
  const countAtFreeze = use.committed.length;
  await expect.poll(() => use.committed.length, { timeout: 10_000 }).toBeGreaterThan(countAtFreeze + 20);
  await owner.kill();
  replica.thaw();
  const countAtKill = use.committed.length;
  await expect.poll(() => use.committed.length, { timeout: 30_000 }).toBeGreaterThan(countAtKill + 20);
  await use.expectWhole();
}, 60_000);

function expectUnavailable(error: unknown): undefined {
  expect(isStoreError(error, 'unavailable')).toBe(true);
}
