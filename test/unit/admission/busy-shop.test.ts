// The inner loop by itself: how many requests the shop can work on, who goes first, and which signature is believed.
import { describe, expect, test } from 'vitest';
import { InFlightLimit } from '../../../src/admission/in-flight-limit.ts';
import { OpenRequests } from '../../../src/admission/open-requests.ts';
import { ShopTurnstile } from '../../../src/admission/shop-turnstile.ts';
import { createSignatureTrust } from '../../../src/admission/signature-trust.ts';

describe('the limit on requests in flight', () => {
  const run = (
    limit: InFlightLimit,
    seconds: number,
    latencyMs: (inFlight: number) => number | null,
    fromMs: number,
  ) => {
    for (let ms = 0; ms < seconds * 1_000; ) {
      const takesMs = latencyMs(limit.limit);
      limit.observe(takesMs, limit.limit, fromMs + ms);
      // As many are in flight as may be: by Little's law answers come so often.
      ms += (takesMs ?? 120) / limit.limit;
    }
    return limit.limit;
  };

  test('[AP6] rises while more in flight makes no difference, falls while it only makes answers slower', () => {
    const limit = new InFlightLimit();
    const atFirst = limit.limit;
    const risen = run(limit, 8, () => 100, 1_000);
    expect(risen).toBeGreaterThan(3 * atFirst);
    // A shop that works on ten at once: whatever is more waits there.
    const fallen = run(limit, 60, inFlight => 100 * Math.max(1, inFlight / 10), 30_000);
    expect(fallen).toBeGreaterThanOrEqual(10);
    expect(fallen).toBeLessThan(45);
  });

  test('[AP6] errors of too much work cut it; it never falls below six', () => {
    const limit = new InFlightLimit();
    expect(run(limit, 30, () => null, 1_000)).toBe(6);
  });

  test('[AP6] a limit that nobody reaches stays, and a shop that is slow by itself is not throttled for it', () => {
    const limit = new InFlightLimit();
    const before = limit.limit;
    for (let ms = 0; ms < 60_000; ms += 20) limit.observe(15, 1, 1_000 + ms);
    expect(limit.limit).toBe(before);
    for (let ms = 0; ms < 60_000; ms += 20) limit.observe(400, 1, 100_000 + ms);
    expect(limit.easeMs).toBeGreaterThan(200);
  });

  // With a seat map of 300 ms after pages of 10 ms the limit fell to six and stayed there, before a shop without any limit.
  test('[AP61] answers that are as slow with fewer in flight are at ease, and as many are let on as before', () => {
    for (const takesMs of [100, 300, 2_000]) {
      const limit = new InFlightLimit();
      const before = run(limit, 5, () => 10, 1_000);
      let least = before;
      let answers = 0;
      const noisyMs = (inFlight: number) => {
        least = Math.min(least, inFlight);
        answers += 1;
        return takesMs * (0.9 + 0.2 * (answers % 2));
      };
      run(limit, 20, noisyMs, 30_000);
      expect(least).toBeGreaterThan(0.4 * before);
      expect(limit.limit).toBeGreaterThanOrEqual(before);
    }
  });

  test('[AP61] answers that are faster with fewer in flight are not: the limit goes on falling', () => {
    const limit = new InFlightLimit();
    run(limit, 5, () => 10, 1_000);
    expect(run(limit, 20, inFlight => 20 * inFlight, 30_000)).toBeLessThan(12);
    expect(limit.easeMs).toBeLessThan(80);
  });

  test('[AP6] a shop that is slow by itself is not throttled for it beside long requests either', () => {
    const limit = new InFlightLimit();
    const fan = (seconds: number, takesMs: number, fromMs: number) => {
      for (let ms = 0; ms < seconds * 1_000; ms += 10) limit.observe(takesMs, 5 + takesMs / 10, fromMs + ms);
    };
    fan(30, 10, 1_000);
    // As many in flight all the time: no trial with fewer tells it.
    fan(60, 400, 31_000);
    expect(limit.limit).toBeGreaterThan(30);
  });

  // Ten logins elsewhere filled a limit of sixteen, and six requests at once were all that the shop got.
  test('[AP100] long requests that cost the shop nothing take no room from the others, as long as they are there', () => {
    const limit = new InFlightLimit();
    const fan = (seconds: number, long: number, latencyMs: (inFlight: number) => number, fromMs: number) => {
      for (let ms = 0; ms < seconds * 1_000; ms += 10) {
        const takesMs = latencyMs(limit.limit);
        limit.observe(takesMs, long + takesMs / 10, fromMs + ms);
      }
      return limit.limit;
    };
    expect(fan(30, 12, () => 10, 1_000)).toBeGreaterThanOrEqual(18);
    // Overloaded: the limit falls, and leaves room for six beside the long ones.
    const loaded = fan(20, 12, inFlight => 12 * Math.max(1, inFlight - 12), 31_000);
    expect(loaded).toBeGreaterThanOrEqual(12);
    expect(loaded).toBeLessThan(25);
    // Errors of too much work cut it all the same.
    expect(run(limit, 30, () => null, 51_000)).toBe(6);
  });
});

describe('the turnstile', () => {
  test('[AP7] lets on as many as the limit says; of those who wait the deepest in first, then the longest waiting', () => {
    const turnstile = new ShopTurnstile<string>({ waitMs: 1_000, waitingMax: 10 });
    expect([turnstile.ask('a', 'entry', 2, 0), turnstile.ask('b', 'inside', 2, 0)]).toEqual(['go', 'go']);
    for (const [visit, rank] of [
      ['entry', 'entry'],
      ['inside', 'inside'],
      ['pay', 'checkout'],
      ['pay later', 'checkout'],
    ] as const) {
      expect(turnstile.ask(visit, rank, 2, 0)).toBe('wait');
    }
    expect(turnstile.next(2)).toBeUndefined();
    const order: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      turnstile.leave();
      order.push(turnstile.next(2) ?? '');
    }
    expect(order).toEqual(['pay', 'pay later', 'inside', 'entry']);
    expect([turnstile.inFlight, turnstile.waiting]).toEqual([2, 0]);
  });

  test('[AP7] nobody waits longer than the bound, no more wait than the bound, and who has gone is forgotten', () => {
    const turnstile = new ShopTurnstile<string>({ waitMs: 1_000, waitingMax: 2 });
    turnstile.ask('in', 'inside', 1, 0);
    expect(turnstile.ask('first', 'inside', 1, 100)).toBe('wait');
    expect(turnstile.ask('gone', 'checkout', 1, 200)).toBe('wait');
    expect(turnstile.ask('too many', 'checkout', 1, 300)).toBe('refused');
    turnstile.forget('gone');
    expect(turnstile.expire(1_099)).toEqual([]);
    expect(turnstile.expire(1_100)).toEqual(['first']);
    expect(turnstile.waiting).toBe(0);
  });
});

describe('open requests', () => {
  const lateAt = (open: OpenRequests<string>, nowMs: number) =>
    open.late(nowMs).map(({ visit, isOvertaken }) => `${visit}${isOvertaken ? ' overtaken' : ''}`);

  test('[AP63] who is open far longer than its class usually takes is late, again and again while another is late too', () => {
    const open = new OpenRequests<string>();
    open.sent('page', 'inside', 0);
    expect(open.answered('page', 50)).toBe(true);
    open.sent('pay', 'checkout', 0);
    expect(open.answered('pay', 3_000)).toBe(false);
    open.sent('next', 'inside', 10_000);
    open.sent('pay next', 'checkout', 10_000);
    expect(lateAt(open, 11_900)).toEqual([]);
    expect(lateAt(open, 12_000)).toEqual(['next']);
    expect(lateAt(open, 15_900)).toEqual([]);
    // A payment of three seconds was answered well: one of six is late.
    expect(lateAt(open, 16_000)).toEqual(['pay next']);
    expect(lateAt(open, 19_900)).toEqual([]);
    expect(lateAt(open, 20_000)).toEqual(['next', 'pay next']);
    // One that is late alone is one request without an answer, however long it takes.
    open.forget('next');
    expect(lateAt(open, 59_000)).toEqual([]);
    expect(open.answered('pay next', 59_500)).toBe(false);
    expect(lateAt(open, 60_000)).toEqual([]);
  });

  test('[AP63] a fan who gives up after longer than the slowest usually take has waited in vain, one who goes sooner has not', () => {
    const open = new OpenRequests<string>();
    open.sent('page', 'inside', 0);
    open.answered('page', 1_500);
    for (const visit of ['quick', 'patient', 'late', 'overtaken']) open.sent(visit, 'inside', 10_000);
    open.sent('younger', 'inside', 10_100);
    expect(open.givenUp('quick', 11_400)).toBe(false);
    expect(open.givenUp('patient', 11_600)).toBe(true);
    expect(lateAt(open, 13_000)).toContain('late');
    expect(open.givenUp('late', 13_100)).toBe(false);
    open.answered('younger', 13_200);
    expect(open.givenUp('overtaken', 13_300)).toBe(false);
  });

  test('[AP64] who is overtaken by a younger one of its class is told as that, once', () => {
    const open = new OpenRequests<string>();
    open.sent('poll', 'inside', 0);
    open.sent('checkout', 'checkout', 100);
    open.sent('page', 'inside', 200);
    expect(open.answered('page', 220)).toBe(true);
    expect(lateAt(open, 5_000)).toEqual(['poll overtaken', 'checkout']);
    expect(lateAt(open, 9_000)).toEqual([]);
    expect(open.answered('poll', 20_000)).toBe(false);
  });
});

describe('an error signature', () => {
  test('[AP5] that every page carries is useless; one that the shop was seen without is believed, also in a long outage', () => {
    const useless = createSignatureTrust(() => false);
    for (let answer = 0; answer < 19; answer += 1) useless.observe(true, true, 0);
    expect(useless.verdict()).toBe('unknown');
    for (let answer = 0; answer < 100; answer += 1) useless.observe(true, true, 0);
    expect(useless.verdict()).toBe('useless');

    const trusted = createSignatureTrust(() => false);
    for (let answer = 0; answer < 20; answer += 1) trusted.observe(answer % 4 === 0, true, 0);
    for (let answer = 0; answer < 10_000; answer += 1) trusted.observe(true, true, 0);
    expect(trusted.verdict()).toBe('trusted');
    const atOnce = createSignatureTrust(() => false);
    atOnce.observe(false, true, 0);
    atOnce.observe(true, true, 0);
    expect(atOnce.verdict()).toBe('trusted');
  });
});
