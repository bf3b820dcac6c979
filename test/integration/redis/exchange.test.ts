// Several gateways of one room over a real Redis: requests that find the caller, and who is present with whom.

import { afterEach, expect, test } from 'vitest';
import { type SeededRandom, seededRandom } from '../../../loadtest/seeded-random.ts';
import type { RoomAnswer, RoomRequest } from '../../../src/queue/answer-request.ts';
import { Bitmap } from '../../../src/queue/bitmap.ts';
import { keysOfRoom } from '../../../src/store/redis/keys.ts';
import type { PresenceBytes } from '../../../src/store/room-exchange.ts';
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
  expect(collected).toEqual({ gateways: 2, said: expect.arrayContaining([ones, twos]) });
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
  const gateways = async () => (await two.exchange.collectPresent(room)).gateways;
  expect(await gateways()).toBe(2);
  await expect.poll(gateways, { timeout: 2_000 }).toBe(1);
  await server.command('FLUSHALL');
  expect(await two.exchange.collectPresent(room)).toEqual({ gateways: 0, said: [] });
  await two.exchange.sayPresent(room, here, 60_000);
  expect(await two.exchange.collectPresent(room)).toEqual({ gateways: 1, said: [here] });
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
  const key = keysOfRoom(server.settings.keyPrefix, room).presence;
  await one.exchange.sayPresent(room, { order: 0, bytes: Uint8Array.of(1) }, 60_000);
  const [gateway = '', older = ''] = (await server.command('HGETALL', key)) as string[];
  const now = { order: 0, bytes: Uint8Array.of(2) };
  await one.exchange.sayPresent(room, now, 60_000);
  await server.command('HSET', key, gateway, older);
  await one.exchange.sayPresent(room, now, 60_000);
  expect((await two.exchange.collectPresent(room)).said).toEqual([now]);
});

function said(order: number, places: readonly number[]): PresenceBytes {
  const bitmap = new Bitmap(places[0] ?? 0);
  for (const place of places) bitmap.add(place);
  return { order, bytes: bitmap.toBytes() };
}
const placesIn = ({ bytes }: PresenceBytes) => [...Bitmap.fromBytes(bytes).places()];

/** Every place from `start` on that lots give one of so many gateways. */
function dealt(random: SeededRandom, places: number, gateways: number, start = 0): number[][] {
  const hands = Array.from({ length: gateways }, (): number[] => []);
  for (let place = start; place < start + places; place++) hands[Math.floor(random.fraction() * gateways)]?.push(place);
  return hands;
}

test('[ST210] what gateways say is put together exactly: each order for itself, what is no bitmap beside it', async () => {
  const server = await rig.server();
  const stores = await Promise.all(Array.from({ length: 5 }, () => rig.store(server.port)));
  const [caller] = stores;
  const random = seededRandom(5);
  const wide = 2 ** 39;
  const lines: readonly (readonly PresenceBytes[])[] = [
    [said(0, []), said(0, []), said(0, [7])],
    [said(0, [0, 31, 32, 511, 512, 513]), said(0, [1]), said(0, [100_000, 2 ** 25]), said(0, [])],
    dealt(random, 3_000, 5).map(places => said(0, places)),
    dealt(random, 200, 5).map(places =>
      said(
        0,
        places.map(place => place * 977),
      ),
    ),
    dealt(random, 3_000, 5, wide).map((places, index) => said(index % 2 === 0 ? 3_000 : 0, places)),
  ];
  for (const line of lines) {
    const words = stores.map((_, index) => line[index] ?? said(0, []));
    for (const [index, store] of stores.entries())
      await store.exchange.sayPresent(room, words[index] ?? said(0, []), 60_000);
    // What came with the caller's own word was asked for before the others said theirs.
    await caller?.exchange.collectPresent(room);
    const together = await caller?.exchange.collectPresent(room);
    expect(together?.gateways).toBe(5);
    const orders = [...new Set(words.map(({ order }) => order))].sort((one, other) => one - other);
    expect(together?.said.map(({ order }) => order).sort((one, other) => one - other)).toEqual(orders);
    for (const each of together?.said ?? []) {
      const expected = words.filter(({ order }) => order === each.order).flatMap(placesIn);
      expect(placesIn(each)).toEqual(expected.sort((one, other) => one - other));
    }
  }
  // What nobody can read, and what no bitmap holds beside the others, holds up none of them.
  const odd = [Uint8Array.of(1, 0, 9, 0, 9, 1), Uint8Array.of(255), Uint8Array.of(1, 0, 128), said(0, [2 ** 33]).bytes];
  for (const [index, bytes] of odd.entries())
    await stores[index + 1]?.exchange.sayPresent(room, { order: 0, bytes }, 60_000);
  await caller?.exchange.sayPresent(room, said(0, [4, 8]), 60_000);
  const together = await caller?.exchange.collectPresent(room);
  const merged = [...odd.map(bytes => ({ order: 0, bytes })), said(0, [4, 8])];
  expect(together).toEqual({ gateways: 5, said: expect.arrayContaining(merged) });
  expect(together?.said).toHaveLength(5);
  const { merging, mergingPart } = keysOfRoom(server.settings.keyPrefix, room);
  expect(await server.command('EXISTS', merging, mergingPart)).toBe(0);
});

test('[ST210] the caller reads as much a round from two gateways as from eight, and nothing while nothing changed', async () => {
  const server = await rig.server();
  const stores = await Promise.all(Array.from({ length: 8 }, () => rig.store(server.port)));
  const random = seededRandom(7);
  const devices = 200_000;
  const readBytes = async () =>
    Number(/total_net_output_bytes:(\d+)/.exec(String(await server.command('INFO', 'stats')))?.[1]);
  const read: number[] = [];
  for (const gateways of [2, 4, 8]) {
    const hands = dealt(random, devices, gateways);
    for (let round = 0; round < 2; round++) {
      for (const [index, places] of hands.entries())
        await stores[index]?.exchange.sayPresent(room, said(0, places.slice(round)), 60_000);
      const before = await readBytes();
      await stores[0]?.exchange.collectPresent(room);
      read.push((await readBytes()) - before);
      // As SharedPresence does: what is collected comes with the answer to what is said.
      await stores[0]?.exchange.sayPresent(room, said(0, hands[0]?.slice(round) ?? []), 60_000);
    }
    const before = await readBytes();
    await stores[0]?.exchange.collectPresent(room);
    await stores[0]?.exchange.sayPresent(room, said(0, hands[0]?.slice(1) ?? []), 60_000);
    expect((await readBytes()) - before).toBeLessThan(10_000);
  }
  expect(Math.max(...read)).toBeLessThan(devices / 8 + 20_000);
});

test('[ST215] words of so many runs that Redis would be busy for long are handed to the caller beside what is put together', async () => {
  const server = await rig.server();
  const stores = await Promise.all(Array.from({ length: 4 }, () => rig.store(server.port)));
  // Each place a run of its own; of 20,000 runs together every gateway has its share.
  const runs = (count: number) => Array.from({ length: count }, (_, index) => index * 1_000);
  const words = [runs(4_900), runs(5_100), runs(60_000), [7]].map(places => said(0, places));
  for (const [index, store] of stores.entries())
    await store.exchange.sayPresent(room, words[index] ?? said(0, []), 60_000);
  const { gateways, said: heard } = (await stores[0]?.exchange.collectPresent(room)) ?? { gateways: 0, said: [] };
  expect(gateways).toBe(4);
  expect(heard).toHaveLength(3);
  expect(heard).toEqual(expect.arrayContaining([words[1], words[2]]));
  const together = heard.filter(each => !words.some(word => Buffer.compare(word.bytes, each.bytes) === 0));
  expect(together.map(placesIn)).toEqual([[0, 7, ...runs(4_900).slice(1)]]);
});
