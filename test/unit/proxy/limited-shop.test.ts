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

type Stand = { shop: LimitedShop; limit: InFlightLimit; sight: ShopSight; under: ShopObserver[]; ask(): ShopOutcome[] };

/** `under` holds the requests that the shop works on. */
function standOf(waitingMax = 100): Stand {
  const under: ShopObserver[] = [];
  const never = () => {
    throw new Error('nobody asks for it here');
  };
  const behind: Shop = {
    forward(_request, _answer, observer) {
      under.push(observer);
      return { abort: () => undefined, resume: () => undefined };
    },
    openSocket: never,
    inFlight: () => under.length,
    certificateEndsAtMs: () => null,
    closeSockets: () => undefined,
    close: () => Promise.resolve(),
  };
  const limit = new InFlightLimit();
  const sight = openShopSight();
  const shop = limitShop({
    ...{ shop: behind, limit, waitMs: 5_000, waitingMax },
    isOn: () => true,
    isSignatureTrusted: sight.isSignatureTrusted,
  });
  return {
    ...{ shop, limit, sight, under },
    ask() {
      const outcomes: ShopOutcome[] = [];
      const outcome = (seen: ShopOutcome) => {
        outcomes.push(seen);
        sight.observe(seen, 'inside', performance.now());
      };
      shop.forward(request, silent, { outcome, command: () => undefined });
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

  test('[AP61] a request of ours that waited in vain counts as held, not as an error of the shop', () => {
    const stand = standOf();
    for (let count = 0; count < 30; count += 1) stand.ask();
    vi.advanceTimersByTime(6_000);
    expect(stand.sight.take()?.inside).toMatchObject({ answers: 0, bad: 0, held: 10 });
    expect(stand.sight.isFailing(performance.now())).toBe(false);
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
