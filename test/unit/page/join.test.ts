// How a page without a ticket waits for the opening: through sleep, and with what it is told on the way.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer } from '../../../src/page/browser/answer.ts';
import type { Status } from '../../../src/page/status.ts';
import type { Notice } from '../../../src/page/visit.ts';
import { aStatus } from './a-status.ts';

/** What is compiled for browsers cannot be imported by a program for Node: its shape stands here. */
interface JoinModule {
  readonly joinWhenOpen: (
    api: { call(): Promise<Answer> },
    first: Notice,
    serverNowMs: () => number,
    listener: {
      onJoined(joined: { readonly status: Status; readonly ticket: string | undefined }): void;
      onNotice(notice: Notice): void;
    },
  ) => { wake(): void; stop(): void };
}

const path: string = '../../../src/page/browser/join.ts';
const { joinWhenOpen }: JoinModule = await import(path);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const closedAnswer = (next: number): Answer => ({
  code: 409,
  body: { code: 'room-closed', opensAt: new Date(Date.now() + next).toISOString(), next },
  status: null,
  retryAfterMs: 1_000 * Math.ceil(next / 1_000),
});
const joinedAnswer = (): Answer => ({
  code: 201,
  body: { ticket: 't', commitment: 'c' },
  status: aStatus(),
  retryAfterMs: null,
});

/** A page that was told to come in so many milliseconds, before a gateway that answers as given and then lets it in. */
function waitingPage(toldMs: number, ...answers: readonly Answer[]) {
  const left = [...answers];
  const askedAtMs: number[] = [];
  const joined: unknown[] = [];
  const notices: Notice[] = [];
  const beganAtMs = Date.now();
  const first: Notice = { kind: 'room-closed', message: 'Soon', retryAfterSeconds: toldMs / 1_000 };
  const api = {
    call: () => {
      askedAtMs.push(Date.now() - beganAtMs);
      return Promise.resolve(left.shift() ?? joinedAnswer());
    },
  };
  const joining = joinWhenOpen(api, first, Date.now, {
    onJoined: given => joined.push(given),
    onNotice: notice => notices.push(notice),
  });
  return { askedAtMs, joined, notices, joining };
}

test('[PG11] it asks to the millisecond when it was told, and hands on ticket and commitment', async () => {
  const { askedAtMs, joined, notices } = waitingPage(120_000, closedAnswer(6_450));
  await vi.advanceTimersByTimeAsync(300_000);
  expect(askedAtMs).toEqual([120_000, 126_450]);
  expect(notices).toMatchObject([{ kind: 'room-closed', message: 'Soon', retryAfterSeconds: 6.45 }]);
  expect(joined).toEqual([{ status: aStatus(), ticket: 't', commitment: 'c' }]);
});

test('[PG147] a page that slept over the opening asks as it wakes, and a page that woke before it does not', async () => {
  const { askedAtMs, joined, joining } = waitingPage(120_000);
  joining.wake();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(askedAtMs).toEqual([]);
  // The clock goes on in sleep, and timers stand still.
  vi.setSystemTime(Date.now() + 3_600_000);
  joining.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(askedAtMs).toEqual([3_601_000]);
  expect(joined).toHaveLength(1);
  joining.wake();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(askedAtMs).toHaveLength(1);
});

test('[PG146] a room that stays closed after its opening is asked less and less', async () => {
  const { askedAtMs, joining } = waitingPage(50, ...Array.from({ length: 100 }, () => closedAnswer(50)));
  await vi.advanceTimersByTimeAsync(60_000);
  joining.stop();
  expect(askedAtMs.length).toBeGreaterThan(5);
  expect(askedAtMs.length).toBeLessThan(16);
});
