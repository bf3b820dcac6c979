// How the page keeps its connection, with browsers and proxies that fail in their own ways.
import { afterEach, expect, test, vi } from 'vitest';
import type { Answer } from '../../../src/page/browser/answer.ts';
import type { Bar } from '../../../src/page/screen.ts';
import type { Status } from '../../../src/page/status.ts';
import { aStatus } from './a-status.ts';

/** What is compiled for browsers cannot be imported by a program for Node: its shape stands here. */
interface ConnectionModule {
  readonly connectToLine: (
    api: { address(path: string): string; call(): Promise<Answer>; readonly bearerOnly: boolean },
    listener: {
      onStatus(status: Status): void;
      onOpened(): void;
      onLost(): void;
      onBarred(bar: Bar): void;
    },
  ) => { stop(): void };
}

const path: string = '../../../src/page/browser/connection.ts';
const { connectToLine }: ConnectionModule = await import(path);

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const apiOf = (call: () => Promise<Answer>) => ({
  address: (name: string) => `/_junban/v1/${name}`,
  call,
  bearerOnly: false,
});

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
    addEventListener = vi.fn();
    close = vi.fn();
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
