// How often a gateway says who is present with it, where nobody comes or goes.

import { expect, test } from 'vitest';
import { LedPresence } from '../../../src/flow/led-presence.ts';
import { PlaceOrder } from '../../../src/flow/place-order.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import { Bitmap } from '../../../src/queue/bitmap.ts';
import type { PresenceBytes, RoomExchange } from '../../../src/store/room-exchange.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const graceTimeMs = 30_000;

/** One gateway, the caller or not, and a store that another gateway speaks to as well. */
async function gateway(leads: boolean) {
  const clock = new VirtualClock(startMs);
  const view = new RoomView({ ...testRules, graceTimeMs }, clock);
  const stored = { others: new Bitmap(), order: 0, gateways: 2, merged: null as PresenceBytes | 'lost' | null };
  const held = { until: Promise.resolve() };
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
    collectPresent: async () => {
      const said = [here, { order: stored.order, bytes: stored.others.toBytes() }];
      await held.until;
      return { gateways: stored.gateways, said };
    },
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
  const led = new LedPresence();
  if (leads) led.lead(1);
  await led.share({
    ...{ view, clock, exchange },
    onFailure: error => {
      throw error;
    },
  });
  await clock.advance(10_000);
  words.length = 0;
  seen.told = 0;
  return { clock, view, stored, held, words, seen, led, hearMoved: () => hearMoved() };
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

/** An open room with a device at another gateway, known here and by then quiet. */
async function withAnother(leads: boolean) {
  const one = await gateway(leads);
  const { clock, view, stored, hearMoved } = one;
  view.apply([{ kind: 'phase', phase: 'open', atMs: startMs }]);
  stored.others.add(4);
  stored.merged = leads ? null : { order: 0, bytes: stored.others.toBytes() };
  hearMoved();
  await clock.advance(10_000);
  const isThere = () => view.present.places.has(4);
  expect(isThere()).toBe(true);
  one.words.length = 0;
  /** How long it does not count from now on. */
  const goneMs = async () => {
    let afterMs = 0;
    for (; !isThere() && afterMs < 20_000; afterMs += 100) await clock.advance(100);
    return afterMs;
  };
  return { ...one, isThere, goneMs };
}

test('[ST262] who left and is there again counts again, though all say what they said: at the caller', async () => {
  // They were missing until somebody else came or went; the caller called past them.
  const { view, seen, goneMs } = await withAnother(true);
  const before = seen.published.length;
  view.forget(4);
  const afterMs = await goneMs();
  expect(afterMs).toBeGreaterThanOrEqual(1_500);
  expect(afterMs).toBeLessThanOrEqual(2_000);
  // So the others hear of it as well.
  expect(seen.published.slice(before)).toEqual([[], [4]]);
});

test('[ST262] who left and is there again counts again where the store was away meanwhile: at the caller', async () => {
  const { clock, view, held, goneMs } = await withAnother(true);
  held.until = Promise.reject(new StoreError('unavailable', 'the store is away'));
  view.forget(4);
  await clock.advance(2_000);
  held.until = Promise.resolve();
  expect(await goneMs()).toBeLessThanOrEqual(500);
});

test.each([
  ['that was made before is left out, and of the next one is there', 400, false],
  ['that was made after is there', 1_700, true],
])('[ST262] who left and is in another snapshot %s: at another gateway', async (_, heardAfterMs, isThereThen) => {
  const { clock, view, stored, isThere, goneMs } = await withAnother(false);
  view.forget(4);
  await clock.advance(heardAfterMs);
  stored.merged = { order: 0, bytes: Bitmap.of([4, 5]).toBytes() };
  await clock.advance(600);
  expect([isThere(), view.present.places.has(5)]).toEqual([isThereThen, true]);
  await clock.advance(500);
  stored.merged = { order: 0, bytes: Bitmap.of([4]).toBytes() };
  expect(await goneMs()).toBeLessThanOrEqual(500);
});

test('[ST262] who left is gone at other gateways though nobody puts together anew, until somebody surely had', async () => {
  // They counted again after 1.5 s, where the caller had died or had not heard that anybody went.
  const { view, goneMs } = await withAnother(false);
  view.forget(4);
  view.forget(4);
  const afterMs = await goneMs();
  expect(afterMs).toBeGreaterThanOrEqual(6_500);
  expect(afterMs).toBeLessThanOrEqual(7_000);
});

test('[ST262] who left does not count again while the caller waits for a gateway that says nothing', async () => {
  // It believed what it knew before, with them, and called them.
  const { clock, view, stored, isThere } = await withAnother(true);
  stored.others.add(6);
  await clock.advance(4_500);
  Object.assign(stored, { gateways: 1, others: new Bitmap() });
  await clock.advance(500);
  expect(view.present.places.has(6)).toBe(true);
  view.forget(4);
  for (let step = 0; step < 50; step += 1) {
    await clock.advance(100);
    expect(isThere()).toBe(false);
  }
});

test('[ST265] that somebody leaves who is not there, again and again, keeps nobody away and no gateway awake', async () => {
  // One device that sent DELETE every second kept every return away, and cost eight times as many rounds.
  const { clock, view, words, isThere } = await withAnother(true);
  view.forget(4);
  for (let second = 0; second < 3; second += 1) {
    view.forget(99);
    await clock.advance(1_000);
  }
  expect(isThere()).toBe(true);
  await clock.advance(5_000);
  words.length = 0;
  for (let second = 0; second < 60; second += 1) {
    view.forget(99);
    await clock.advance(1_000);
  }
  expect(words.length).toBeLessThanOrEqual(15);
});

test('[ST262] who leaves before the start is counted no more at once, and also when places are drawn', async () => {
  const { clock, view, stored, hearMoved } = await gateway(false);
  stored.merged = { order: 0, bytes: Bitmap.of([0, 1]).toBytes() };
  hearMoved();
  await clock.advance(0);
  expect(view.presentCount).toBe(2);
  view.forget(1);
  expect([view.presentCount, view.isPresent(1)]).toEqual([1, false]);
  view.apply([
    { kind: 'committed', commitment: '00', secret: '11' },
    { kind: 'sealed', drawn: 3, atMs: startMs, startsAtMs: startMs },
  ]);
  expect([view.presentCount, view.isPresent(1)]).toEqual([1, false]);
  view.setOrder(new PlaceOrder(new Uint32Array([1, 2, 0])));
  expect([...view.present.places.places()]).toEqual([1]);
});

test('[LN151] a gateway that becomes the caller puts together at once what all say', async () => {
  const { clock, view, stored, led } = await gateway(false);
  await clock.advance(20_000);
  stored.others.add(4);
  expect(led.isKnown(2)).toBe(false);
  led.lead(2);
  await clock.advance(0);
  expect([led.isKnown(2), ...view.present.places.places()]).toEqual([true, 4]);
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

test('[LN151] also where it was the caller before, and a round of then is under way', async () => {
  const { clock, view, stored, held, led, hearMoved } = await gateway(true);
  let collect: () => void = () => undefined;
  held.until = new Promise(resolve => {
    collect = () => resolve();
  });
  hearMoved();
  await clock.advance(0);
  stored.others.add(4);
  led.lead(2);
  collect();
  await clock.advance(0);
  expect([led.isKnown(2), ...view.present.places.places()]).toEqual([true, 4]);
});
