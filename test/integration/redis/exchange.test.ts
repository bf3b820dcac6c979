// Several gateways of one room over a real Redis: requests that find the caller, and who is present with whom.

import { afterEach, expect, test } from 'vitest';
import type { RoomAnswer, RoomRequest } from '../../../src/queue/answer-request.ts';
import { isStoreError, StoreError } from '../../../src/store/store-error.ts';
import { RedisRig } from '../../support/redis-rig.ts';

const room = 'sale';
const rig = new RedisRig();
afterEach(() => rig.end());

const claim = (place: number): RoomRequest => ({ kind: 'claim', place });
const admitted = (place: number): RoomAnswer => ({ kind: 'admitted', passId: `pass-${place}`, fresh: true });
const placeOf = (request: RoomRequest) => (request.kind === 'claim' ? request.place : -1);

async function commandsOf(server: { command(...words: readonly [string, ...string[]]): Promise<unknown> }) {
  const stats = String(await server.command('INFO', 'commandstats'));
  const calls = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  return { publish: calls('publish'), evalsha: calls('evalsha') };
}

test('[ST50] a request finds the caller from any gateway, its own too; those of one turn share a message', async () => {
  const server = await rig.server();
  const [caller, ...others] = [
    await rig.store(server.port),
    await rig.store(server.port),
    await rig.store(server.port),
  ];
  const seen: number[] = [];
  caller.exchange.answerAsked(room, async request => {
    seen.push(placeOf(request));
    return admitted(placeOf(request));
  });
  for (const store of [caller, ...others]) expect(await store.exchange.ask(room, claim(1))).toEqual(admitted(1));
  const before = await commandsOf(server);
  const places = Array.from({ length: 1_000 }, (_, place) => place);
  const answers = await Promise.all(places.map(place => others[0]?.exchange.ask(room, claim(place))));
  expect(answers).toEqual(places.map(admitted));
  expect((await commandsOf(server)).publish - before.publish).toBeLessThanOrEqual(4);
  expect(seen).toHaveLength(1_003);
});

test('[ST50] a request is carried out once though its answer was lost and it was sent again', async () => {
  const server = await rig.server();
  const proxy = await rig.proxy(server.port);
  const [caller, asker] = [await rig.store(server.port), await rig.store(proxy.port)];
  let carriedOut = 0;
  let answerNow: (answer: RoomAnswer) => void = () => undefined;
  caller.exchange.answerAsked(room, () => {
    carriedOut++;
    return new Promise(resolve => {
      answerNow = resolve;
    });
  });
  const answer = asker.exchange.ask(room, claim(4));
  await expect.poll(() => carriedOut).toBe(1);
  proxy.cut();
  answerNow(admitted(4));
  expect(await answer).toEqual(admitted(4));
  expect(carriedOut).toBe(1);
});

test('[ST50] who cannot answer is not heard: the caller that follows it answers', async () => {
  const server = await rig.server();
  const [frozen, next, asker] = [
    await rig.store(server.port),
    await rig.store(server.port),
    await rig.store(server.port),
  ];
  frozen.exchange.answerAsked(room, () => Promise.reject(new StoreError('unavailable', 'not the caller')));
  const answer = asker.exchange.ask(room, claim(5));
  next.exchange.answerAsked(room, async request => admitted(placeOf(request)));
  expect(await answer).toEqual(admitted(5));
});

test('[ST50] without a caller a request is given up after its time, not before', async () => {
  const server = await rig.server();
  const store = await rig.store(server.port);
  const startedAtMs = performance.now();
  await expect(store.exchange.ask(room, claim(1))).rejects.toSatisfy(error => isStoreError(error, 'unavailable'));
  expect(performance.now() - startedAtMs).toBeGreaterThan(4_900);
});

test('[ST140] an answer that stands in a change is not sent as well, and reaches who missed the change', async () => {
  const server = await rig.server();
  const proxy = await rig.proxy(server.port);
  const [caller, asker] = [await rig.store(server.port), await rig.store(proxy.port)];
  const epoch = (await caller.lead(room, 'caller'))?.epoch ?? 0;
  for (const store of [caller, asker]) {
    await store.load(room);
    store.follow(room, 0, () => undefined);
  }
  let version = 0;
  caller.exchange.answerAsked(room, async request => {
    const place = placeOf(request);
    if (place === 2) proxy.cut();
    const passes = [{ place, passId: `pass-${place}` }];
    await caller.commit(room, epoch, version++, [{ kind: 'admitted', passes, atMs: 1 }]);
    return admitted(place);
  });
  const { publish } = await commandsOf(server);
  expect(await asker.exchange.ask(room, claim(1))).toEqual(admitted(1));
  // What was asked, and what was committed.
  expect((await commandsOf(server)).publish - publish).toBe(2);
  expect(await asker.exchange.ask(room, claim(2))).toEqual(admitted(2));
  expect(version).toBe(2);
});

test('[ST51] the caller collects what every gateway says, and all read one merged snapshot when it changed', async () => {
  const server = await rig.server();
  const [one, two] = [await rig.store(server.port), await rig.store(server.port)];
  const lead = await one.lead(room, 'one');
  const ones = { order: 0, bytes: Uint8Array.of(1, 32, 0) };
  const twos = { order: 7, bytes: Uint8Array.of() };
  expect(await one.exchange.sayPresent(room, ones, 60_000)).toBeNull();
  await two.exchange.sayPresent(room, twos, 60_000);
  const collected = await one.exchange.collectPresent(room);
  expect(collected).toHaveLength(2);
  expect(collected).toEqual(expect.arrayContaining([ones, twos]));
  expect(await one.exchange.collectPresent(room)).toEqual(collected);
  const merged = { order: 7, bytes: Uint8Array.of(9, 32, 255) };
  expect(await one.exchange.publishPresent(room, lead?.epoch ?? 0, merged)).toBe(true);
  expect(await one.exchange.publishPresent(room, (lead?.epoch ?? 0) - 1, ones)).toBe(false);
  expect(await two.exchange.sayPresent(room, twos, 60_000)).toEqual(merged);
  // Whoever published it has it already, and whoever got it once too.
  for (const store of [one, two]) expect(await store.exchange.sayPresent(room, ones, 60_000)).toBeNull();
});

test('[ST51] what a gateway says holds for its lease after its end, and is said again after a loss', async () => {
  const server = await rig.server();
  const [one, two] = [await rig.store(server.port), await rig.store(server.port)];
  const here = { order: 0, bytes: Uint8Array.of(5) };
  await one.exchange.sayPresent(room, here, 400);
  await two.exchange.sayPresent(room, here, 60_000);
  await one.close();
  expect(await two.exchange.collectPresent(room)).toHaveLength(2);
  await expect.poll(() => two.exchange.collectPresent(room), { timeout: 2_000 }).toHaveLength(1);
  await server.command('FLUSHALL');
  expect(await two.exchange.collectPresent(room)).toEqual([]);
  await two.exchange.sayPresent(room, here, 60_000);
  expect(await two.exchange.collectPresent(room)).toEqual([here]);
});

test('[ST51] presence of 1,000,000 devices takes less than 4 bytes a device, and unchanged none on the way', async () => {
  const server = await rig.server();
  const [one, two] = [await rig.store(server.port), await rig.store(server.port)];
  const lead = await one.lead(room, 'one');
  const memory = async () => Number(/used_memory:(\d+)/.exec(String(await server.command('INFO', 'memory')))?.[1]);
  const received = async () =>
    Number(/total_net_input_bytes:(\d+)/.exec(String(await server.command('INFO', 'stats')))?.[1]);
  const emptyBytes = await memory();
  const all = { order: 0, bytes: new Uint8Array(125_000).fill(255) };
  for (const store of [one, two]) await store.exchange.sayPresent(room, all, 60_000);
  await one.exchange.publishPresent(room, lead?.epoch ?? 0, all);
  expect(await memory()).toBeLessThan(emptyBytes + 4_000_000);
  const before = await received();
  for (let times = 0; times < 10; times++) await two.exchange.sayPresent(room, all, 60_000);
  expect((await received()) - before).toBeLessThan(10_000);
});

// A failover left an older word of a gateway, and the gateway renewed it though it had said something else since.
test('[ST75] a gateway does not renew an older word of its own that a failover left', async () => {
  const server = await rig.server();
  const [one, two] = [await rig.store(server.port), await rig.store(server.port)];
  const key = `junban:{${room}}:presence`;
  await one.exchange.sayPresent(room, { order: 0, bytes: Uint8Array.of(1) }, 60_000);
  const [gateway = '', older = ''] = (await server.command('HGETALL', key)) as string[];
  const now = { order: 0, bytes: Uint8Array.of(2) };
  await one.exchange.sayPresent(room, now, 60_000);
  await server.command('HSET', key, gateway, older);
  await one.exchange.sayPresent(room, now, 60_000);
  expect(await two.exchange.collectPresent(room)).toEqual([now]);
});
