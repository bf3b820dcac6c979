// What the gateway answers at a room's door, on any path that is not its own: the page, a problem, or the shop.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Device, navigationHeaders } from '../../support/device.ts';
import { gatewayWithRooms } from '../../support/gateway-rooms.ts';
import { readStatus, type Status } from '../../support/status.ts';

/** Rooms by path: in `held` one device holds the only slot, in `free` nobody waits. */
const stand = gatewayWithRooms(
  {
    held: {},
    jar: {},
    free: { activeCap: 10 },
    reload: {},
    capped: { activeCap: 1 },
    paced: { activeCap: 10, pacePerMinute: 1 },
    code503: { waitingStatus: 503 },
    lobby: { opensAt: '2020-01-01T00:00:00Z', startsAt: '2099-01-01T00:00:00Z' },
    closed: { opensAt: '2099-01-01T00:00:00Z', startsAt: '2099-01-02T00:00:00Z' },
    ended: { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' },
  },
  room => ({
    match: { paths: [`/${room}`], bypass: [`/${room}/assets/`] },
    graceTime: '30s',
  }),
);

beforeAll(async () => {
  for (const room of ['held', 'jar', 'reload', 'code503']) await holdTheLine(room);
});

async function holdTheLine(room: string): Promise<void> {
  const head = await Device.joined(stand.gateway.url, room);
  await head.untilCalled();
  await head.enter();
}

async function numbersTaken(room: string): Promise<number> {
  return Number((await stand.gateway.operate('GET', room))['handedOut']);
}

/** The first status that stands in a page. */
function statusIn(page: string): Status {
  const json = /\{"v":1,.*?"next":\d+\}/s.exec(page)?.[0];
  if (json === undefined) throw new Error(`no STATUS in the page: ${page.slice(-2_000)}`);
  return readStatus(json);
}

describe('a browser navigation without a pass', () => {
  test('[WR30] joins and gets the page with its first status in one answer', async () => {
    const device = new Device(stand.gateway.url, 'held');
    const { status, headers, text } = await device.visit('/held/page?q=1');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['cache-control']).toContain('no-store');
    expect(headers['x-robots-tag']).toContain('noindex');
    expect(device.ticket).not.toBe('');
    expect(statusIn(text)).toMatchObject({ room: 'held', state: 'waiting', number: device.number, ahead: 0 });
    expect(stand.shop.requestsTo('/held/page')).toEqual([]);
  });

  test('[WR30] comes in the language of the browser', async () => {
    const japanese = await new Device(stand.gateway.url, 'held').visit('/held', {
      headers: { 'accept-language': 'ja,en;q=0.5' },
    });
    expect(japanese.text).toContain('lang="ja"');
    expect(japanese.text).toContain('順番');
    const english = await new Device(stand.gateway.url, 'held').visit('/held', {
      headers: { 'accept-language': 'en-GB' },
    });
    expect(english.text).toContain('lang="en"');
    expect(statusIn(english.text).state).toBe('waiting');
  });

  test('[PG121] comes in Brotli to a client that takes nothing else, a moment after its language was first asked for', async () => {
    const encoded = async () => {
      const device = new Device(stand.gateway.url, 'held');
      return (await device.visit('/held', { headers: { 'accept-language': 'fi', 'accept-encoding': 'br' } })).headers;
    };
    await expect.poll(async () => (await encoded())['content-encoding']).toBe('br');
    expect(await encoded()).toMatchObject({ 'content-language': 'fi', 'content-type': 'text/html; charset=utf-8' });
  });

  test('[WR30] has the configured status', async () => {
    const { status, text } = await new Device(stand.gateway.url, 'code503').visit('/code503');
    expect(status).toBe(503);
    expect(statusIn(text).state).toBe('waiting');
  });

  test('[WR30] [WR34] [PG126] keeps its ticket on a reload, and the reload makes it present', async () => {
    const device = new Device(stand.gateway.url, 'reload');
    await device.visit('/reload');
    const { ticket } = device;
    const other = await Device.joined(stand.gateway.url, 'reload');
    expect((await other.status()).ahead).toBe(0);
    const again = await device.visit('/reload/elsewhere');
    expect(device.ticket).toBe(ticket);
    expect(statusIn(again.text)).toMatchObject({ number: device.number });
    // PG126: it has both already.
    expect(again.setCookies).toEqual([]);
    expect(again.text).not.toContain(ticket);
    await expect.poll(async () => (await other.status()).ahead, { timeout: 3_000 }).toBe(1);
  });

  test('[WR50] parallel first requests of one cookie jar settle on one ticket', async () => {
    const jar = new Device(stand.gateway.url, 'jar');
    await Promise.all(Array.from({ length: 8 }, (_, index) => jar.visit(`/jar/${index}`)));
    const { ticket, number } = jar;
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => jar.visit(`/jar/${index}`)));
    expect(new Set(answers.map(({ text }) => statusIn(text).number))).toEqual(new Set([number]));
    expect(jar.ticket).toBe(ticket);
    // The numbers that were taken beside it belong to nobody who is there.
    expect(await jar.status()).toMatchObject({ number, ahead: 0 });
    await expect.poll(async () => (await jar.status()).total).toBe(1);
  });

  test('[WR30] HEAD and prefetches do not join', async () => {
    const before = await numbersTaken('held');
    const device = new Device(stand.gateway.url, 'held');
    const head = await device.ask('HEAD', '/held', { headers: navigationHeaders });
    expect(head.setCookies).toEqual([]);
    expect(head.text).toBe('');
    for (const headers of [{ 'sec-purpose': 'prefetch;prerender' }, { purpose: 'prefetch' }, { 'x-moz': 'prefetch' }]) {
      const answer = await device.visit('/held', { headers });
      expect(answer.status).toBe(429);
      expect(answer.setCookies).toEqual([]);
    }
    expect(await numbersTaken('held')).toBe(before);
  });

  test('[WR51] before the lobby and after the end a page says so and takes no number', async () => {
    for (const room of ['closed', 'ended']) {
      const device = new Device(stand.gateway.url, room);
      const { headers, text } = await device.visit(`/${room}`);
      expect(headers['content-type']).toMatch(/^text\/html/);
      expect(text).toContain(`"room-${room}"`);
      expect(device.ticket).toBe('');
      expect(await numbersTaken(room)).toBe(0);
    }
  });

  test('[WR30] in the lobby it joins for the draw', async () => {
    const device = new Device(stand.gateway.url, 'lobby');
    expect(statusIn((await device.visit('/lobby')).text)).toMatchObject({ state: 'lobby', number: 0, place: null });
  });
});

describe('anything that is no navigation, without a pass', () => {
  test('[WR31] gets 429 problem+json with Retry-After, never a page', async () => {
    const device = new Device(stand.gateway.url, 'held');
    const calls = [
      await device.fetch('/held/api'),
      await device.ask('POST', '/held/api', { headers: navigationHeaders, body: 'x=1' }),
      await device.ask('GET', '/held/image.png', { headers: { accept: 'image/*' } }),
      await device.ask('DELETE', '/held/api'),
      await device.ask('GET', '/held/frame', { headers: { ...navigationHeaders, 'sec-fetch-dest': 'iframe' } }),
    ];
    for (const { status, headers, setCookies, json } of calls) {
      expect(status).toBe(429);
      expect(headers['content-type']).toBe('application/problem+json');
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(headers['cache-control']).toContain('no-store');
      expect(setCookies).toEqual([]);
      expect(json()).toMatchObject({
        status: 429,
        code: 'waiting',
        title: expect.any(String),
        type: expect.any(String),
      });
    }
    expect(stand.shop.requests.filter(({ url }) => url.startsWith('/held'))).toEqual([]);
  });

  test('[WR31] gets the state of the room when nobody can join it', async () => {
    const early = await new Device(stand.gateway.url, 'closed').fetch('/closed/api');
    expect(early.status).toBe(409);
    expect(early.json()).toMatchObject({ code: 'room-closed', opensAt: '2099-01-01T00:00:00.000Z' });
    const late = await new Device(stand.gateway.url, 'ended').fetch('/ended/api');
    expect(late.status).toBe(410);
    expect(late.json()).toMatchObject({ code: 'room-ended' });
  });
});

describe('where nobody waits', () => {
  test('[WR32] a device walks straight through with a fresh pass, page or call', async () => {
    const device = new Device(stand.gateway.url, 'free');
    const { status, text } = await device.visit('/free/page?a=1&b=%20');
    expect([status, text]).toEqual([200, '<h1>the shop</h1>']);
    expect(device.pass).not.toBe('');
    expect(device.ticket).not.toBe('');
    const [recorded] = stand.shop.requestsTo('/free/page');
    expect(recorded?.url).toBe('/free/page?a=1&b=%20');
    expect(recorded?.headers).toMatchObject({ 'junban-room': 'free', 'junban-pass': device.pass });
    expect((await device.status()).state).toBe('admitted');

    const app = new Device(stand.gateway.url, 'free');
    expect((await app.fetch('/free/api')).status).toBe(200);
    expect(app.pass).not.toBe('');
    const posting = new Device(stand.gateway.url, 'free');
    await posting.ask('POST', '/free/order', { body: 'seats=2' });
    expect(stand.shop.requestsTo('/free/order').map(({ body }) => body.toString())).toEqual(['seats=2']);
  });

  test('[WR32] the active cap and the pace still hold', async () => {
    const inside = new Device(stand.gateway.url, 'capped');
    expect((await inside.visit('/capped')).text).toBe('<h1>the shop</h1>');
    const next = new Device(stand.gateway.url, 'capped');
    expect(statusIn((await next.visit('/capped')).text)).toMatchObject({ state: 'waiting' });
    // Where nobody waits but the cap is reached, a call costs no number.
    const taken = await numbersTaken('capped');
    expect((await new Device(stand.gateway.url, 'capped').fetch('/capped/api')).status).toBe(429);
    expect(await numbersTaken('capped')).toBe(taken);

    const first = new Device(stand.gateway.url, 'paced');
    expect((await first.visit('/paced')).text).toBe('<h1>the shop</h1>');
    expect(statusIn((await new Device(stand.gateway.url, 'paced').visit('/paced')).text)).toMatchObject({
      state: 'waiting',
    });
  });

  test('[PX66] what a cache in front may keep has no ticket and no pass in it', async () => {
    const before = stand.shop.answer;
    stand.shop.answer = () => ({
      status: 200,
      headers: { 'cache-control': 'public, max-age=3600', 'cdn-cache-control': 'max-age=60', 'x-kept': 'yes' },
    });
    const device = new Device(stand.gateway.url, 'free');
    const first = await device.visit('/free/');
    expect(first.headers['set-cookie']).toHaveLength(2);
    expect(first.headers['cache-control']).toBe('private, no-store');
    expect(first.headers['cdn-cache-control']).toBeUndefined();
    expect(first.headers['x-kept']).toBe('yes');
    const second = await device.visit('/free/');
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(second.headers['cache-control']).toBe('public, max-age=3600');
    stand.shop.answer = before;
  });

  test('[WR55] a WebSocket of the shop opens with a pass, and without one it is 429', async () => {
    const device = new Device(stand.gateway.url, 'free');
    await device.visit('/free/');
    const address = `${stand.gateway.url.replace('http', 'ws')}/free/live?seat=1`;
    const socket = new WebSocket(address, { headers: { cookie: `a=1; ${device.cookieHeader}` } });
    await once(socket, 'open');
    socket.send('hello');
    const [echoed] = await once(socket, 'message');
    expect(String(echoed)).toBe('hello');
    socket.close();
    const [code] = await once(socket, 'close');
    expect(code).toBe(1005);
    const [upgrade] = stand.shop.upgrades;
    expect(upgrade?.url).toBe('/free/live?seat=1');
    expect(upgrade?.headers).toMatchObject({ 'junban-pass': device.pass, 'junban-room': 'free', cookie: 'a=1' });

    const refused = new WebSocket(`${stand.gateway.url.replace('http', 'ws')}/held/live`);
    const [, response]: [unknown, IncomingMessage] = await once(refused, 'unexpected-response').then(
      ([request, answer]) => [request, answer],
    );
    response.resume();
    expect([response.statusCode, response.headers['content-type']]).toEqual([429, 'application/problem+json']);
    expect(stand.shop.upgrades).toHaveLength(1);
  });

  test('[WR52] bypass paths go to the shop without ticket, pass or line, on segment borders', async () => {
    const device = new Device(stand.gateway.url, 'held');
    const { status, setCookies } = await device.ask('GET', '/held/assets/logo.svg');
    expect([status, setCookies]).toEqual([200, []]);
    const [recorded] = stand.shop.requestsTo('/held/assets/logo.svg');
    expect(recorded?.headers['junban-pass']).toBeUndefined();
    expect((await device.ask('GET', '/held/assetsx/logo.svg')).status).toBe(429);
    expect((await device.ask('GET', '/held/assets/%2e%2e/secret')).status).toBe(429);
  });
});
