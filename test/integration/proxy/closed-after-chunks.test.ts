// A request body in chunks is the last thing on its connection, however long the answer is and however it is framed.

import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startShop, startStand } from './proxy-stand.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const chunkedPost = 'POST /one HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
const hidden = 'GET /two HTTP/1.1\r\nHost: x\r\n\r\n';
const long = 'x'.repeat(3_000_000);

async function stand(respond: (response: http.ServerResponse) => void) {
  const targets: string[] = [];
  const shop = await startShop((request, response) => {
    targets.push(request.url ?? '');
    request.resume().on('end', () => respond(response));
  });
  cleanups.push(() => shop.close());
  const opened = await startStand({ origin: shop.origin });
  cleanups.push(() => opened.close());
  return { port: opened.port, targets };
}

const answers: [string, (response: http.ServerResponse) => void, string][] = [
  ['long, with a length', response => response.setHeader('Content-Length', long.length).end(long), 'xxxx'],
  [
    'long, in chunks',
    response => {
      response.write(long);
      response.end();
    },
    'complete\r\n\r\n',
  ],
  ['short', response => response.end('done'), 'done'],
  ['empty', response => response.writeHead(204).end(), '\r\n\r\n'],
  [
    'a stream of events',
    response => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: 1\n\n');
      setImmediate(() => response.end('data: 2\n\n'));
    },
    'complete\r\n\r\n',
  ],
];

test.each(answers)('[PX12] no second request is answered after one in chunks: %s', async (_, respond, end) => {
  const { port, targets } = await stand(respond);
  const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
  let text = '';
  let asked = false;
  socket.on('data', bytes => {
    text += bytes;
    const isWhole = text.includes('Content-Length: 3000000') ? text.length > long.length : text.endsWith(end);
    if (!isWhole || asked) return;
    asked = true;
    socket.write(hidden);
  });
  const closed = once(socket, 'close');
  socket.write(chunkedPost);
  await closed;
  expect(asked).toBe(true);
  expect(text.match(/Connection: close\r\n/g)).toHaveLength(1);
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(targets).toEqual(['/one']);
});

test('[PX12] a request behind the chunks, sent at once, is not answered either', async () => {
  const { port, targets } = await stand(response => response.setHeader('Content-Length', long.length).end(long));
  const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
  socket.resume();
  const closed = once(socket, 'close');
  socket.write(chunkedPost + hidden);
  await closed;
  expect(targets).not.toContain('/two');
});

test.each(answers)('[PX12] a client reads the whole answer to a request in chunks: %s', async (_, respond) => {
  const { port } = await stand(respond);
  const request = http.request({ host: '127.0.0.1', port, agent: false, method: 'POST' });
  request.write('abc');
  request.end('def');
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let bytes = 0;
  for await (const part of response) bytes += part.length;
  expect(response.complete).toBe(true);
  if (response.headers['content-length'] !== undefined) expect(String(bytes)).toBe(response.headers['content-length']);
});
