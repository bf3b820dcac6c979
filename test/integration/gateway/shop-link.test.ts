// WebSockets that go through to the shop: they use their pass and end with it, whoever ends it.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';

const idleMs = 2_000;
const maxMs = 4_000;
/** Uses reach the record in batches, and passes are looked through now and then. */
const slackMs = 1_500;
const talkPeriodMs = 200;

const rooms = {
  talks: { pass: { idle: '2s', max: '10m' } },
  falls: { pass: { idle: '2s', max: '10m' } },
  longest: { pass: { idle: '2s', max: '4s' } },
  leaves: {},
  later: { opensAt: '2099-01-01T00:00:00Z', startsAt: '2099-01-02T00:00:00Z' },
  past: { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' },
  full: {},
  renewed: { pass: { idle: '6s', max: '10m' } },
} as const;
type Room = keyof typeof rooms;

let shop: RecordingShop;
let gateway: GatewayProcess;

beforeAll(async () => {
  shop = await RecordingShop.start();
  gateway = await GatewayProcess.start({
    rooms: Object.entries(rooms).map(([id, more]) => ({
      id,
      match: { paths: [`/${id}`] },
      shop: shop.url,
      pacePerMinute: 6_000,
      activeCap: 1,
      claimWindow: '60s',
      graceTime: '30s',
      ...more,
    })),
  });
});
afterAll(async () => {
  await gateway?.remove();
  await shop?.close();
});

/** A device that walked in and has a WebSocket to the shop. */
async function linked(room: Room) {
  const device = new Device(gateway.url, room);
  expect((await device.visit(`/${room}/`)).status).toBe(200);
  return { device, ...(await link(device)) };
}

async function link(device: Device) {
  const url = `/${device.room}/live`;
  const fan = new WebSocket(`${gateway.url.replace('http', 'ws')}${url}`, { headers: { cookie: device.cookieHeader } });
  const [[upgrade]] = await Promise.all([once(fan, 'upgrade'), once(fan, 'open')]);
  const cookies: unknown = upgrade.headers['set-cookie'];
  const index = shop.upgrades.findIndex(seen => seen.url === url);
  const [atShop, seen] = [shop.links[index], shop.upgrades[index]];
  if (atShop === undefined || seen === undefined) throw new Error('the shop has no such socket');
  const ends = Promise.all([once(fan, 'close'), once(atShop, 'close')]);
  return { fan, cookies, seen, closed: ends.then(all => all.map(([code, reason]) => [code, String(reason)])) };
}

const ended = [1008, 'the pass has ended'];

/** Says a word now and then until the socket closes or `untilMs` is over. */
async function talk(fan: WebSocket, untilMs: number): Promise<void> {
  while (Date.now() < untilMs && fan.readyState === WebSocket.OPEN) {
    fan.send('still here');
    await delay(talkPeriodMs);
  }
}

// The slot of a device that only talked on its socket became free, and the device stayed in: more than the cap.
describe.concurrent('a WebSocket of the shop', () => {
  test('[WR120] keeps its pass while the fan talks on it, and the next device waits', async () => {
    const { device, fan } = await linked('talks');
    const next = await Device.joined(gateway.url, 'talks');
    const line = next.follow('socket');
    await talk(fan, Date.now() + idleMs + 2 * slackMs);
    expect(fan.readyState).toBe(WebSocket.OPEN);
    expect(await gateway.operate('GET', 'talks')).toMatchObject({ active: 1 });
    expect(line.latest?.state).toBe('waiting');
    expect((await device.status()).state).toBe('admitted');
    line.close();
    fan.terminate();
  });

  test('[WR121] that falls silent closes with 1008 when its pass has been idle, before the next device is in', async () => {
    const { fan, closed } = await linked('falls');
    await talk(fan, Date.now() + idleMs);
    const silentAtMs = Date.now();
    const next = await Device.joined(gateway.url, 'falls');
    await next.untilCalled(idleMs + 2 * slackMs);
    await next.enter();
    expect(await closed).toEqual([ended, ended]);
    expect(Date.now() - silentAtMs).toBeGreaterThanOrEqual(idleMs - talkPeriodMs);
  });

  test('[WR121] closes when its pass has reached its greatest length, however much is said on it', async () => {
    const startedAtMs = Date.now();
    const { fan, closed } = await linked('longest');
    await talk(fan, startedAtMs + maxMs + 2 * slackMs);
    expect(await closed).toEqual([ended, ended]);
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(maxMs);
  });

  test('[WR121] closes when the device gives its turn back', async () => {
    const { device, closed } = await linked('leaves');
    const leftAtMs = Date.now();
    await device.leave();
    expect(await closed).toEqual([ended, ended]);
    expect(Date.now() - leftAtMs).toBeLessThan(1_000);
  });

  test.each([
    ['full', 429],
    ['later', 409],
    ['past', 410],
  ] as const)(
    '[WR123] without a pass is refused as a call and a front’s question are: room %s, %i',
    async (id, status) => {
      await new Device(gateway.url, id).visit(`/${id}/`);
      const fan = new WebSocket(`${gateway.url.replace('http', 'ws')}/${id}/live`);
      fan.on('error', () => undefined);
      const [, response]: IncomingMessage[] = await once(fan, 'unexpected-response');
      if (response === undefined) throw new Error('no response');
      const refused = JSON.parse(await text(response));
      const stranger = new Device(gateway.url, id);
      const call = await stranger.fetch(`/${id}/api`);
      const question = await stranger.ask('GET', '/_junban/v1/auth?mode=traefik', {
        headers: { 'x-forwarded-uri': `/${id}/api`, 'x-forwarded-method': 'GET' },
      });
      expect([response.statusCode, call.status, question.status]).toEqual([status, status, status]);
      // They were asked one after the other. Before an opening each is told a moment of its own within 3 s (5 s here). // DR65
      const { next, ...alike } = refused;
      for (const other of [call.json(), question.json()]) {
        expect(other).toEqual(status === 409 ? { ...alike, next: expect.closeTo(next, -4) } : refused);
      }
      const [before, after] = [response.headers, call.headers].map(headers => Number(headers['retry-after'] ?? 0));
      const sooner = (before ?? 0) - (after ?? 0);
      expect([0, 1, 2, ...(status === 409 ? [-3, -2, -1, 3, 4] : [])]).toContain(sooner);
      if (status === 429) expect(refused).toMatchObject({ room: id, join: `/_junban/v1/tickets?room=${id}` });
    },
  );

  test('[WR122] hands out the token that its upgrade renewed', async () => {
    const device = new Device(gateway.url, 'renewed');
    await device.visit('/renewed/');
    const { pass } = device;
    await delay(4_500);
    const { fan, cookies, seen } = await link(device);
    expect(cookies).toEqual([expect.stringMatching(/^junban-pass-renewed=[\w.-]+; .*HttpOnly/)]);
    const renewed = /=([\w.-]+);/.exec(String(cookies))?.[1];
    expect(renewed).not.toBe(pass);
    expect(seen.headers['junban-pass']).toBe(renewed);
    fan.terminate();
  });
});
