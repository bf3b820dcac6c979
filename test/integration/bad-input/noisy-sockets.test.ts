// Sockets of the line that talk, send garbage, come from elsewhere, or come in floods: they are refused or closed, and nobody
// else.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { bytesOf, okAnswer, sendRaw } from '../../support/raw-http.ts';
import { besideNeighbour, closed, head, joinRaw, openRaw, upgradeHeaders } from './held-open.ts';
import { fullRoom, openStand, type Stand } from './stand.ts';

const megabyte = 1024 * 1024;

let stand: Stand;
let pass: string;

beforeAll(async () => {
  stand = await openStand(fullRoom);
  pass = await stand.enter();
});

afterAll(() => stand?.stop());

const open = (text: string) => openRaw(stand.gateway.port, text);
const join = () => joinRaw(stand.gateway.port);

describe('[WR71] a socket that talks is closed with its code, and nobody else', () => {
  let cookie: string;
  let bystander: WebSocket;

  const dial = (headers: Readonly<Record<string, string>> = {}, protocols: string[] = ['junban.v1']) =>
    new WebSocket(`${stand.gateway.url.replace('http', 'ws')}/_junban/v1/socket`, protocols, {
      headers: { Host: 'shop.test', Origin: 'http://shop.test', Cookie: cookie, ...headers },
    });
  const opened = (socket: WebSocket) =>
    new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
  const ended = (socket: WebSocket) =>
    new Promise<number>(resolve => {
      socket.on('error', () => undefined); // The code of the close tells.
      socket.once('close', resolve);
    });
  const refusal = (socket: WebSocket) =>
    new Promise<number>((resolve, reject) => {
      socket.once('unexpected-response', (_, response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      socket.once('open', () => reject(new Error('it was opened')));
      socket.once('error', reject);
    });

  beforeAll(async () => {
    cookie = await join();
    bystander = new WebSocket(`${stand.gateway.url.replace('http', 'ws')}/_junban/v1/socket`, ['junban.v1'], {
      headers: { Host: 'shop.test', Origin: 'http://shop.test', Cookie: await join() },
    });
    await opened(bystander);
  });

  afterAll(() => bystander?.terminate());

  test.each([
    ['one message of 513 bytes', (socket: WebSocket) => socket.send('a'.repeat(513)), [1006, 1009]],
    ['one message of a megabyte', (socket: WebSocket) => socket.send('a'.repeat(megabyte)), [1006, 1009]],
    [
      'a thousand messages',
      (socket: WebSocket) => Array.from({ length: 1_000 }, () => socket.send('{}')),
      [1006, 4103],
    ],
    [
      'a thousand empty ones',
      (socket: WebSocket) => Array.from({ length: 1_000 }, () => socket.send('')),
      [1006, 4103],
    ],
    [
      'binary ones',
      (socket: WebSocket) => Array.from({ length: 100 }, () => socket.send(Buffer.alloc(100))),
      [1006, 4103],
    ],
  ] as const)('%s', async (_, talk, codes) => {
    const socket = dial();
    await opened(socket);
    const end = ended(socket);
    talk(socket);
    expect(codes).toContain(await end);
    expect(bystander.readyState).toBe(WebSocket.OPEN);
  });

  test.each([
    // The server takes a mask for granted, so it is the number of messages that ends these two.
    ['frames that are not masked', Buffer.alloc(448, Buffer.from([0x81, 0x05, 0x68, 0x65, 0x6c, 0x6c, 0x6f]))],
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ['an unknown kind of frame', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['a ping of 126 bytes', Buffer.concat([Buffer.from([0x89, 0xfe, 0, 126, 0, 0, 0, 0]), Buffer.alloc(126)])],
    ['a length of 2^63', Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['continuations of nothing', Buffer.alloc(448, Buffer.from([0x80, 0x81, 0, 0, 0, 0, 0x61]))],
    ['text that is no UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff])],
    ['an HTTP request', bytesOf(head('GET /hidden', []))],
    ['zeros', Buffer.alloc(4_096)],
    ['noise', Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 167 + 13) % 256))],
  ])('%s', async (_, bytes) => {
    const own = ['Origin: http://shop.test', `Cookie: ${cookie}`];
    const socket = open(head('GET /_junban/v1/socket', [...upgradeHeaders, ...own]));
    await new Promise(resolve => socket.once('data', resolve));
    const end = closed(socket);
    socket.write(bytes);
    await end;
    socket.destroy();
    expect(bystander.readyState).toBe(WebSocket.OPEN);
    expect(stand.shop.requests.filter(({ target }) => target === '/hidden')).toEqual([]);
  });

  test.each([
    ['another site', { Origin: 'http://evil.test' }],
    ['a sibling', { Origin: 'http://sub.shop.test' }],
    ['another scheme', { Origin: 'https://shop.test' }],
    ['another port', { Origin: 'http://shop.test:8080' }],
    ['a host that begins alike', { Origin: 'http://shop.test.evil.test' }],
    ['user info', { Origin: 'http://shop.test@evil.test' }],
    ['no origin a page can have', { Origin: 'null' }],
    ['none, with a cookie', { Origin: '' }],
    ['a path', { Origin: 'http://shop.test/' }],
    ['two', { Origin: 'http://shop.test, http://evil.test' }],
  ])('[WR40] an upgrade from %s is 403', async (_, headers) => {
    expect(await refusal(dial(headers))).toBe(403);
  });

  test('[WR40] an upgrade without an Origin header needs a bearer ticket', async () => {
    const ask = (line: string) =>
      sendRaw(stand.gateway.port, head('GET /_junban/v1/socket', [...upgradeHeaders, line]));
    expect((await ask(`Cookie: ${cookie}`)).status).toBe(403);
    const ticket = cookie.slice(cookie.indexOf('=') + 1);
    expect((await ask(`Authorization: Bearer ${ticket}`)).status).toBe(101);
  });

  test('[WR61] floods of upgrades: refused, of one device, and cut off half-way', async () => {
    const before = stand.memoryBytes();
    const own = [...upgradeHeaders, 'Origin: http://shop.test'];
    const { result, p99Ms } = await besideNeighbour(stand, async () => {
      const statuses = new Set<number>();
      for (let round = 0; round < 20; round += 1) {
        const answers = await Promise.all([
          ...Array.from({ length: 30 }, () => sendRaw(stand.gateway.port, head('GET /_junban/v1/socket', own))),
          ...Array.from({ length: 30 }, () => sendRaw(stand.gateway.port, head('GET /shop-socket', own))),
          ...Array.from({ length: 30 }, () =>
            sendRaw(stand.gateway.port, head('GET /_junban/v1/socket', [...own, `Cookie: ${cookie}`])),
          ),
        ]);
        for (const { status } of answers) statuses.add(status);
        for (let at = 0; at < 30; at += 1)
          open(head('GET /_junban/v1/socket', [...own, `Cookie: ${cookie}`])).destroy();
      }
      return [...statuses].sort();
    });
    expect(result).toEqual([101, 401, 429]);
    expect(p99Ms).toBeLessThan(250);
    expect(stand.memoryBytes() - before).toBeLessThan(48 * megabyte);
    expect(bystander.readyState).toBe(WebSocket.OPEN);
    expect(stand.gateway.said).not.toContain('"level":"error"');
    expect((await sendRaw(stand.gateway.port, head('GET /last', [`Cookie: ${pass}`]))).text).toContain(
      okAnswer.slice(-2),
    );
  });
});
