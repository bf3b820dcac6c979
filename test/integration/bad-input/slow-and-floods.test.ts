// Clients that trickle, that never read, that send garbage, and that come in floods: they are cut off or held within
// bounds, and a well-behaved neighbour is answered at once all the while.

import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { bytesOf, okAnswer, requestText, sendRaw } from '../../support/raw-http.ts';
import { cookiePairs, fullRoom, openStand, percentile99, type Stand } from './stand.ts';

const megabyte = 1024 * 1024;
/** Before malformed, slow or silent clients the server's timer is 10 s, and its sweep takes up to 4 s more. */
const cutMsMax = 20_000;

let stand: Stand;
let pass: string;

beforeAll(async () => {
  stand = await openStand(fullRoom);
  pass = await stand.enter();
});

afterAll(() => stand?.stop());

function open(text: string): Socket {
  const socket = connect(stand.gateway.port, '127.0.0.1');
  socket.on('error', () => undefined); // Being cut off is what is waited for.
  socket.write(bytesOf(text));
  return socket;
}

const closed = (socket: Socket, withinMs = cutMsMax): Promise<number> =>
  new Promise((resolve, reject) => {
    const startedAtMs = performance.now();
    const late = setTimeout(() => reject(new Error('the connection was not ended')), withinMs);
    socket.on('close', () => {
      clearTimeout(late);
      resolve(performance.now() - startedAtMs);
    });
  });

/** Runs `act` and tells how long a neighbour waited meanwhile. */
async function besideNeighbour<Result>(act: () => Promise<Result>): Promise<{ result: Result; p99Ms: number }> {
  let isOver = false;
  const waits: number[] = [];
  const beside = (async () => {
    while (!isOver || waits.length < 20) {
      waits.push(await stand.neighbourMs());
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  })();
  const result = await act().finally(() => {
    isOver = true;
  });
  await beside;
  return { result, p99Ms: percentile99(waits) };
}

const head = (line: string, headers: readonly string[] = []) =>
  requestText(`${line} HTTP/1.1`, ['Host: shop.test', ...headers]);

async function join(): Promise<string> {
  const answer = await sendRaw(stand.gateway.port, head('POST /_junban/v1/tickets', ['Content-Length: 0']));
  return cookiePairs(answer.headers.get('set-cookie') ?? '');
}

describe('[WR64] whoever trickles is cut off', () => {
  test('heads and bodies that never end, of which some go to the shop', async () => {
    const before = stand.memoryBytes();
    const started = [
      ...Array.from({ length: 100 }, () => open('GET / HTTP/1.1\r\nHost: shop.test\r\n')),
      ...Array.from({ length: 100 }, () => open('')),
      ...Array.from({ length: 50 }, () => open(head('POST /_junban/v1/tickets', ['Content-Length: 100']))),
      ...Array.from({ length: 50 }, () =>
        open(head('POST /_junban/v1/passes', [`Cookie: ${pass}`, 'Content-Length: 100'])),
      ),
      ...Array.from({ length: 20 }, () => open(head('POST /slow', [`Cookie: ${pass}`, 'Content-Length: 100']))),
      ...Array.from({ length: 20 }, () => open(head('POST /slow', [`Cookie: ${pass}`, 'Transfer-Encoding: chunked']))),
    ];
    const trickle = setInterval(() => {
      for (const [at, socket] of started.entries()) if (at % 2 === 0 && socket.writable) socket.write('X');
    }, 500);
    const { p99Ms } = await besideNeighbour(() => Promise.all(started.map(socket => closed(socket))));
    clearInterval(trickle);
    expect(p99Ms).toBeLessThan(250);
    expect(stand.memoryBytes() - before).toBeLessThan(32 * megabyte);
    expect(stand.shop.breaches).toEqual([]);
    expect(stand.shop.requests.filter(({ target }) => target === '/slow')).toEqual([]);
  }, 60_000);
});

describe('[WR65] whoever does not read is held within bounds', () => {
  test('a download', async () => {
    const chunk = Buffer.alloc(65_536, 'a');
    let taken = 0;
    stand.shop.takeOver = ({ target }, socket) => {
      if (target !== '/huge') return false;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${10_000 * megabyte}\r\n\r\n`);
      const pour = () => {
        while (socket.writable && socket.write(chunk)) taken += chunk.length;
      };
      socket.on('drain', pour);
      pour();
      return true;
    };
    const before = stand.memoryBytes();
    const readers = Array.from({ length: 20 }, () => {
      const socket = open(head('GET /huge', [`Cookie: ${pass}`]));
      socket.once('data', () => socket.pause());
      return socket;
    });
    await Promise.all(readers.map(socket => new Promise(resolve => socket.once('data', resolve))));
    const { p99Ms } = await besideNeighbour(() => untilSteady(() => taken));
    expect(p99Ms).toBeLessThan(250);
    expect(stand.memoryBytes() - before).toBeLessThan(20 * 5 * megabyte);
    for (const socket of readers) socket.destroy();
    stand.shop.takeOver = () => false;
    expect(taken).toBeGreaterThan(0);
  });

  test("the shop's own WebSocket", async () => {
    let taken = 0;
    const frame = Buffer.concat([Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0x40, 0]), Buffer.alloc(16_384, 'a')]);
    stand.shop.takeOver = ({ lines, target }, socket) => {
      if (target !== '/socket') return false;
      const key =
        lines
          .find(line => /^sec-websocket-key:/i.test(line))
          ?.slice(18)
          .trim() ?? '';
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      const pour = () => {
        while (socket.writable && taken < 2_000 * megabyte && socket.write(frame)) taken += frame.length;
      };
      socket.on('drain', pour);
      pour();
      return true;
    };
    const before = stand.memoryBytes();
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    const readers = Array.from({ length: 10 }, () => {
      const socket = open(head('GET /socket', [...upgrade, key, 'Origin: http://shop.test', `Cookie: ${pass}`]));
      socket.once('data', () => socket.pause());
      return socket;
    });
    await Promise.all(readers.map(socket => new Promise(resolve => socket.once('data', resolve))));
    const { p99Ms } = await besideNeighbour(() => untilSteady(() => taken));
    expect(p99Ms).toBeLessThan(250);
    expect(taken).toBeLessThan(10 * 16 * megabyte);
    expect(stand.memoryBytes() - before).toBeLessThan(10 * 8 * megabyte);
    for (const socket of readers) socket.destroy();
    stand.shop.takeOver = () => false;
  });

  test('two hundred sockets and event streams of the line', async () => {
    const cookie = await join();
    const before = stand.memoryBytes();
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Origin: http://shop.test',
    ];
    const readers = Array.from({ length: 200 }, (_, at) => {
      const socket =
        at % 2 === 0
          ? open(head('GET /_junban/v1/socket', [...upgrade, `Cookie: ${cookie}`]))
          : open(head('GET /_junban/v1/tickets/current/events', [`Cookie: ${cookie}`]));
      socket.once('data', () => socket.pause());
      return socket;
    });
    const { p99Ms } = await besideNeighbour(() => Promise.all(Array.from({ length: 300 }, () => join())));
    expect(p99Ms).toBeLessThan(250);
    expect(stand.memoryBytes() - before).toBeLessThan(32 * megabyte);
    for (const socket of readers) socket.destroy();
  });
});

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
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const own = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Origin: http://shop.test', `Cookie: ${cookie}`];
    const socket = open(head('GET /_junban/v1/socket', [...upgrade, ...own]));
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
  ])('[WR72] an upgrade from %s is 403', async (_, headers) => {
    expect(await refusal(dial(headers))).toBe(403);
  });

  test('[WR72] an upgrade without an Origin header needs a bearer ticket', async () => {
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    const ask = (line: string) => sendRaw(stand.gateway.port, head('GET /_junban/v1/socket', [...upgrade, line]));
    expect((await ask(`Cookie: ${cookie}`)).status).toBe(403);
    const ticket = cookie.slice(cookie.indexOf('=') + 1);
    expect((await ask(`Authorization: Bearer ${ticket}`)).status).toBe(101);
  });

  test('[WR61] floods of upgrades: refused, of one device, and cut off half-way', async () => {
    const before = stand.memoryBytes();
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    const own = [...upgrade, 'Origin: http://shop.test'];
    const { result, p99Ms } = await besideNeighbour(async () => {
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

/** Settles when the figure has not moved for a while: whoever pours has been stopped. */
async function untilSteady(figure: () => number): Promise<void> {
  let last = -1;
  for (let same = 0; same < 10; ) {
    await new Promise(resolve => setTimeout(resolve, 50));
    same = figure() === last ? same + 1 : 0;
    last = figure();
  }
}
