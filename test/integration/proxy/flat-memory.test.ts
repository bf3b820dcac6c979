// Large bodies between a fast side and one that stalls: the gateway's memory does not follow their size.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { heldBytesMax } from '../../../src/gateway/held-body.ts';
import { startShop } from './proxy-stand.ts';

const bodyBytes = 512 * 1024 * 1024;
const stallMs = 700;
/** One that buffered would grow by the body. */
const addedBytesMax = 200 * 1024 * 1024;
const chunk = Buffer.alloc(64 * 1024, 120);
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startGateway(origin: string): Promise<{ port: number; addedBytes(): Promise<number> }> {
  const child: ChildProcess = fork(new URL('./stand-process.ts', import.meta.url), [origin], {
    execArgv: ['--expose-gc'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const [{ port }] = await once(child, 'message');
  return {
    port,
    async addedBytes() {
      child.send('peak');
      const [{ addedBytes }] = await once(child, 'message');
      return addedBytes;
    },
  };
}

async function pour(stream: http.ClientRequest | http.ServerResponse): Promise<void> {
  for (let sent = 0; sent < bodyBytes; sent += chunk.length) {
    if (!stream.write(chunk)) await once(stream, 'drain');
  }
  stream.end();
}

// The stall is the point of the test: long enough for a gateway without back-pressure to swallow everything.
async function drink(stream: http.IncomingMessage, forMs = stallMs): Promise<number> {
  let bytes = 0;
  await new Promise(resolve => setTimeout(resolve, forMs));
  for await (const part of stream) bytes += part.length;
  return bytes;
}

/** A client behind a link of 1 Gbit/s: what a pause of the gateway held up is not sent any faster after it. */
async function pourAtLinkSpeed(stream: http.ClientRequest, bytesMax: number): Promise<void> {
  const bytesPerMs = 125_000;
  let dueAtMs = performance.now();
  for (let sent = 0; sent < bytesMax; sent += chunk.length) {
    if (!stream.write(chunk)) await once(stream, 'drain');
    const nowMs = performance.now();
    dueAtMs = Math.max(dueAtMs, nowMs - 5) + chunk.length / bytesPerMs;
    if (dueAtMs - nowMs > 2) await new Promise(resolve => setTimeout(resolve, dueAtMs - nowMs));
  }
  stream.end();
}

/** Uploads to a shop that reads nothing at first; what the gateway's memory has grown by at most. */
async function addedByUpload(
  bytes: number,
  shopStallMs: number,
  send: (request: http.ClientRequest) => Promise<void>,
): Promise<number> {
  const shop = await startShop(async (request, response) => {
    response.end(String(await drink(request, shopStallMs)));
  });
  cleanups.push(() => shop.close());
  const gateway = await startGateway(shop.origin);
  const headers = { 'Content-Length': String(bytes) };
  const request = http.request({ host: '127.0.0.1', port: gateway.port, agent: false, method: 'PUT', headers });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  await send(request);
  const [response] = await answered;
  expect(String((await once(response, 'data'))[0])).toBe(String(bytes));
  return gateway.addedBytes();
}

// 16 MB of blocks, the kernel's window, and what the collector has not come to: nothing that grows with the body.
test('[PX28] an upload at 1 Gbit/s to a shop that stalls is not piled up', async () => {
  const bytes = 400 * 1024 * 1024;
  const addedBytes = await addedByUpload(bytes, 3_000, request => pourAtLinkSpeed(request, bytes));
  expect(addedBytes).toBeLessThan(120 * 1024 * 1024);
}, 30_000);

// The HTTP server goes on reading a paused connection for as long as every read fills its 512 KB, so a sender on the
// same machine gets more in than a network could: at most the bound above which a body is cut, and usually 10 to 40 MB.
test('[PX28] an upload at full speed from the same machine stays within the bound for held bytes', async () => {
  expect(await addedByUpload(bodyBytes, stallMs, pour)).toBeLessThan(heldBytesMax + 64 * 1024 * 1024);
}, 60_000);

test.each(['with a length', 'in chunks'])(
  '[PX28] a download to a fan that stalls is not piled up: %s',
  async framing => {
    const shop = await startShop((_, response) => {
      if (framing === 'with a length') response.setHeader('Content-Length', String(bodyBytes));
      void pour(response);
    });
    cleanups.push(() => shop.close());
    const gateway = await startGateway(shop.origin);
    const request = http.get({ host: '127.0.0.1', port: gateway.port, agent: false });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(await drink(response)).toBe(bodyBytes);
    expect(await gateway.addedBytes()).toBeLessThan(addedBytesMax);
  },
);
