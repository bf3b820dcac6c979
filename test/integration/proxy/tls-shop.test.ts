// Shops behind TLS and shops that cannot be reached: real certificates, real handshakes, real name resolution.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { ask, portOf, startRawShop, startStand } from './proxy-stand.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'junban-tls-'));
  const files = ['-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'cert.pem')];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...key, ...files, ...name], { stdio: 'ignore' });
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

async function startTlsShop() {
  const read = (name: string) => fs.readFileSync(path.join(folder, name));
  const server = https.createServer({ key: read('key.pem'), cert: read('cert.pem') }, (request, response) => {
    request.resume().on('end', () => response.end(`${request.url} by ${request.headers.host}`));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', ws => ws.on('message', data => ws.send(data)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  return `https://127.0.0.1:${portOf(server)}`;
}

async function standBefore(origin: string, options: { verifyCertificate?: boolean; connectTimeoutMs?: number } = {}) {
  const stand = await startStand({ origin, ...options });
  cleanups.push(() => stand.close());
  return stand;
}

function connect(port: number): WebSocket {
  const fan = new WebSocket(`ws://127.0.0.1:${port}/live`);
  fan.on('error', () => undefined);
  cleanups.push(() => fan.terminate());
  return fan;
}

test('[PX31] a shop whose certificate nobody vouches for gets no request and no socket', async () => {
  const { port, outcomes } = await standBefore(await startTlsShop());
  const answer = await ask(port, { path: '/pay' });
  expect([answer.status, String(answer.body)]).toEqual([502, '{"code":"refused"}']);
  const [, response] = await once(connect(port), 'unexpected-response');
  expect(response.statusCode).toBe(502);
  expect(outcomes.map(outcome => outcome.kind)).toEqual(['refused', 'refused']);
  expect(JSON.stringify(outcomes)).toContain('self-signed certificate');
});

test('[PX31] it does with the option that says so, bodies and sockets too', async () => {
  const { port, outcomes } = await standBefore(await startTlsShop(), { verifyCertificate: false });
  expect(String((await ask(port, { path: '/pay', headers: { Host: 'shop.example' } })).body)).toBe(
    '/pay by shop.example',
  );
  const upload = await ask(port, { path: '/up', method: 'PUT' }, Buffer.alloc(3_000_000));
  expect(upload.status).toBe(200);
  const fan = connect(port);
  await once(fan, 'open');
  fan.send('順番');
  expect(String((await once(fan, 'message'))[0])).toBe('順番');
  expect(outcomes).toMatchObject([{ status: 200 }, { status: 200 }, { status: 101 }]);
});

test('[PX14] a name that does not resolve, and a shop that talks no TLS, are a shop out of reach', async () => {
  const plain = await startRawShop(socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  cleanups.push(() => plain.close());
  for (const origin of ['http://no-such-shop.invalid', plain.origin.replace('http', 'https')]) {
    const { port, outcomes } = await standBefore(origin);
    expect((await ask(port)).status).toBe(502);
    const [, response] = await once(connect(port), 'unexpected-response');
    expect(response.statusCode).toBe(502);
    expect(outcomes).toMatchObject([{ kind: 'refused', answered: false }, { answered: false }]);
  }
});

test('[PX14] a shop that takes the connection and never shakes hands is too slow', async () => {
  const mute = await startRawShop(() => undefined);
  cleanups.push(() => mute.close());
  const { port, outcomes } = await standBefore(mute.origin.replace('http', 'https'), { connectTimeoutMs: 300 });
  expect((await ask(port)).status).toBe(504);
  expect(outcomes).toMatchObject([{ kind: 'timed-out', answered: false }]);
});
