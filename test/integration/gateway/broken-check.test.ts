// A pass check that fails for a reason nobody expected: whoever asked is answered, on every way in.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { loadSettings } from '../../../src/config/load.ts';
import { Gateway } from '../../../src/gateway/gateway.ts';
import { type OpenRoom, openRoom } from '../../../src/open-room.ts';
import { buildDrawCheckScript, buildPassTimeScript } from '../../../src/page/browser-scripts.ts';
import { loadLanguages } from '../../../src/page/languages.ts';
import { buildWaitingPage } from '../../../src/page/waiting-page.ts';
import { systemClock } from '../../../src/system-clock.ts';
import { createKeyRing } from '../../../src/tokens/key-ring.ts';
import { openKeyRing } from '../../../src/tokens/key-set.ts';
import { Device } from '../../support/device.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { RecordingShop } from '../../support/recording-shop.ts';

const broken = new Error('the check of the pass broke');
const failures: unknown[] = [];
let shop: RecordingShop;
let room: OpenRoom;
let gateway: Gateway;
let url: string;

beforeAll(async () => {
  shop = await RecordingShop.start();
  const file = { rooms: [{ id: 'sale', shop: shop.url, pacePerMinute: 6_000, activeCap: 10 }] };
  const loaded = loadSettings({ path: 'junban.yaml', text: JSON.stringify(file), env: {} });
  if (loaded.kind !== 'ok') throw new Error(JSON.stringify(loaded.problems));
  const { prefix, rooms } = loaded.settings;
  const [settings] = rooms;
  if (settings === undefined) throw new Error('no room');
  const onFailure = (error: unknown) => failures.push(error);
  room = await openRoom({
    settings,
    prefix,
    store: new MemoryStore(systemClock),
    exchange: null,
    clock: systemClock,
    keys: await openKeyRing(await createKeyRing(Date.now())),
    holder: 'test',
    onTrouble: () => undefined,
    onRelay: () => undefined,
    onFallback: () => undefined,
    onShopTrouble: () => undefined,
    tracing: null,
    onFailure,
  });
  const brokenDoor = { ...room.door, peekPass: () => undefined, readPass: () => Promise.reject(broken) };
  const languages = await loadLanguages();
  gateway = new Gateway({
    prefix,
    trustedProxies: [],
    page: await buildWaitingPage({ prefix, room: null }),
    scripts: { passTime: buildPassTimeScript(languages), drawCheck: buildDrawCheckScript(languages) },
    jwks: () => '',
    nowMs: () => Date.now(),
    onFailure,
  });
  gateway.useRooms({ rooms: [{ match: settings, door: brokenDoor }], changing: [] }, 0);
  url = `http://127.0.0.1:${await gateway.listen('127.0.0.1', 0)}`;
});
afterAll(async () => {
  gateway?.drain(0);
  gateway?.close();
  await room?.door.shop.close();
  await room?.stop();
  await shop?.close();
});

// The upgrade was never answered: the fan hung until its own patience ended.
test('[WR124] an upgrade whose pass check fails is answered 500, as a call and a page are', async () => {
  const device = new Device(url, 'sale');
  device.cookies.set('junban-pass-sale', 'any');
  const fan = new WebSocket(`${url.replace('http', 'ws')}/live`, { headers: { cookie: device.cookieHeader } });
  fan.on('error', () => undefined);
  const [, response]: IncomingMessage[] = await once(fan, 'unexpected-response');
  if (response === undefined) throw new Error('no response');
  const call = await device.fetch('/api');
  const page = await device.visit('/');
  expect([response.statusCode, call.status, page.status]).toEqual([500, 500, 500]);
  expect(JSON.parse(await text(response))).toEqual(call.json());
  expect(call.json()).toMatchObject({ code: 'internal-error' });
  expect(failures).toEqual([broken, broken, broken]);
});
