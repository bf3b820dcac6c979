// A rush at two gateways of one Redis: who came first has the lower number, but for the moment that numbers are taken ahead.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { aheadMsMax } from '../../../src/store/redis/numbers-ahead.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { RedisRig } from '../../support/redis-rig.ts';

const room = 'sale';
const rig = new RedisRig();
afterEach(() => rig.end());

/** At each of them. */
const joinsPerMs = 30;

type Join = { readonly askedAtMs: number; readonly answeredAtMs: number; readonly number: number };

test('[ST142] in a rush at two gateways no number is given twice, many come at once, and who came 10 ms earlier is before', async () => {
  const server = await rig.server();
  const stores = [await rig.store(server.port), await rig.store(server.port)];
  const joins: Join[] = [];
  let atOnce = 0;
  const join = async (store: RedisStore) => {
    const askedAtMs = performance.now();
    const taken = store.takeNumbers(room, 1);
    if (typeof taken === 'number') atOnce += 1;
    const number = await taken;
    joins.push({ askedAtMs, answeredAtMs: performance.now(), number });
  };
  const startedAtMs = performance.now();
  const waiting: Promise<void>[] = [];
  for (let ranMs = 0; ranMs < 1_000; ranMs = performance.now() - startedAtMs) {
    while (waiting.length < 2 * joinsPerMs * ranMs) waiting.push(...stores.map(join));
    await nextTurn();
  }
  await Promise.all(waiting);
  expect(new Set(joins.map(({ number }) => number)).size).toBe(joins.length);
  expect(atOnce).toBeGreaterThan(joins.length / 4);
  const byAsking = joins.toSorted((one, other) => one.askedAtMs - other.askedAtMs);
  const byAnswer = joins.toSorted((one, other) => one.answeredAtMs - other.answeredAtMs);
  let [answered, highest, outOfOrder] = [0, -1, 0];
  for (const { askedAtMs, number } of byAsking) {
    for (; (byAnswer[answered]?.answeredAtMs ?? Infinity) < askedAtMs - aheadMsMax; answered += 1) {
      highest = Math.max(highest, byAnswer[answered]?.number ?? -1);
    }
    if (number < highest) outOfOrder += 1;
  }
  expect(outOfOrder).toBe(0);
});
