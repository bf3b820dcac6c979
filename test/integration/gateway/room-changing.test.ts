// A gateway whose only room is just being changed: every way to it says to come again, and none says it is not there.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Gateway } from '../../../src/gateway/gateway.ts';
import { buildDrawCheckScript, buildPassTimeScript } from '../../../src/page/browser-scripts.ts';
import { loadLanguages } from '../../../src/page/languages.ts';
import { buildWaitingPage } from '../../../src/page/waiting-page.ts';

const prefix = '/_junban';
let gateway: Gateway;
let url: string;
beforeAll(async () => {
  const languages = await loadLanguages();
  gateway = new Gateway({
    ...{ prefix, trustedProxies: ['127.0.0.1/32'], page: await buildWaitingPage({ prefix, room: null }) },
    scripts: { passTime: buildPassTimeScript(languages), drawCheck: buildDrawCheckScript(languages) },
    ...{ jwks: () => '', nowMs: () => Date.now(), onFailure: () => undefined },
  });
  gateway.useRooms(
    { rooms: [], changing: [{ id: 'fest', match: { hosts: ['*'], paths: ['/'], bypass: ['/open'] } }] },
    0,
  );
  url = `http://127.0.0.1:${await gateway.listen('127.0.0.1', 0)}`;
});
afterAll(() => {
  gateway?.drain(0);
  gateway?.close();
});

const navigation = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

test.each([
  ['a page', 'GET', '/', navigation, /<html/],
  ['its bypass', 'GET', '/open/logo.svg', {}, /"room-changing"/],
  ['a call', 'POST', '/api', {}, /"room-changing"/],
  ['the page at its own address', 'GET', `${prefix}/?room=fest`, navigation, /<html/],
  ['joining', 'POST', `${prefix}/v1/tickets`, {}, /"room-changing"/],
  ['STATUS', 'GET', `${prefix}/v1/tickets/current?room=fest`, {}, /"room-changing"/],
  ['the facts', 'GET', `${prefix}/v1/rooms/fest`, {}, /"room-changing"/],
  [
    'a front that asks for a call',
    'GET',
    `${prefix}/v1/auth?mode=caddy`,
    { 'x-forwarded-uri': '/api' },
    /"room-changing"/,
  ],
] as const)(
  '[OP220] %s of a room that is being changed is answered 503 with Retry-After',
  async (_, method, path, headers, said) => {
    const answer = await request(`${url}${path}`, { method, headers });
    expect([answer.statusCode, answer.headers['retry-after'], await answer.body.text()]).toEqual([
      503,
      '1',
      expect.stringMatching(said),
    ]);
  },
);

test('[OP220] a front that asks for a page of such a room is told the page where its fan waits', async () => {
  const asked = { 'x-original-uri': '/a?b=1', 'x-forwarded-uri': '/a?b=1', ...navigation };
  const nginx = await request(`${url}${prefix}/v1/auth?mode=nginx`, { headers: asked });
  const caddy = await request(`${url}${prefix}/v1/auth?mode=caddy`, { headers: asked });
  await Promise.all([nginx.body.dump(), caddy.body.dump()]);
  const page = `${prefix}/?room=fest&returnTo=%2Fa%3Fb%3D1`;
  expect([nginx.statusCode, nginx.headers['junban-location']]).toEqual([401, page]);
  expect([caddy.statusCode, caddy.headers.location]).toEqual([302, page]);
});

test.each([`${prefix}/v1/socket?room=fest`, '/live'])(
  '[OP220] a WebSocket to %s of such a room gets 503',
  async path => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`);
    socket.on('error', () => undefined);
    const [, response]: IncomingMessage[] = await once(socket, 'unexpected-response');
    expect([response?.statusCode, response?.headers['retry-after']]).toEqual([503, '1']);
  },
);
