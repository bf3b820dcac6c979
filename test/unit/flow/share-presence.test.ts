// Presence put together from what gateways say, where one says what nobody can read.

import { expect, test } from 'vitest';
import { RoomView } from '../../../src/flow/room-view.ts';
import { SharedPresence } from '../../../src/flow/share-presence.ts';
import { Bitmap } from '../../../src/queue/bitmap.ts';
import type { PresenceBytes } from '../../../src/store/room-exchange.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

// Every round failed with it, so that nobody who came or went showed any more at any gateway.
test('[ST167] what one gateway says and nobody can read holds up nobody else', async () => {
  const clock = new VirtualClock(startMs);
  const view = new RoomView(testRules, clock);
  const others = new Bitmap();
  others.add(4);
  const unreadable: PresenceBytes = { order: 0, bytes: Uint8Array.of(255, 1, 2) };
  const farAway = new Bitmap(2 ** 39);
  farAway.add(2 ** 39);
  const published: PresenceBytes[] = [];
  const failures: unknown[] = [];
  let here: PresenceBytes = unreadable;
  const shared = await SharedPresence.start({
    ...{ view, clock, epoch: () => 1, onFailure: error => failures.push(error) },
    exchange: {
      ask: () => Promise.reject(new Error('nobody is asked here')),
      answerAsked: () => () => undefined,
      sayPresent: async (_room, said) => {
        here = said;
        return unreadable;
      },
      collectPresent: async () => ({
        gateways: 4,
        said: [here, unreadable, { order: 0, bytes: farAway.toBytes() }, { order: 0, bytes: others.toBytes() }],
      }),
      publishPresent: async (_room, _epoch, everybody) => published.push(everybody) > 0,
      tellMoved: () => undefined,
      onMoved: () => () => undefined,
      tellLeft: () => undefined,
      onLeft: () => () => undefined,
    },
  });
  view.attach(7);
  await clock.advance(2_000);
  expect([...view.present.places.places()]).toEqual([4, 7]);
  expect([...Bitmap.fromBytes(published.at(-1)?.bytes ?? new Uint8Array(0)).places()]).toEqual([4, 7]);
  expect(failures.length).toBeGreaterThan(0);
  await shared.stop();
});
