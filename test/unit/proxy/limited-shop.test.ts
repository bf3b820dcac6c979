// Requests that wait while the shop is busy, over a shop that answers at once what the test says.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InFlightLimit } from '../../../src/admission/in-flight-limit.ts';
import { limitSampleOf } from '../../../src/proxy/limit-sample.ts';
import { type LimitedShop, limitShop } from '../../../src/proxy/limited-shop.ts';
import type { Shop, ShopObserver, ShopOutcome, ShopRequest } from '../../../src/proxy/shop-port.ts';
import { openShopSight, type ShopSight } from '../../../src/proxy/shop-sight.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const request: ShopRequest = {
  method: 'GET',
  target: '/',
  headers: [],
  body: null,
  room: 'sale',
  passToken: null,
  rank: 'inside',
  peerIp: '127.0.0.1',
  trustedPeer: false,
  secure: false,
};
const silent = { head: () => undefined, write: () => true, end: () => undefined, fail: () => undefined };

type Stand = {
  shop: LimitedShop;
  limit: InFlightLimit;
  sight: ShopSight;
  under: ShopObserver[];
  observer: ShopObserver;
  ask(): ShopOutcome[];
};

/** `under` holds the requests that the shop works on. */
function standOf(waitingMax = 100): Stand {
  const under: ShopObserver[] = [];
  const never = () => {
    throw new Error('nobody asks for it here');
  };
  const behind: Shop = {
    forward(_request, answer, observer) {
      const head = { status: 200, reason: '', headers: [], bodyLength: null, bodyless: false };
      under.push({
        ...observer,
        outcome(seen) {
          if (seen.kind === 'answered') answer.head(head);
          observer.outcome(seen);
        },
      });
      return { abort: () => observer.outcome({ kind: 'abandoned' }), resume: () => undefined };
    },
    openSocket: never,
    inFlight: () => under.length,
    certificateEndsAtMs: () => null,
    closeSockets: () => undefined,
    close: () => Promise.resolve(),
  };
  const limit = new InFlightLimit();
  const sight = openShopSight(() => false);
  const shop = limitShop({
    ...{ shop: behind, limit, waitMs: 5_000, waitingMax },
    isOn: () => true,
    isSignatureTrusted: sight.isSignatureTrusted,
    onSilence: rank => sight.silence(rank, performance.now()),
  });
  const observerOf = (outcomes: ShopOutcome[]): ShopObserver => ({
    outcome(seen) {
      outcomes.push(seen);
      sight.observe(seen, 'inside', performance.now());
    },
    command: () => undefined,
  });
  return {
    ...{ shop, limit, sight, under },
    observer: observerOf([]),
    ask() {
      const outcomes: ShopOutcome[] = [];
      shop.forward(request, silent, observerOf(outcomes));
      return outcomes;
    },
  };
}

/** Twenty are asked at once, again and again; each is answered after `takesMs`. */
function run({ ask, under }: Stand, rounds: number, takesMs: number, outcome: ShopOutcome): void {
  for (let round = 0; round < rounds; round += 1) {
    for (let count = 0; count < 20; count += 1) ask();
    vi.advanceTimersByTime(takesMs);
    while (under.length > 0) for (const observer of under.splice(0)) observer.outcome(outcome);
  }
}

const answered = (firstByteMs: number, signature = false, status = 200) =>
  ({ kind: 'answered', status, signature, firstByteMs }) as const;

describe('the limit before the shop', () => {
  test('[AP40] a shop that was away, or failed fast, is let work again as before', () => {
    const refused = { kind: 'refused', answered: false, detail: '' } as const;
    for (const trouble of [refused, answered(1, false, 500)]) {
      const stand = standOf();
      run(stand, 40, 200, answered(200));
      const { limit, easeMs } = stand.limit;
      run(stand, 200, 50, trouble);
      expect(stand.limit.easeMs).toBe(easeMs);
      run(stand, 40, 200, answered(200));
      expect(stand.limit.limit).toBeGreaterThanOrEqual(limit);
    }
  });

  test('[AP5] [AP41] a signature that every page carries does not cut the limit, one that is believed does', () => {
    const useless = standOf();
    run(useless, 40, 300, answered(100, true));
    expect(useless.sight.isSignatureUseless()).toBe(true);
    expect(useless.limit.limit).toBeGreaterThanOrEqual(20);

    const believed = standOf();
    run(believed, 4, 300, answered(100));
    run(believed, 40, 300, answered(100, true));
    expect(believed.limit.limit).toBe(6);
  });

  test('[AP61] a request that had to wait in vain counts as held, not as an error of the shop', async () => {
    const stand = standOf(0);
    for (let count = 0; count < 30; count += 1) stand.ask();
    await Promise.resolve();
    expect(stand.sight.take()?.inside).toMatchObject({ answers: 0, bad: 0, held: 10 });
    expect(stand.sight.isFailing(performance.now())).toBe(false);
  });

  test('[AP61] so does one whose fan gives up while it is held back, unless at once', () => {
    const stand = standOf();
    for (let count = 0; count < 20; count += 1) stand.ask();
    const [quick, patient] = [0, 0].map(() => stand.shop.forward(request, silent, stand.observer));
    vi.advanceTimersByTime(500);
    quick?.abort();
    expect(stand.sight.take()).toBeNull();
    vi.advanceTimersByTime(1_000);
    patient?.abort();
    expect(stand.sight.take()?.inside).toMatchObject({ answers: 0, bad: 0, held: 1 });
  });

  // Fans gave up after five seconds and asked again: 325 requests were "abandoned", and none spoke against the shop.
  test('[AP63] a shop that accepts and never answers is failing within seconds, though every fan gives up before a timeout', () => {
    const stand = standOf();
    run(stand, 10, 20, answered(20));
    const given: { abort(): void }[] = [];
    const ask = () => given.push(stand.shop.forward(request, silent, stand.observer));
    for (let count = 0; count < 6; count += 1) ask();
    vi.advanceTimersByTime(5_500);
    expect(stand.sight.isFailing(performance.now())).toBe(true);
    for (let second = 0; second < 40; second += 1) {
      for (const handle of given.splice(0, given.length - 4)) handle.abort();
      ask();
      vi.advanceTimersByTime(1_000);
      expect(stand.sight.isFailing(performance.now())).toBe(true);
    }
    expect(stand.sight.take()?.inside.bad).toBeGreaterThan(30);
  });

  test('[AP63] fans who wait, and ask nothing else, see the same; a fan who closes a tab at once says nothing', () => {
    const stand = standOf();
    run(stand, 10, 20, answered(20));
    for (let count = 0; count < 3; count += 1) stand.ask();
    vi.advanceTimersByTime(5_500);
    for (let second = 0; second < 25; second += 1) {
      vi.advanceTimersByTime(1_000);
      expect(stand.sight.isFailing(performance.now())).toBe(true);
    }
    const quick = standOf();
    run(quick, 10, 20, answered(20));
    quick.sight.take();
    for (let count = 0; count < 5; count += 1) {
      const handle = quick.shop.forward(request, silent, quick.observer);
      vi.advanceTimersByTime(1_000);
      handle.abort();
    }
    vi.advanceTimersByTime(10_000);
    expect(quick.sight.take()).toBeNull();
    expect(quick.sight.isFailing(performance.now())).toBe(false);
  });

  // Forty long polls held every slot, and pages of ten milliseconds got our 503.
  test('[AP64] requests that others overtake hold no slot, are no sample, and speak not against the shop', () => {
    const stand = standOf();
    run(stand, 20, 20, answered(20));
    const { easeMs } = stand.limit;
    for (let count = 0; count < 3 * stand.limit.limit; count += 1) stand.ask();
    const polls = stand.under.splice(0);
    for (let round = 0; round < 200; round += 1) {
      for (let page = 0; page < 3; page += 1) stand.ask();
      vi.advanceTimersByTime(100);
      polls.push(...stand.under.splice(0, Math.max(0, stand.under.length - 3)));
      for (const observer of stand.under.splice(0)) observer.outcome(answered(20));
    }
    stand.sight.take();
    const asked = Array.from({ length: 5 }, () => stand.ask());
    for (const observer of stand.under.splice(0)) observer.outcome(answered(20));
    expect(asked.flat().map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'answered'));
    for (const observer of polls) observer.outcome(answered(20_000));
    const seen = stand.sight.take()?.inside;
    expect(seen).toMatchObject({ answers: 5 + polls.length, bad: 0, held: 0 });
    expect(seen?.latencies.slice(20).every(count => count === 0)).toBe(true);
    expect(stand.limit.easeMs).toBe(easeMs);
  });

  // A learned limit of 84 became 250 of 250 fans at a shop that hung, within six seconds.
  test('[AP150] while the shop hangs it gets one request a second beyond the limit; as soon as one is answered all go on', () => {
    const stand = standOf(1_000);
    run(stand, 20, 20, answered(20));
    const { limit } = stand.limit;
    for (let count = 0; count < 3 * limit; count += 1) stand.ask();
    expect(stand.under).toHaveLength(limit);
    vi.advanceTimersByTime(4_500);
    expect(stand.under.length).toBeGreaterThan(limit);
    expect(stand.under.length).toBeLessThanOrEqual(limit + 3);
    // It has lost those it had, and answers the others.
    for (const observer of stand.under.splice(limit)) observer.outcome(answered(20));
    const lost = stand.under.splice(0, limit);
    vi.advanceTimersByTime(100);
    expect(stand.under.length).toBeGreaterThanOrEqual(limit);
    expect(lost).toHaveLength(limit);
  });

  test('[AP7] a request that is refused at once and given up in the same moment has one outcome', async () => {
    const stand = standOf(0);
    const outcomes: string[] = [];
    const observer = { outcome: ({ kind }: ShopOutcome) => void outcomes.push(kind), command: () => undefined };
    for (let count = 0; count < 20; count += 1) stand.ask();
    stand.shop.forward(request, silent, observer).abort();
    await Promise.resolve();
    expect(outcomes).toEqual(['abandoned']);
  });
});

test.each([
  [answered(120), 120],
  [answered(120, false, 404), 120],
  [answered(120, true), null],
  [answered(1, false, 500), undefined],
  [answered(1, false, 503), null],
  [{ kind: 'timed-out', answered: false, detail: '' } as const, null],
  [{ kind: 'refused', answered: false, detail: '' } as const, undefined],
  [{ kind: 'broken', answered: false, detail: '' } as const, undefined],
  [{ kind: 'bad-answer', answered: false, detail: '' } as const, undefined],
  [{ kind: 'closed', answered: false, detail: '' } as const, undefined],
  [{ kind: 'abandoned' } as const, undefined],
])('[AP40] what the limit learns of %j is %s', (outcome, sample) => {
  expect(limitSampleOf(outcome, true)).toBe(sample);
});
