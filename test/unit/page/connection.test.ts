// How the page keeps its connection, with browsers and proxies that fail in their own ways.
import { afterEach, expect, test, vi } from 'vitest';
import type { Api } from '../../../src/page/browser/api.ts';
import { connectToLine } from '../../../src/page/browser/connection.ts';
import { aStatus } from './a-status.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const apiOf = (call: Api['call']): Api => ({ address: path => `/_junban/v1/${path}`, call, bearerOnly: false });

test('[PG130] a browser that throws instead of opening a socket or an event stream follows by polling at once', async () => {
  // WebKit of 2021 threw a SecurityError here, which nothing caught: the page stayed blank.
  class Throws {
    constructor() {
      throw new DOMException('', 'SecurityError');
    }
  }
  vi.stubGlobal('location', { href: 'https://shop.example/' });
  vi.stubGlobal('WebSocket', Throws);
  vi.stubGlobal('EventSource', Throws);
  const status = aStatus();
  const api = apiOf(() => Promise.resolve({ code: 200, body: {}, status, retryAfterMs: null }));
  const lost: string[] = [];
  const heard = await new Promise(resolve => {
    const connection = connectToLine(api, {
      onStatus: given => {
        connection.stop();
        resolve(given);
      },
      onOpened: () => undefined,
      onLost: () => lost.push('lost'),
      onBarred: bar => lost.push(bar),
    });
  });
  expect(heard).toEqual(status);
  expect(lost).toEqual([]);
});

test('[PG131] a proxy that swallows sockets and event streams is got round by polling in under 40 s', async () => {
  vi.useFakeTimers();
  class Silent {
    addEventListener() {}
    close() {}
  }
  vi.stubGlobal('location', { href: 'https://shop.example/' });
  vi.stubGlobal('WebSocket', Silent);
  vi.stubGlobal('EventSource', Silent);
  vi.stubGlobal('navigator', { onLine: true });
  let polledAtMs = 0;
  const beganAtMs = Date.now();
  const connection = connectToLine(
    apiOf(() => {
      polledAtMs ||= Date.now();
      return Promise.resolve({ code: 200, body: {}, status: aStatus(), retryAfterMs: null });
    }),
    { onStatus: () => undefined, onOpened: () => undefined, onLost: () => undefined, onBarred: () => undefined },
  );
  await vi.advanceTimersByTimeAsync(60_000);
  connection.stop();
  expect(polledAtMs - beganAtMs).toBeGreaterThan(30_000);
  expect(polledAtMs - beganAtMs).toBeLessThan(40_000);
});
