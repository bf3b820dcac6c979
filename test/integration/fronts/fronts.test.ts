// Real nginx and real HAProxy before a real gateway, with the files of deploy/fronts/: what fans need goes through, and
// odd framing stays without effect behind a front that shares its connections between fans.

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { okAnswer, requestText, sendRaw } from '../../support/raw-http.ts';
import { oddRequests, writeOut } from '../bad-input/odd-framings.ts';
import { cookiePairs, enterAt, fullRoom, openStand, type Stand } from '../bad-input/stand.ts';
import { type Front, startHaproxy, startNginx } from './front-process.ts';

const trusted = { trustedProxies: ['127.0.0.1/32'] };
const browser = ['Host: shop.test', 'Accept: text/html'];

describe.each([
  ['nginx', (gatewayPort: number, isSecure: boolean) => startNginx('nginx.conf', { gatewayPort, isSecure })],
  ['haproxy', (gatewayPort: number, isSecure: boolean) => startHaproxy({ gatewayPort, isSecure })],
] as const)('%s before the gateway', (_, startFront) => {
  let stand: Stand;
  let front: Front;
  let pass: string;

  beforeAll(async () => {
    stand = await openStand(fullRoom, trusted);
    front = await startFront(stand.gateway.port, false);
    pass = await enterAt(front.port);
  });

  afterAll(async () => {
    await front?.stop();
    await stand.stop();
  });

  test('[WR88] the shop sees the fan once, and nobody writes that address but the front', async () => {
    stand.shop.forget();
    const forged = [
      'X-Forwarded-For: 6.6.6.6',
      'X-Forwarded-Proto: https',
      'Junban-Pass: forged',
      'Junban-Room: other',
    ];
    const answer = await sendRaw(
      front.port,
      requestText('GET /seen HTTP/1.1', [...browser, ...forged, `Cookie: ${pass}; other=1`]),
    );
    expect(answer.status).toBe(200);
    const [request] = stand.shop.requests;
    expect(request?.head).not.toContain('6.6.6.6');
    expect(request?.head).not.toContain('forged');
    expect(request?.lines.map(line => line.toLowerCase())).toEqual(
      expect.arrayContaining(['junban-room: sale', 'x-forwarded-proto: http', 'cookie: other=1', 'host: shop.test']),
    );
  });

  test('[WR88] https at the front makes cookies that are bound to the host', async () => {
    const own = await openStand(fullRoom, trusted);
    const secure = await startFront(own.gateway.port, true);
    try {
      const answer = await sendRaw(secure.port, requestText('GET / HTTP/1.1', browser));
      const cookies = answer.headers.get('set-cookie') ?? '';
      expect(cookies).toContain('__Host-junban-pass-sale=');
      expect(cookies.split('\n').every(line => line.includes('; Secure') && line.includes('Path=/'))).toBe(true);
      const again = ['Host: shop.test', `Cookie: ${cookiePairs(cookies)}`];
      expect((await sendRaw(secure.port, requestText('GET /again HTTP/1.1', again))).body).toBe('ok');
      const stranger = ['Host: shop.test', 'X-Forwarded-Proto: https', 'Accept: text/html'];
      const untrusted = await openStand(fullRoom);
      const direct = await sendRaw(untrusted.gateway.port, requestText('GET / HTTP/1.1', stranger));
      await untrusted.stop();
      expect(direct.headers.get('set-cookie')).not.toContain('__Host-');
    } finally {
      await secure.stop();
      await own.stop();
    }
  });

  test('[WR89] a device follows its place by socket and by events, each word at once', async () => {
    const joined = await sendRaw(
      front.port,
      requestText('POST /_junban/v1/tickets HTTP/1.1', ['Host: shop.test', 'Content-Length: 0']),
    );
    const cookie = cookiePairs(joined.headers.get('set-cookie') ?? '');
    const socket = new WebSocket(`ws://127.0.0.1:${front.port}/_junban/v1/socket`, ['junban.v1'], {
      headers: { Host: 'shop.test', Cookie: cookie, Origin: 'http://shop.test' },
    });
    const frame = await new Promise<string>((resolve, reject) => {
      socket.on('message', data => resolve(String(data)));
      socket.on('error', reject);
    });
    expect(JSON.parse(frame)).toMatchObject({ v: 1, room: 'sale', state: 'waiting' });
    socket.terminate();
    const events = connect(front.port, '127.0.0.1');
    events.write(
      requestText('GET /_junban/v1/tickets/current/events HTTP/1.1', ['Host: shop.test', `Cookie: ${cookie}`]),
    );
    const first = await new Promise<string>((resolve, reject) => {
      let text = '';
      events.on('error', reject);
      events.on('close', () => reject(new Error(`ended: ${text}`)));
      events.on('data', data => {
        text += data.toString();
        if (/data: ?\{.*\}/.test(text)) resolve(text);
      });
    });
    expect(first).toContain('text/event-stream');
    events.destroy();
  });

  test('[WR66] 16 KB of cookies reach the shop, ours taken out', async () => {
    stand.shop.forget();
    const fat = `fat=${'c'.repeat(16_384)}`;
    const answer = await sendRaw(front.port, requestText('GET /fat HTTP/1.1', [...browser, `Cookie: ${pass}; ${fat}`]));
    expect(answer.status).toBe(200);
    expect(stand.shop.requests[0]?.lines.filter(line => /^cookie:/i.test(line))).toEqual([
      expect.stringMatching(/^cookie: fat=c{16384}$/i),
    ]);
  });

  test('[WR60] odd framing makes no second request and touches nobody else behind the front', async () => {
    stand.shop.forget();
    stand.shop.answerOf = ({ target }) =>
      okAnswer.replace('Length: 2', `Length: ${target.length}`).replace(/ok$/, target);
    let isOver = false;
    const neighbour = async (name: string) => {
      const seen: string[] = [];
      for (let at = 0; !isOver; at += 1) {
        const target = `/neighbour-${name}-${at}`;
        const answer = await sendRaw(
          front.port,
          requestText(`GET ${target} HTTP/1.1`, ['Host: shop.test', `Cookie: ${pass}`]),
        );
        if (answer.status !== 200 || answer.body !== target) seen.push(`${target}: ${answer.text.slice(0, 200)}`);
      }
      return seen;
    };
    const beside = Promise.all([neighbour('a'), neighbour('b')]);
    const paths = oddRequests.map((_, at) => `/case-${at}-`);
    for (let at = 0; at < oddRequests.length; at += 32) {
      await Promise.all(
        oddRequests
          .slice(at, at + 32)
          .map(([, text], offset) =>
            sendRaw(front.port, writeOut(text, paths[at + offset] ?? '', pass), { withinMs: 400 }),
          ),
      );
    }
    isOver = true;
    expect(await beside).toEqual([[], []]);
    const { requests, breaches } = stand.shop;
    expect(breaches).toEqual([]);
    expect(requests.filter(({ target }) => target.includes('hidden'))).toEqual([]);
    const counts = paths.map(path => requests.filter(({ target }) => target.startsWith(path)).length);
    expect(Math.max(...counts)).toBe(1);
    expect(front.isRunning()).toBe(true);
    expect(await stand.neighbourMs()).toBeLessThan(1_000);
  });
});

describe('nginx that asks and goes to the shop by itself', () => {
  let stand: Stand;
  let front: Front;

  beforeAll(async () => {
    stand = await openStand(
      shop => [{ id: 'sale', shop: shop.origin, activeCap: 1, match: { bypass: ['/assets/'] } }],
      trusted,
    );
    front = await startNginx('nginx-auth.conf', { gatewayPort: stand.gateway.port, shopPort: stand.shop.port });
  });

  afterAll(async () => {
    await front?.stop();
    await stand.stop();
  });

  test('[WR80] a fan is sent to the page, walks in there, comes back and is in the shop', async () => {
    const first = await sendRaw(front.port, requestText('GET /cart?a=1 HTTP/1.1', browser));
    expect(first.status).toBe(302);
    const page = first.headers.get('location') ?? '';
    expect(page).toBe('/_junban/?room=sale&returnTo=%2Fcart%3Fa%3D1');
    expect(stand.shop.requests).toEqual([]);
    const second = await sendRaw(front.port, requestText(`GET ${page} HTTP/1.1`, browser));
    expect([second.status, second.headers.get('location')]).toEqual([303, '/cart?a=1']);
    const cookie = `Cookie: ${cookiePairs(second.headers.get('set-cookie') ?? '')}`;
    const forged = ['Junban-Pass: forged', 'X-Original-URI: /assets/', 'X-Forwarded-Uri: /assets/'];
    const third = await sendRaw(front.port, requestText('GET /cart?a=1 HTTP/1.1', [...browser, cookie, ...forged]));
    expect([third.status, third.body]).toEqual([200, 'ok']);
    const [request] = stand.shop.requests;
    expect(request?.target).toBe('/cart?a=1');
    expect(request?.lines).toContain('Junban-Room: sale');
    expect(request?.head).toMatch(/\r\nJunban-Pass: eyJ/);
    expect(request?.head).not.toContain('Junban-Pass: forged');
    const posted = await sendRaw(
      front.port,
      requestText('POST /pay HTTP/1.1', ['Host: shop.test', cookie, 'Content-Length: 5'], 'hello'),
    );
    expect(posted.status).toBe(200);
    expect(stand.shop.requests[1]?.body).toBe('hello');
  });

  test('[WR80] without a pass nothing reaches the shop, and nothing is a 500', async () => {
    stand.shop.forget();
    const forged = ['X-Original-URI: /assets/a', 'X-Forwarded-Uri: /assets/a', 'X-Original-Method: GET'];
    const call = (line: string, headers: readonly string[] = []) =>
      sendRaw(front.port, requestText(line, ['Host: shop.test', ...forged, ...headers]));
    const api = await call('GET /api/stock HTTP/1.1', ['Accept: application/json']);
    expect(api.status).toBe(429);
    expect(api.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(api.body)).toMatchObject({ code: 'waiting' });
    const targets = [
      '/a/../cart',
      '/assets/../cart',
      '/assets/%2e%2e/cart',
      '/assets/..%2fcart',
      '//cart',
      '/assets/..;/cart',
    ];
    const statuses = await Promise.all(
      [...targets, '/a%00', '/%ff', '/x\\y', '/_junban/v1/auth', '/_junban/v1/auth/assets/a', '/_junban-auth'].map(
        async target => (await call(`GET ${target} HTTP/1.1`, ['Accept: text/html'])).status,
      ),
    );
    expect(statuses.filter(status => status >= 500 || status < 300)).toEqual([]);
    expect(stand.shop.requests).toEqual([]);
    expect((await call('GET /assets/a.js HTTP/1.1')).status).toBe(200);
  });
});
