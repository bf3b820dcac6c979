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

/** A socket and an event stream that the test speaks through, or not. */
class Pushing {
  static made: Pushing[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  close = vi.fn();
  addEventListener = vi.fn();
  constructor() {
    Pushing.made.push(this);
  }
}

class Refused extends Pushing {
  constructor() {
    super();
    setTimeout(() => {
      this.onclose?.({ code: 1006, reason: '' });
      this.onerror?.();
    });
  }
}

const answered: Answer = { code: 200, body: {}, status: aStatus({ next: 1_000 }), retryAfterMs: null };
const unanswered: Answer = { code: 0, body: {}, status: null, retryAfterMs: null };

/** What a page hears and asks, each with its time since the beginning. */
const follow = (socket: typeof Pushing, stream: typeof Pushing, answer: () => Answer) => {
  vi.useFakeTimers();
  Pushing.made = [];
  vi.stubGlobal('location', { href: 'https://shop.example/' });
  vi.stubGlobal('WebSocket', socket);
  vi.stubGlobal('EventSource', stream);
  vi.stubGlobal('navigator', { onLine: true });
  const beganAtMs = Date.now();
  const polls: number[] = [];
  const said: (readonly [what: string, atMs: number])[] = [];
  const say = (what: string) => said.push([what, Date.now() - beganAtMs]);
  const connection = connectToLine(
    apiOf(() => {
      polls.push(Date.now() - beganAtMs);
      return Promise.resolve(answer());
    }),
    { onStatus: () => undefined, onOpened: () => say('opened'), onLost: () => say('lost'), onBarred: say },
  );
  return { connection, polls, said };
};

test.each([
  ['swallows sockets and streams', Pushing, Pushing],
  ['refuses sockets and swallows streams', Refused, Pushing],
  ['refuses both', Refused, Refused],
])('[PG131] [PG174] behind a proxy that %s polls go on, whatever is tried meanwhile', async (_, socket, stream) => {
  // For 35 s there was no number, 22 s of them with "No connection"; and again every three minutes.
  const { connection, polls, said } = follow(socket, stream, () => answered);
  await vi.advanceTimersByTimeAsync(600_000);
  connection.stop();
  expect(polls[0]).toBeLessThan(4_000);
  const gaps = polls.slice(1).map((atMs, index) => atMs - (polls[index] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(2_000);
  expect(said.map(([what]) => what)).toEqual(['opened']);
  // Each way twice, and all of it again after three minutes: at 0, 3 and 6 minutes, and a little later each time.
  expect(Pushing.made.length).toBeGreaterThanOrEqual(12);
  expect(Pushing.made.length).toBeLessThanOrEqual(16);
});

test('[PG174] a socket that is back soon costs no poll, one that is not leaves a number before the screen changes', async () => {
  const { connection, polls, said } = follow(Pushing, Pushing, () => answered);
  const speak = () => Pushing.made.at(-1)?.onmessage?.({ data: JSON.stringify(aStatus()) });
  speak();
  await vi.advanceTimersByTimeAsync(20_000);
  Pushing.made.at(-1)?.onclose?.({ code: 1006, reason: '' });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(Pushing.made.length).toBe(2);
  speak();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(polls).toEqual([]);
  Pushing.made.at(-1)?.onclose?.({ code: 1006, reason: '' });
  await vi.advanceTimersByTimeAsync(3_999);
  expect(polls.length).toBeGreaterThan(0);
  expect(said.map(([what]) => what)).toEqual(['opened', 'lost', 'opened', 'lost', 'opened']);
  // The socket speaks again, and polling ends.
  speak();
  const before = polls.length;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(polls.length).toBe(before);
  connection.stop();
});

test('[PG174] only where polls fail too the connection is lost; they are asked ever later, and recover by themselves', async () => {
  let answer = unanswered;
  const { connection, polls, said } = follow(Refused, Refused, () => answer);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(said.every(([what]) => what === 'lost')).toBe(true);
  expect(polls.length).toBeLessThan(15);
  answer = answered;
  await vi.advanceTimersByTimeAsync(31_000);
  expect(said.at(-1)?.[0]).toBe('opened');
  connection.stop();
});
