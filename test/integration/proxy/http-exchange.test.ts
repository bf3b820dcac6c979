// The proxy between real sockets: what arrives at the shop, what arrives at the fan, and what happens when either goes.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { PassThrough } from 'node:stream';
import { createGzip, Gzip, gunzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import { isBad } from '../../../src/proxy/shop-health.ts';
import { ask, type ProxyStand, startRawShop, startShop, startStand } from './proxy-stand.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function stand(handler: http.RequestListener, cookies: string[] = [], options = {}): Promise<ProxyStand> {
  const shop = await startShop(handler);
  cleanups.push(() => shop.close());
  return standBefore(shop.origin, cookies, options);
}

async function standBefore(origin: string, cookies: string[] = [], options = {}): Promise<ProxyStand> {
  const opened = await startStand({ origin, ...options }, cookies);
  cleanups.push(() => opened.close());
  return opened;
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('[PX8] an answer keeps its length, its bytes and its headers, and gets our cookies beside its own', async () => {
  const { port, outcomes } = await stand(
    (_, response) => {
      response.setHeader('Set-Cookie', ['cart=1', 'junban-pass-sale=stolen', 'lang=ja; Path=/']);
      response.setHeader('Content-Encoding', 'gzip');
      response.setHeader('Content-Length', '5');
      response.end(Buffer.from([31, 139, 0, 255, 10]));
    },
    ['junban-pass-sale=ours'],
  );
  const answer = await ask(port, { path: '/a?b=%20c' });
  expect(answer.status).toBe(200);
  expect([...answer.body]).toEqual([31, 139, 0, 255, 10]);
  expect(answer.headers['set-cookie']).toEqual(['cart=1', 'lang=ja; Path=/', 'junban-pass-sale=ours']);
  expect(answer.headers['content-encoding']).toBe('gzip');
  expect(answer.headers['content-length']).toBe('5');
  expect(answer.headers['transfer-encoding']).toBeUndefined();
  const names = answer.raw.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase());
  for (const once of ['date', 'content-length']) expect(names.filter(name => name === once)).toHaveLength(1);
  expect(outcomes).toMatchObject([{ kind: 'answered', status: 200, signature: false }]);
});

test('[PX1] [PX3] [PX4] the shop gets the target, the host, the pass, and neither our cookies nor forged headers', async () => {
  let seen: http.IncomingMessage | null = null;
  const { port } = await stand((request, response) => {
    seen = request;
    response.end();
  });
  await ask(port, {
    path: '/x/%E9%A0%86?q=1&r=%2F',
    headers: {
      Host: 'shop.example:8443',
      Cookie: 'a=1; junban-ticket-sale=t;  b="2" ; __Host-junban-pass-sale=p; c=3',
      Connection: 'keep-alive, X-Secret',
      'X-Secret': 's',
      'Junban-Pass': 'forged',
      'X-Junban-Room': 'forged',
      'X-Forwarded-For': '6.6.6.6',
      Expect: '',
      TE: 'trailers',
    },
  });
  const request = seen as unknown as http.IncomingMessage;
  expect(request.url).toBe('/x/%E9%A0%86?q=1&r=%2F');
  expect(request.headers).toMatchObject({
    host: 'shop.example:8443',
    cookie: 'a=1;  b="2" ; c=3',
    'junban-pass': 'the-token',
    'junban-room': 'sale',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'shop.example:8443',
  });
  for (const name of ['x-secret', 'x-junban-room', 'te', 'expect', 'transfer-encoding', 'content-length']) {
    expect(request.headers[name]).toBeUndefined();
  }
});

test('[PX8] 20 MB each way arrive unchanged, with a length and in chunks', async () => {
  const sent = randomBytes(20 * 1024 * 1024);
  const { port } = await stand(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (request.url === '/length') response.setHeader('Content-Length', String(body.length));
    response.setHeader(
      'X-Framing',
      request.headers['transfer-encoding'] ?? `length ${request.headers['content-length']}`,
    );
    for (let offset = 0; offset < body.length; offset += 100_000)
      response.write(body.subarray(offset, offset + 100_000));
    response.end();
  });
  for (const path of ['/length', '/chunked']) {
    const headers = path === '/length' ? { 'Content-Length': String(sent.length) } : { 'Transfer-Encoding': 'chunked' };
    const answer = await ask(port, { path, method: 'POST', headers }, sent);
    expect(answer.headers['x-framing']).toBe(path === '/length' ? `length ${sent.length}` : 'chunked');
    expect(answer.body.length).toBe(sent.length);
    expect(hashOf(answer.body)).toBe(hashOf(sent));
  }
});

test('[PX9] HEAD, 204 and 304 have no body, and the connection goes on', async () => {
  const { port } = await stand((request, response) => {
    if (request.url === '/304') response.writeHead(304, { ETag: '"x"' }).end();
    else if (request.url === '/204') response.writeHead(204).end();
    else response.writeHead(200, { 'Content-Length': '5000' }).end(request.method === 'HEAD' ? '' : 'x'.repeat(5000));
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  cleanups.push(() => agent.destroy());
  const head = await ask(port, { agent, method: 'HEAD', path: '/' });
  expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '5000', 0]);
  expect((await ask(port, { agent, path: '/304' })).headers.etag).toBe('"x"');
  expect((await ask(port, { agent, path: '/204' })).status).toBe(204);
  expect((await ask(port, { agent, path: '/' })).body.length).toBe(5000);
});

test('[PX10] server-sent events arrive one by one, the head before the first', async () => {
  let send: (text: string) => void = () => undefined;
  const { port } = await stand((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    send = text => response.write(text);
  });
  const request = http.get({ host: '127.0.0.1', port, agent: false });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  const arrived = async (part: string) => {
    while (!text.includes(part)) text += String((await once(response, 'data'))[0]);
  };
  for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
    send(event);
    await arrived(event);
  }
  request.destroy();
});

test('[PX11] a fan that goes away takes the request to the shop along', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  let started: () => void = () => undefined;
  const reached = new Promise<void>(resolve => {
    started = resolve;
  });
  const { port, nextOutcome } = await stand((_, response) => {
    closed = once(response, 'close');
    response.write('x');
    started();
  });
  const outcome = nextOutcome();
  const request = http.get({ host: '127.0.0.1', port, agent: false }).on('error', () => undefined);
  await reached;
  request.destroy();
  await closed;
  expect(await outcome).toEqual({ kind: 'abandoned' });
});

// Counted only when the body had ended: fans who left an error page half loaded said nothing of it.
test.each([
  [200, 'sorry, [M941]', { kind: 'answered', status: 200, signature: true }],
  [500, 'sorry', { kind: 'answered', status: 500, signature: false }],
  [200, 'welcome', { kind: 'abandoned' }],
] as const)('[PX140] a fan leaves in the middle of an answer %i "%s"', async (status, words, expected) => {
  const { port, nextOutcome } = await stand(
    (_, response) => {
      response.writeHead(status, { 'content-type': 'text/html' });
      response.write(words);
    },
    [],
    { errorSignatures: [{ body: 'M941' }] },
  );
  const outcome = nextOutcome();
  const request = http.get({ host: '127.0.0.1', port, agent: false }).on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.on('error', () => undefined);
  await once(response, 'data');
  request.destroy();
  expect(await outcome).toMatchObject(expected);
});

// Told only when the body had ended: a shop that hung after its error page, or sent it slowly, was noticed late or never.
test.each(['identity', 'gzip'] as const)(
  '[PX150] a marker is told while the body (%s) is still open, at once and once',
  async coding => {
    const open = coding === 'gzip' ? createGzip() : new PassThrough();
    const { port, nextOutcome, outcomes } = await stand(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': coding });
        open.pipe(response);
        open.write('<p>sorry, [M9');
        open.write('41]</p>');
        if (open instanceof Gzip) open.flush();
      },
      [],
      { errorSignatures: [{ body: 'M941' }] },
    );
    const seen = nextOutcome();
    const answered = ask(port);
    expect(await seen).toMatchObject({ kind: 'answered', status: 200, signature: true });
    open.end('<p>and the end');
    const { body } = await answered;
    expect((coding === 'gzip' ? gunzipSync(body) : body).toString()).toBe('<p>sorry, [M941]</p><p>and the end');
    expect(outcomes).toHaveLength(1);
  },
);

test('[PX150] a signature in the head is told before the body has ended, and a fan who goes then is not told as well', async () => {
  const { port, nextOutcome, outcomes, inFlight } = await stand(
    (_, response) => {
      response.writeHead(200, { 'x-error': 'M941' });
      response.write('hello');
    },
    [],
    { errorSignatures: [{ header: { name: 'X-Error' } }] },
  );
  const seen = nextOutcome();
  const request = http.get({ host: '127.0.0.1', port, agent: false }).on('error', () => undefined);
  expect(await seen).toMatchObject({ kind: 'answered', signature: true });
  request.destroy();
  await vi.waitFor(() => expect(inFlight()).toBe(0));
  expect(outcomes).toHaveLength(1);
});

test('[PX13] a shop that dies in the middle of the body cuts the fan off instead of ending the answer', async () => {
  for (const framing of ['Content-Length: 1000\r\n', 'Transfer-Encoding: chunked\r\n']) {
    const shop = await startRawShop(socket => {
      socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n${framing.startsWith('T') ? '5\r\nhello\r\n' : 'hello'}`);
      setImmediate(() => socket.destroy());
    });
    cleanups.push(() => shop.close());
    const { port, nextOutcome } = await standBefore(shop.origin);
    const outcome = nextOutcome();
    await expect(ask(port, { path: '/' })).rejects.toThrow();
    expect(await outcome).toMatchObject({ kind: 'broken', answered: true });
  }
});

test('[PX14] a shop that refuses, is silent or talks nonsense: the caller decides what the fan sees', async () => {
  const mute = await startRawShop(() => undefined);
  const nonsense = await startRawShop(socket => socket.end('SSH-2.0-nonsense\r\n\r\n'));
  const hangsUp = await startRawShop(socket => socket.destroy());
  const gone = await startRawShop(() => undefined);
  gone.close();
  cleanups.push(() => [mute.close(), nonsense.close(), hangsUp.close()]);
  for (const [origin, kind, status] of [
    [gone.origin, 'refused', 502],
    [mute.origin, 'timed-out', 504],
    [nonsense.origin, 'bad-answer', 502],
    [hangsUp.origin, 'broken', 502],
  ] as const) {
    const { port, outcomes } = await standBefore(origin, [], { firstByteTimeoutMs: 300 });
    for (const method of ['GET', 'POST']) {
      const answer = await ask(port, { path: '/', method }, method === 'POST' ? Buffer.from('abc') : undefined);
      expect([method, answer.status, JSON.parse(String(answer.body))]).toEqual([method, status, { code: kind }]);
    }
    expect(outcomes).toMatchObject([
      { kind, answered: false },
      { kind, answered: false },
    ]);
  }
});

test('[OP90] what comes while the gateway ends, and what its end cuts, says nothing about the shop', async () => {
  let arrived: () => void = () => undefined;
  const held = new Promise<void>(resolve => {
    arrived = resolve;
  });
  const { port, outcomes, closeShop } = await stand(() => arrived());
  const cut = ask(port, { path: '/held' });
  await held;
  const closing = closeShop(100);
  const late = await ask(port, { path: '/late' });
  expect(JSON.parse(String(late.body))).toEqual({ code: 'closed' });
  await closing;
  expect(JSON.parse(String((await cut).body))).toEqual({ code: 'closed' });
  expect(outcomes).toMatchObject([{ kind: 'closed' }, { kind: 'closed' }]);
  expect(outcomes.map(isBad)).toEqual([null, null]);
});

test('[PX15] a kept connection that the shop has closed costs a GET nothing and a POST is not repeated', async () => {
  let asked = 0;
  const shop = await startRawShop((socket, bytes) => {
    asked += 1;
    // The second request on a connection is lost with it.
    if (socket.bytesRead > bytes.length) socket.destroy();
    else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  cleanups.push(() => shop.close());
  const { port } = await standBefore(shop.origin, [], { connectionsMax: 1 });
  expect((await ask(port)).status).toBe(200);
  expect((await ask(port)).status).toBe(200);
  expect(asked).toBe(3);
  expect((await ask(port, { method: 'POST' })).status).toBe(502);
  expect(asked).toBe(4);
});

test('[PX16] hints before the answer are dropped, trailers too', async () => {
  const shop = await startRawShop(socket => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    socket.write(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n',
    );
  });
  cleanups.push(() => shop.close());
  const { port } = await standBefore(shop.origin);
  const answer = await ask(port);
  expect([answer.status, String(answer.body)]).toEqual([200, 'ok']);
  expect(answer.headers).not.toHaveProperty('trailer');
  expect(answer.headers).not.toHaveProperty('link');
});

test('[PX12] after a chunked request the connection is closed, and what was behind it reaches no shop', async () => {
  const targets: string[] = [];
  const { port } = await stand((request, response) => {
    targets.push(request.url ?? '');
    request.resume().on('end', () => response.end('done'));
  });
  const socket = net.connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', bytes => {
    text += bytes;
  });
  socket.write('POST /one HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
  await once(socket, 'close');
  expect(text).toContain('Connection: close\r\n');
  expect(text.match(/done/g)).toHaveLength(1);
  expect(targets).toEqual(['/one']);
});

test('[PX17] with Expect the body is asked for at once', async () => {
  const { port } = await stand((request, response) => {
    const bytes: Buffer[] = [];
    request.on('data', chunk => bytes.push(chunk));
    request.on('end', () => response.end(`${Buffer.concat(bytes).length} ${request.headers.expect}`));
  });
  const request = http.request({
    host: '127.0.0.1',
    port,
    agent: false,
    method: 'PUT',
    headers: { Expect: '100-continue', 'Content-Length': '100000' },
  });
  request.flushHeaders();
  await once(request, 'continue');
  request.end('x'.repeat(100_000));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  expect(String((await once(response, 'data'))[0])).toBe('100000 undefined');
});

test('[PX18] Junban-Command of the shop is carried out and not shown', async () => {
  const { port, commands } = await stand((_, response) => {
    response.setHeader('Junban-Command', 'end');
    response.end('bye');
  });
  const answer = await ask(port);
  expect(answer.headers).not.toHaveProperty('junban-command');
  expect(commands).toEqual(['end']);
});

test('[PX19] above the limits a request is refused at once, one that waits too long is given up', async () => {
  const held: http.ServerResponse[] = [];
  const shopReached = new Promise<void>(resolve => {
    cleanups.push(() => held.splice(0).map(response => response.end()));
    void stand(
      (_, response) => {
        held.push(response);
        resolve();
      },
      [],
      { connectionsMax: 1, waitingMax: 1, firstByteTimeoutMs: 1_500 },
    ).then(opened => {
      port = opened.port;
      first = ask(port).catch(() => null);
    });
  });
  let port = 0;
  let first: Promise<unknown> = Promise.resolve();
  await shopReached;
  const second = ask(port);
  const third = await ask(port);
  expect(JSON.parse(String(third.body))).toEqual({ code: 'refused' });
  expect((await second).status).toBe(504);
  await first;
});
