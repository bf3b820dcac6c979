// Uploads that the shop does not take as they come.

import { once } from 'node:events';
import http from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { ask, startRawShop, startShop, startStand } from './proxy-stand.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function stand(handler: http.RequestListener) {
  const shop = await startShop(handler);
  cleanups.push(() => shop.close());
  const opened = await startStand({ origin: shop.origin });
  cleanups.push(() => opened.close());
  return opened;
}

// uWebSockets.js closes a connection that brings less than 16 KB/s over 10 s of a body, also while we have paused it.
test("[PX29] a shop may let an upload stand for longer than the server's timer", async () => {
  const bytes = 30 * 1024 * 1024;
  const { port } = await stand((request, response) => {
    let received = 0;
    setTimeout(() => {
      request.on('data', part => {
        received += part.length;
      });
      request.on('end', () => response.end(String(received)));
    }, 13_000);
  });
  const answer = await ask(port, { method: 'POST' }, Buffer.alloc(bytes, 1));
  expect([answer.status, String(answer.body)]).toEqual([200, String(bytes)]);
}, 30_000);

test.each(['keeps the connection', 'hangs up'])(
  '[PX30] an answer that comes before the upload has ended reaches the fan, also from a shop that %s',
  async manner => {
    const { port, outcomes } = await stand((_, response) => {
      if (manner === 'hangs up') response.setHeader('Connection', 'close');
      response.writeHead(413, { 'Content-Length': '8' }).end('too much');
    });
    const headers = { 'Content-Length': String(50 * 1024 * 1024) };
    const request = http.request({ host: '127.0.0.1', port, agent: false, method: 'POST', headers });
    request.on('error', () => undefined);
    const pour = () => {
      while (!request.destroyed && request.write(Buffer.alloc(65_536)));
    };
    request.on('drain', pour);
    pour();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(response.statusCode).toBe(413);
    expect(String((await once(response, 'data'))[0])).toBe('too much');
    expect(outcomes).toMatchObject([{ kind: 'answered', status: 413 }]);
    request.destroy();
  },
);

test('[PX30] a shop that hangs up on an upload without an answer is broken', async () => {
  const shop = await startRawShop(socket => socket.destroy());
  cleanups.push(() => shop.close());
  const opened = await startStand({ origin: shop.origin });
  cleanups.push(() => opened.close());
  const answer = await ask(opened.port, { method: 'POST' }, Buffer.alloc(2 * 1024 * 1024));
  expect([answer.status, String(answer.body)]).toEqual([502, '{"code":"broken"}']);
});
