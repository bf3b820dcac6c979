// When a page that waits for the shop loads anew.
import { afterEach, expect, test, vi } from 'vitest';

/** What is compiled for browsers cannot be imported by a program for Node: its shape stands here. */
interface ProbeModule {
  readonly reloadWhenShopAnswers: (retryAfterMs: number, triesBefore: number) => () => void;
}

const path: string = '../../../src/page/browser/shop-probe.ts';
const { reloadWhenShopAnswers }: ProbeModule = await import(path);

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const isReloadedAfter = async (status: number, type: string): Promise<boolean> => {
  vi.useFakeTimers();
  const reload = vi.fn();
  vi.stubGlobal('location', { href: 'https://shop.example/', reload });
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status, headers: { 'content-type': type } })));
  const stop = reloadWhenShopAnswers(1_000, 0);
  await vi.advanceTimersByTimeAsync(60_000);
  stop();
  return reload.mock.calls.length > 0;
};

test('[PG151] a shop that answers is loaded, one with too much to do is not, and a pass that has ended leads to the line', async () => {
  expect(await isReloadedAfter(200, 'text/html')).toBe(true);
  expect(await isReloadedAfter(404, 'text/html')).toBe(true);
  expect(await isReloadedAfter(503, 'text/html')).toBe(false);
  expect(await isReloadedAfter(429, 'text/html')).toBe(false);
  // It waited for ever: only a load joins again.
  expect(await isReloadedAfter(429, 'application/problem+json')).toBe(true);
});
