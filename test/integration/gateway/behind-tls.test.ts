// Behind a trusted proxy that ends TLS: our cookies are bound to the host, and the origin of a page is an https one.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Device, navigationHeaders } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';

let shop: RecordingShop;
let gateway: GatewayProcess;

beforeAll(async () => {
  shop = await RecordingShop.start();
  gateway = await GatewayProcess.start({
    rooms: [{ id: 'sale', shop: shop.url, activeCap: 1, match: { hosts: ['shop.example'] } }],
    more: { trustedProxies: ['127.0.0.1/32'] },
  });
});
afterAll(async () => {
  await gateway?.remove();
  await shop?.close();
});

const overTls = { host: 'shop.example', 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' };

test('[WR56] cookies are __Host- and Secure, work on the way back, and returnTo knows its own https address', async () => {
  const device = new Device(gateway.url, 'sale');
  const { status, setCookies } = await device.visit('/', { headers: { ...navigationHeaders, ...overTls } });
  expect(status).toBe(200);
  expect(setCookies).toHaveLength(2);
  for (const line of setCookies) {
    expect(line).toMatch(
      /^__Host-junban-(ticket|pass)-sale=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
  }
  const call = await device.ask('GET', '/api', { headers: overTls });
  expect(call.status).toBe(200);
  const [recorded] = shop.requestsTo('/api');
  expect(recorded?.headers).toMatchObject({ 'junban-room': 'sale', host: 'shop.example' });
  expect(recorded?.headers.cookie).toBeUndefined();
  const claim = await device.ask('POST', device.at('/passes'), {
    headers: { ...overTls, 'content-type': 'application/json' },
    body: JSON.stringify({ returnTo: 'https://shop.example/seats' }),
  });
  expect([claim.status, claim.json()['returnTo']]).toEqual([200, '/seats']);
});

test('[WR40] a page of the https site may follow, the http one may not', async () => {
  const device = new Device(gateway.url, 'sale');
  await device.ask('POST', device.at('/tickets'), { headers: overTls });
  const upgrade = (origin: string) =>
    new Promise<number>(resolve => {
      const address = `${gateway.url.replace('http', 'ws')}${device.at('/socket')}`;
      const socket = new WebSocket(address, 'junban.v1', {
        headers: { ...overTls, origin, cookie: device.cookieHeader },
      });
      socket.on('message', () => {
        socket.terminate();
        resolve(101);
      });
      socket.on('unexpected-response', (_, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      socket.on('error', () => resolve(0));
    });
  expect(await upgrade('https://shop.example')).toBe(101);
  expect(await upgrade('http://shop.example')).toBe(403);
});

// Its front was the only address that the ops listener saw: ten guesses a minute kept every operator out.
test('[OP224] who guesses ops tokens behind the front locks out nobody else behind it, and cannot pose as another', async () => {
  const ask = async (token: string, forwardedFor: string) => {
    const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': forwardedFor };
    const answer = await fetch(`http://127.0.0.1:${gateway.opsPort}/api/v1/session`, { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  for (let count = 0; count < 10; count += 1) {
    expect(await ask(`guess-${count}`, `198.51.100.${count}, 203.0.113.9`)).toBe(401);
  }
  expect(await ask('guess-10', '203.0.113.9')).toBe(429);
  expect(await ask('a-token-of-the-tests', '203.0.113.9')).toBe(429);
  expect(await ask('a-token-of-the-tests', '198.51.100.7')).toBe(200);
});
