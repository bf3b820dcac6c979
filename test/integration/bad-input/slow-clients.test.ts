// Clients that trickle and clients that never read: they are cut off or held within bounds, and a well-behaved neighbour is
// answered at once all the while.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { besideNeighbour, closed, head, joinRaw, openRaw, upgradeHeaders } from './held-open.ts';
import { fullRoom, openStand, type Stand } from './stand.ts';

const megabyte = 1024 * 1024;
/** So many pieces of news of 1.8 KB each are several times what the least buffers of the system take (90 KB). */
const newsCount = 200;

let stand: Stand;
let pass: string;

beforeAll(async () => {
  stand = await openStand(fullRoom);
  pass = await stand.enter();
});

afterAll(() => stand?.stop());

const open = (text: string) => openRaw(stand.gateway.port, text);
const joined = () => joinRaw(stand.gateway.port);

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
    const { p99Ms } = await besideNeighbour(stand, () => Promise.all(started.map(socket => closed(socket))));
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
    const { p99Ms } = await besideNeighbour(stand, () => untilSteady(() => taken));
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
    const readers = Array.from({ length: 10 }, () => {
      const socket = open(head('GET /socket', [...upgradeHeaders, 'Origin: http://shop.test', `Cookie: ${pass}`]));
      socket.once('data', () => socket.pause());
      return socket;
    });
    await Promise.all(readers.map(socket => new Promise(resolve => socket.once('data', resolve))));
    const { p99Ms } = await besideNeighbour(stand, () => untilSteady(() => taken));
    expect(p99Ms).toBeLessThan(250);
    expect(taken).toBeLessThan(10 * 16 * megabyte);
    expect(stand.memoryBytes() - before).toBeLessThan(10 * 8 * megabyte);
    for (const socket of readers) socket.destroy();
    stand.shop.takeOver = () => false;
  });

  test('two hundred devices on sockets and event streams, while there is news for all of them', async () => {
    const cookies = await Promise.all(Array.from({ length: 200 }, joined));
    const gauge = async (name: string) =>
      Number(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)`, 'm').exec(await stand.gateway.metrics())?.[1]);
    const before = stand.memoryBytes();
    const requests = cookies.map((cookie, at) => {
      const lines = [`Cookie: ${cookie}`, 'Origin: http://shop.test'];
      return at % 2 === 0
        ? head('GET /_junban/v1/socket', [...upgradeHeaders, ...lines])
        : head('GET /_junban/v1/tickets/current/events', lines);
    });
    const readers = spawn('python3', [join(import.meta.dirname, 'narrow_readers.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const answers = createInterface(readers.stdout)[Symbol.asyncIterator]();
    readers.stdin.write(`${JSON.stringify([stand.gateway.port, requests])}\n`);
    expect((await answers.next()).value).toBe('open');
    await expect.poll(() => gauge('junban_open_sockets'), { timeout: 5_000 }).toBe(200);

    const { p99Ms } = await besideNeighbour(stand, async () => {
      for (let count = 0; count < newsCount; count += 1) {
        const pushed = await gauge('junban_frames_pushed_total');
        await stand.gateway.operate('POST', 'sale/message', { text: `${count} ${'順'.repeat(450)}` });
        await expect
          .poll(() => gauge('junban_frames_pushed_total'), { interval: 5 })
          .toBeGreaterThanOrEqual(pushed + 200);
      }
    });
    expect(p99Ms).toBeLessThan(250);
    // What they did not read is nowhere: it was left out, and nobody was closed for it.
    expect(await gauge('junban_frames_dropped_total')).toBeGreaterThan(newsCount * 100);
    expect(await gauge('junban_open_sockets')).toBe(200);
    expect(stand.memoryBytes() - before).toBeLessThan(32 * megabyte);

    // Whoever reads again is told how things stand now, by the next news.
    const text = 'for those who read again';
    let heard: unknown = null;
    void answers.next().then(({ value }) => {
      heard = value;
    });
    readers.stdin.write(`${text}\n`);
    const tell = () => stand.gateway.operate('POST', 'sale/message', { text });
    await expect.poll(() => tell().then(() => heard), { interval: 200, timeout: 10_000 }).toBe('200');
    await stand.gateway.operate('POST', 'sale/message', { text: null });
    readers.stdin.end();
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
