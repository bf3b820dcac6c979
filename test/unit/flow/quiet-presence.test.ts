// How often a gateway says who is present with it, where nobody comes or goes.

import { expect, test } from 'vitest';
import { PlaceOrder } from '../../../src/flow/place-order.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import { SharedPresence } from '../../../src/flow/share-presence.ts';
import { Bitmap } from '../../../src/queue/bitmap.ts';
import type { PresenceBytes, RoomExchange } from '../../../src/store/room-exchange.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const graceTimeMs = 30_000;

/** One gateway, the caller or not, and a store that another gateway speaks to as well. */
async function gateway(leads: boolean) {
  const clock = new VirtualClock(startMs);
  const view = new RoomView({ ...testRules, graceTimeMs }, clock);
  const stored = { others: new Bitmap(), order: 0, gateways: 2, merged: null as PresenceBytes | 'lost' | null };
  const words: { readonly atMs: number; readonly leaseMs: number }[] = [];
  const seen = { told: 0, published: [] as (readonly number[])[] };
  let here: PresenceBytes = { order: 0, bytes: new Bitmap().toBytes() };
  let hearMoved: () => void = () => undefined;
  const exchange: RoomExchange = {
    ask: () => Promise.reject(new Error('nobody is asked here')),
    answerAsked: () => () => undefined,
    sayPresent: async (_room, said, leaseMs) => {
      here = said;
      words.push({ atMs: clock.nowMs(), leaseMs });
      const { merged } = stored;
      stored.merged = null;
      return merged;
    },
    collectPresent: async () => ({
      gateways: stored.gateways,
      said: [here, { order: stored.order, bytes: stored.others.toBytes() }],
    }),
    publishPresent: async (_room, _epoch, { bytes }) => seen.published.push([...Bitmap.fromBytes(bytes).places()]) > 0,
    tellMoved: () => {
      seen.told += 1;
    },
    onMoved: (_room, listener) => {
      hearMoved = listener;
      return () => undefined;
    },
    tellLeft: () => undefined,
    onLeft: () => () => undefined,
  };
  const led = { epoch: leads ? 1 : null };
  const shared = await SharedPresence.start({
    ...{ view, clock, exchange, epoch: () => led.epoch },
    onFailure: error => {
      throw error;
    },
  });
  await clock.advance(10_000);
  words.length = 0;
  seen.told = 0;
  return { clock, view, stored, words, seen, led, shared, hearMoved: () => hearMoved() };
}

const gapsMs = (words: readonly { readonly atMs: number }[]) =>
  words.slice(1).map(({ atMs }, index) => atMs - (words[index]?.atMs ?? 0));

test('[ST211] while nobody comes or goes a word is said every 4 s, and holds so much longer', async () => {
  const { clock, view, words, seen } = await gateway(false);
  view.attach(3);
  await clock.advance(20_000);
  expect(seen.told).toBe(1);
  expect(Math.max(...gapsMs(words))).toBe(4_000);
  expect(words.length).toBeLessThan(13);
  // Whatever instant the gateway dies at, its devices have the grace time and 2 s to turn up elsewhere.
  for (const [index, gapMs] of gapsMs(words).entries())
    expect(words[index]?.leaseMs).toBeGreaterThanOrEqual(graceTimeMs + 2_000 + (gapMs > 500 ? gapMs : 0));
});

test('[ST211] who comes after a quiet time is told of at once, and whoever hears of it looks at once', async () => {
  const { clock, view, stored, words, seen, hearMoved } = await gateway(true);
  view.attach(7);
  await clock.advance(500);
  expect([words.length, seen.told, seen.published.at(-1)]).toEqual([1, 1, [7]]);
  await clock.advance(10_000);
  words.length = 0;
  stored.others.add(4);
  hearMoved();
  await clock.advance(0);
  expect([words.length, seen.told, seen.published.at(-1)]).toEqual([1, 1, [4, 7]]);
  expect([...view.present.places.places()]).toEqual([4, 7]);
});

test('[ST211] what another gateway said and did not tell is found within 4 s, and then told', async () => {
  const { clock, stored, seen } = await gateway(true);
  stored.others.add(4);
  await clock.advance(4_000);
  expect([seen.told, seen.published.at(-1)]).toEqual([1, [4]]);
});

test('[ST211] a merged snapshot that the store lost is published again, and an unchanged one is not', async () => {
  const { clock, view, stored, seen } = await gateway(true);
  view.attach(7);
  await clock.advance(5_000);
  const published = seen.published.length;
  await clock.advance(20_000);
  expect(seen.published.length).toBe(published);
  stored.merged = 'lost';
  await clock.advance(4_000);
  expect(seen.published.slice(published)).toEqual([[7]]);
});

test.each([
  ['where somebody came or went a moment ago, 1.5 s', 2_000, 1_500, 500],
  ['where nobody did, longer than a word may take there', 20_000, 4_500, 4_500],
])(
  '[ST216] the devices of a gateway that says nothing any more count a little longer: %s',
  async (_, restMs, countsMs, nextMs) => {
    const { clock, view, stored } = await gateway(true);
    stored.others.add(4);
    view.attach(7);
    await clock.advance(restMs);
    Object.assign(stored, { gateways: 1, others: new Bitmap() });
    const isThere = () => view.present.places.has(4);
    let goneAfterMs = 0;
    for (; isThere() && goneAfterMs < 20_000; goneAfterMs += 500) await clock.advance(500);
    expect(goneAfterMs).toBeGreaterThanOrEqual(countsMs);
    // Until the caller's next word nobody finds that it is missing.
    expect(goneAfterMs).toBeLessThanOrEqual(countsMs + nextMs);
  },
);

test('[ST261] gateways that go missing while another is waited for are waited for as long', async () => {
  // A store that lost everything just then looked like a line that only those were in who had spoken since.
  const { clock, view, stored } = await gateway(true);
  Object.assign(stored, { gateways: 3, others: Bitmap.of([4, 5]) });
  view.attach(7);
  await clock.advance(2_000);
  Object.assign(stored, { gateways: 2, others: Bitmap.of([5]) });
  await clock.advance(1_000);
  Object.assign(stored, { gateways: 1, others: new Bitmap() });
  await clock.advance(1_500);
  expect([...view.present.places.places()]).toContain(5);
  await clock.advance(5_000);
  expect([...view.present.places.places()]).toEqual([7]);
});

test.each([
  ['at the caller', true],
  ['at another gateway', false],
])('[ST262] who left and is there again counts again, though the snapshot is what it was: %s', async (_, leads) => {
  // They were missing until somebody else came or went; the caller called past them.
  const { clock, view, stored, hearMoved } = await gateway(leads);
  view.apply([{ kind: 'phase', phase: 'open', atMs: startMs }]);
  stored.others.add(4);
  stored.merged = leads ? null : { order: 0, bytes: stored.others.toBytes() };
  hearMoved();
  await clock.advance(10_000);
  const isThere = () => view.present.places.has(4);
  expect(isThere()).toBe(true);
  view.forget(4);
  expect(isThere()).toBe(false);
  await clock.advance(2_000);
  expect(isThere()).toBe(true);
});

test('[LN151] a gateway that becomes the caller puts together at once what all say', async () => {
  const { clock, view, stored, led, shared } = await gateway(false);
  await clock.advance(20_000);
  stored.others.add(4);
  led.epoch = 2;
  expect(shared.hasMerged(2)).toBe(false);
  shared.lead();
  await clock.advance(0);
  expect([shared.hasMerged(2), ...view.present.places.places()]).toEqual([true, 4]);
});

test('[ST263] who comes just before a moving room would be quiet is told of too', async () => {
  // To who had heard of the last one a moment earlier the room was quiet already: it learned of this one 4 s later.
  const { clock, view, seen } = await gateway(false);
  view.attach(3);
  await clock.advance(2_500);
  view.attach(4);
  await clock.advance(500);
  expect(seen.told).toBe(2);
});

test('[ST264] who speaks of drawn places before the caller knows them is not missing until it does', async () => {
  // The caller published a snapshot without them, and all others showed a shorter line.
  const { clock, view, stored, seen } = await gateway(true);
  stored.others.add(1);
  await clock.advance(5_000);
  expect(seen.published.at(-1)).toEqual([1]);
  view.apply([
    { kind: 'committed', commitment: '00', secret: '11' },
    { kind: 'sealed', drawn: 3, atMs: startMs, startsAtMs: startMs },
  ]);
  Object.assign(stored, { order: 3, others: Bitmap.of([2]) });
  await clock.advance(5_000);
  expect(seen.published.at(-1)).toEqual([1]);
  view.setOrder(new PlaceOrder(new Uint32Array([1, 2, 0])));
  await clock.advance(5_000);
  expect(seen.published.at(-1)).toEqual([2]);
});
