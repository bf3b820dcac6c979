// WebSockets through the proxy: a real client, the gateway half, a real WebSocket shop.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { portOf, startStand } from './proxy-stand.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startSocketShop(options: { refuseWith?: number; isSilent?: boolean } = {}) {
  const server = http.createServer();
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: offered => [...offered].at(-1) ?? false });
  const seen: http.IncomingMessage[] = [];
  server.on('upgrade', (request, socket, head) => {
    seen.push(request);
    if (options.isSilent === true) return;
    if (options.refuseWith !== undefined) {
      socket.end(`HTTP/1.1 ${options.refuseWith} No\r\nX-Why: full\r\nContent-Length: 4\r\n\r\nfull`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, ws => sockets.emit('connection', ws, request));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  const stand = await startStand({ origin: `http://127.0.0.1:${portOf(server)}` }, ['seen=1']);
  cleanups.push(() => stand.close());
  const connect = (protocols: string[] = [], settings = {}) => {
    const fan = new WebSocket(`ws://127.0.0.1:${stand.port}/live?x=1`, protocols, settings);
    cleanups.push(() => fan.terminate());
    return fan;
  };
  return { sockets, seen, stand, connect };
}

async function bothOpen(sockets: WebSocketServer, fan: WebSocket): Promise<WebSocket> {
  const atShop = once(sockets, 'connection') as Promise<[WebSocket]>;
  await once(fan, 'open');
  return (await atShop)[0];
}

test('[PX22] text and binary messages go both ways, with the subprotocol that the shop chose', async () => {
  const { sockets, seen, connect } = await startSocketShop();
  sockets.on('connection', ws => ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary })));
  const fan = connect(['one', 'two'], {
    headers: { Cookie: 'junban-pass-sale=p; a=1', Origin: 'https://shop.example' },
  });
  const opened = once(fan, 'open');
  const [upgrade] = (await once(fan, 'upgrade')) as [http.IncomingMessage];
  expect(upgrade.headers['set-cookie']).toEqual(['seen=1']);
  await opened;
  expect(fan.protocol).toBe('two');
  expect(seen[0]?.url).toBe('/live?x=1');
  expect(seen[0]?.headers).toMatchObject({ cookie: 'a=1', origin: 'https://shop.example', 'junban-pass': 'the-token' });
  fan.send('順番');
  expect(String((await once(fan, 'message'))[0])).toBe('順番');
  const big = Buffer.alloc(900_000, 7);
  fan.send(big);
  const [data, isBinary] = await once(fan, 'message');
  expect(isBinary).toBe(true);
  expect(big.equals(data)).toBe(true);
});

test('[OP116] a WebSocket reaches the shop under a request id and a trace context, the ones it came with', async () => {
  const { sockets, seen, connect } = await startSocketShop();
  await bothOpen(sockets, connect());
  await bothOpen(sockets, connect([], { headers: { 'X-Request-Id': 'front-19', traceparent: 'of the front' } }));
  const [made, kept] = seen.map(({ headers }) => [headers['x-request-id'], headers['traceparent']]);
  expect(made).toEqual([
    expect.stringMatching(/^[0-9a-f]{32}$/),
    expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
  ]);
  expect(kept).toEqual(['front-19', 'of the front']);
});

test('[PX23] close codes and reasons go through in both directions', async () => {
  const { sockets, connect } = await startSocketShop();
  for (const [code, reason] of [
    [1000, 'done'],
    [4001, '売り切れ'],
    [1005, ''],
  ] as const) {
    const fan = connect();
    const shop = await bothOpen(sockets, fan);
    const atShop = once(shop, 'close');
    if (code === 1005) fan.close();
    else fan.close(code, reason);
    expect((await atShop).map(String)).toEqual([String(code), reason]);

    const other = connect();
    const otherShop = await bothOpen(sockets, other);
    const atFan = once(other, 'close');
    if (code === 1005) otherShop.close();
    else otherShop.close(code, reason);
    expect((await atFan).map(String)).toEqual([String(code), reason]);
  }
});

// A limit of uWebSockets.js: its parser of close frames knows no codes between 1011 and 4000.
test('[PX23] 1012 to 1014 and 3000 to 3999 pass from the shop to the fan; from the fan they come out as 1006', async () => {
  const { sockets, connect } = await startSocketShop();
  for (const code of [1011, 1012, 1014, 3000, 3999, 4000, 4999]) {
    const other = connect();
    const otherShop = await bothOpen(sockets, other);
    const atFan = once(other, 'close');
    otherShop.close(code, 'done');
    expect((await atFan).map(String)).toEqual([String(code), 'done']);

    const fan = connect();
    const shop = await bothOpen(sockets, fan);
    const atShop = once(shop, 'close');
    fan.close(code, 'done');
    const isLost = code > 1011 && code < 4000;
    expect((await atShop).map(String)).toEqual(isLost ? ['1006', ''] : [String(code), 'done']);
  }
});

test('[PX23] a lost connection on one side is a lost connection on the other', async () => {
  const { sockets, connect } = await startSocketShop();
  const fan = connect();
  const shop = await bothOpen(sockets, fan);
  const atFan = once(fan, 'close');
  shop.terminate();
  expect((await atFan)[0]).toBe(1006);
  const next = connect();
  const nextShop = await bothOpen(sockets, next);
  const atShop = once(nextShop, 'close');
  next.terminate();
  expect((await atShop)[0]).toBe(1006);
});

test('[PX24] what the shop says to an upgrade is what the fan gets', async () => {
  const { stand, connect } = await startSocketShop({ refuseWith: 403 });
  const fan = connect();
  fan.on('error', () => undefined);
  const [, response] = (await once(fan, 'unexpected-response')) as [unknown, http.IncomingMessage];
  expect(response.statusCode).toBe(403);
  expect(response.headers['x-why']).toBe('full');
  expect(String((await once(response, 'data'))[0])).toBe('full');
  expect(stand.outcomes).toMatchObject([{ kind: 'answered', status: 403 }]);
});

test('[PX24] a shop out of reach: the caller decides what the fan gets', async () => {
  const stand = await startStand({ origin: 'http://127.0.0.1:1' });
  cleanups.push(() => stand.close());
  const fan = new WebSocket(`ws://127.0.0.1:${stand.port}/`);
  fan.on('error', () => undefined);
  cleanups.push(() => fan.terminate());
  const [, response] = (await once(fan, 'unexpected-response')) as [unknown, http.IncomingMessage];
  expect(response.statusCode).toBe(502);
  expect(stand.outcomes).toMatchObject([{ kind: 'refused' }]);
});

test('[PX25] a fan that reads slowly slows the shop down and loses nothing', async () => {
  const { sockets, connect } = await startSocketShop();
  const fan = connect();
  const shop = await bothOpen(sockets, fan);
  fan.pause();
  const message = Buffer.alloc(100_000, 1);
  const count = 400;
  for (let index = 0; index < count; index += 1) {
    message.writeUInt32BE(index);
    shop.send(Buffer.from(message));
  }
  // The last message is still at the shop: nobody between has taken all of it.
  await new Promise(resolve => setImmediate(resolve));
  expect(shop.bufferedAmount).toBeGreaterThan(0);
  const order: number[] = [];
  fan.on('message', data => {
    if (data instanceof Buffer) order.push(data.readUInt32BE());
  });
  const all = new Promise<void>(resolve => {
    fan.on('message', () => {
      if (order.length === count) resolve();
    });
  });
  fan.resume();
  await all;
  expect(order).toEqual([...Array(count).keys()]);
});

test('[PX34] a fan that sends on while the shop reads nothing is closed with 1013, and what was held stays bounded', async () => {
  const { sockets, connect } = await startSocketShop();
  const fan = connect();
  const shop = await bothOpen(sockets, fan);
  shop.pause();
  let sentBytes = 0;
  const message = Buffer.alloc(65_536, 1);
  const pour = () => {
    if (fan.readyState !== WebSocket.OPEN) return;
    sentBytes += message.length;
    fan.send(message, pour);
  };
  const closed = once(fan, 'close');
  const atShop = once(shop, 'close');
  pour();
  const [code, reason] = await closed;
  expect([code, String(reason)]).toEqual([1013, 'the shop reads too slowly']);
  // 4 MB held by the gateway; the rest is what the kernel takes for four ends of two connections.
  expect(sentBytes).toBeGreaterThan(4 * 1024 * 1024);
  expect(sentBytes).toBeLessThan(32 * 1024 * 1024);
  shop.resume();
  expect((await atShop)[0]).toBe(1013);
});

test('[PX34] a fan that pauses while the shop catches up may send on', async () => {
  const { sockets, connect } = await startSocketShop();
  const fan = connect();
  const shop = await bothOpen(sockets, fan);
  let received = 0;
  const burst = async (bytes: number) => {
    const goal = received + bytes;
    const all = new Promise<void>(resolve => {
      const count = (data: unknown) => {
        if (data instanceof Buffer) received += data.length;
        if (received < goal) return;
        shop.off('message', count);
        resolve();
      };
      shop.on('message', count);
    });
    shop.pause();
    for (let sent = 0; sent < bytes; sent += 65_536) fan.send(Buffer.alloc(65_536));
    await new Promise(resolve => fan.ping(resolve));
    shop.resume();
    await all;
  };
  for (let round = 0; round < 4; round += 1) await burst(2 * 1024 * 1024);
  expect(received).toBe(8 * 1024 * 1024);
  expect(fan.readyState).toBe(WebSocket.OPEN);
});

// The fan's socket hung without its shop and was lost with 1006 when the gateway was gone.
test('[PX61] a gateway that stops tells both sides with 1001', async () => {
  const { sockets, stand, connect } = await startSocketShop();
  const fan = connect();
  const shop = await bothOpen(sockets, fan);
  const closed = Promise.all([once(fan, 'close'), once(shop, 'close')]);
  await stand.closeShop();
  expect((await closed).map(([code]) => code)).toEqual([1001, 1001]);
});

test('[PX61] a gateway that stops answers a fan whose socket the shop has not accepted yet', async () => {
  const { seen, stand, connect } = await startSocketShop({ isSilent: true });
  const fan = connect();
  fan.on('error', () => undefined);
  await expect.poll(() => seen.length).toBe(1);
  const refused = once(fan, 'unexpected-response');
  await stand.closeShop();
  const [, response] = (await refused) as [unknown, http.IncomingMessage];
  expect(response.statusCode).toBe(502);
  const late = connect();
  late.on('error', () => undefined);
  const [, lateResponse] = (await once(late, 'unexpected-response')) as [unknown, http.IncomingMessage];
  expect(lateResponse.statusCode).toBe(502);
  expect(stand.outcomes).toMatchObject([{ kind: 'broken' }, { kind: 'broken' }]);
});

// In a cork of its own an upgraded socket was closed with 1006 now and then; outside of any the server printed a warning.
test('[PX35] 240 upgrades, one by one and many at once: none is lost and the server prints nothing', async () => {
  const server = http.createServer();
  const shop = new WebSocketServer({ server });
  // Sent before the fan's socket is open.
  shop.on('connection', ws => ws.send('welcome'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of shop.clients) socket.terminate();
    server.close();
  });
  const stand = fork(new URL('./stand-process.ts', import.meta.url), [`http://127.0.0.1:${portOf(server)}`], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  cleanups.push(() => stand.kill('SIGKILL'));
  if (stand.stderr === null) throw new Error('started without stderr');
  const printed = text(stand.stderr);
  const [{ port }] = await once(stand, 'message');
  const visit = async () => {
    const fan = new WebSocket(`ws://127.0.0.1:${port}/`);
    const closed = once(fan, 'close');
    expect(String((await once(fan, 'message'))[0])).toBe('welcome');
    fan.close(1000);
    return (await closed)[0];
  };
  const codes: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    codes.push(await visit(), await visit());
    codes.push(...(await Promise.all(Array.from({ length: 10 }, visit))));
  }
  expect(codes).toEqual(Array(240).fill(1000));
  stand.disconnect();
  expect(await printed).toBe('');
});
