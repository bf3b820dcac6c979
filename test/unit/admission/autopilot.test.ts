// The outer loop by itself: what each kind of news does to the pace, and in which words.
import { describe, expect, test } from 'vitest';
import { Autopilot, type PaceSituation } from '../../../src/admission/autopilot.ts';
import { ShopTally } from '../../../src/admission/shop-report.ts';

const startMs = 1_800_000_000_000;
const situation: PaceSituation = {
  pacePerMinute: 600,
  bounds: { minPerMinute: 60, maxPerMinute: 6_000, stepPercent: 10, latencyTargetMs: null },
  admitted: 0,
  busy: 100,
  isPaceTheLimit: true,
  isShopFailing: false,
  complaint: null,
  praise: false,
  isFollowed: true,
  isNew: false,
};

/** One autopilot over some seconds: each second 50 answers of so long, so many of them bad. */
class Flight {
  readonly autopilot = new Autopilot();
  nowMs = startMs;
  pacePerMinute = 600;
  admitted = 0;

  seconds(count: number, answers: { latencyMs?: number; bad?: number }, changed: Partial<PaceSituation> = {}) {
    let decision = { pacePerMinute: this.pacePerMinute, cause: 'start' as string, reason: '' };
    for (let second = 0; second < count; second += 1) {
      this.nowMs += 1_000;
      const tally = new ShopTally();
      const { latencyMs, bad = 0 } = answers;
      if (latencyMs !== undefined) {
        for (let answer = 0; answer < 50; answer += 1) tally.add('inside', answer < bad, latencyMs);
        const report = tally.take();
        if (report !== null) this.autopilot.report(report, this.nowMs);
      }
      this.admitted += this.pacePerMinute / 60;
      const { pacePerMinute, admitted } = this;
      decision = this.autopilot.decide({ ...situation, pacePerMinute, admitted, ...changed }, this.nowMs);
      this.pacePerMinute = decision.pacePerMinute;
    }
    return decision;
  }
}

describe('the autopilot', () => {
  test('[AP101] while answers are slow, who has gone since those asked need not go again', () => {
    // Ten a second go quiet either way; of those who came in as many fewer as the number inside falls by.
    const paceAfter = (fallsBy: number) => {
      const flight = new Flight();
      let [busy, admitted] = [100 + 5 * fallsBy, 0];
      for (let second = 0; second < 20; second += 1) {
        const falls = second < 15 ? 0 : fallsBy;
        busy -= falls;
        admitted += 10 - falls;
        flight.pacePerMinute = 600;
        flight.seconds(1, { latencyMs: second < 17 ? 15 : 700 }, { busy, admitted });
      }
      return flight.pacePerMinute;
    };
    expect(paceAfter(0)).toBeLessThan(590);
    expect(paceAfter(8)).toBeCloseTo(600, -1);
  });

  // Nobody seemed to wait, since no faster answer had ever been seen: the pace stayed as it was for good.
  test('[AP105] answers that are over a target from the first one on take the pace to its least, too', () => {
    const bounds = { ...situation.bounds, latencyTargetMs: 500 };
    for (const latencyMs of [800, 1_500]) {
      const flight = new Flight();
      flight.pacePerMinute = 600;
      let inside = 300;
      for (let second = 0; second < 150; second += 1) {
        flight.seconds(1, { latencyMs }, { bounds, busy: Math.round(inside) });
        // A visit takes half a minute.
        inside += flight.pacePerMinute / 60 - inside / 30;
      }
      expect(flight.pacePerMinute).toBe(60);
    }
  });

  test('[AP3] raises the pace step by step while the shop is well and only the pace limits, up to its bound', () => {
    const flight = new Flight();
    const { cause, reason } = flight.seconds(5, { latencyMs: 15 });
    expect(cause).toBe('headroom');
    expect(reason).toContain('only the pace');
    expect(flight.pacePerMinute).toBeGreaterThan(600);
    // At most twice the step: 4 % a second.
    expect(flight.pacePerMinute).toBeLessThanOrEqual(600 * 1.04 ** 5 + 1);
    flight.seconds(300, { latencyMs: 15 }, { bounds: { ...situation.bounds, maxPerMinute: 700 } });
    expect(flight.pacePerMinute).toBe(700);
  });

  test('[AP160] in a room that nobody steered before the pace grows three times as fast until answers become slower', () => {
    const grown = (isNew: boolean, latencyMs: number) => {
      const flight = new Flight();
      flight.seconds(3, { latencyMs: 15 }, { isNew, isPaceTheLimit: false });
      flight.seconds(4, { latencyMs }, { isNew, isPaceTheLimit: false });
      flight.seconds(8, { latencyMs: 15 }, { isNew, isPaceTheLimit: false });
      const before = flight.pacePerMinute;
      // Ten a second go quiet, as many as come in by the first pace.
      flight.pacePerMinute = 600;
      flight.seconds(1, { latencyMs: 15 }, { isNew });
      expect(before).toBe(600);
      flight.seconds(5, { latencyMs: 15 }, { isNew });
      return flight.pacePerMinute - 600;
    };
    const known = grown(false, 15);
    // After a while at ease the others grow by half as much again.
    expect(grown(true, 15) / known).toBeGreaterThan(1.9);
    // Half of the way to what answers may take is slower, and yet well: the pace is not touched by it.
    expect(grown(true, 180) / known).toBeLessThan(1.1);
  });

  test('[AP3] leaves it as it is while something else limits, or nothing is known of the shop', () => {
    const flight = new Flight();
    expect(flight.seconds(20, { latencyMs: 15 }, { isPaceTheLimit: false }).pacePerMinute).toBe(600);
    const blind = new Flight();
    expect(blind.seconds(20, {})).toMatchObject({ pacePerMinute: 600, cause: 'unknown' });
    expect(blind.seconds(20, {}, { praise: true }).pacePerMinute).toBeGreaterThan(600);
  });

  test('[AP4] many errors, a failing shop and a complaint take it to the least pace at once, with the reason in words', () => {
    const cases = [
      [{ latencyMs: 15, bad: 30 }, {}, 'errors', /of .* answers .* were errors/],
      [{ latencyMs: 15 }, { isShopFailing: true }, 'failing', /failing/],
      [{ latencyMs: 15 }, { complaint: 'prometheus says: the shop is overloaded' }, 'signals', /prometheus says/],
    ] as const;
    for (const [answers, changed, cause, words] of cases) {
      const flight = new Flight();
      flight.seconds(3, { latencyMs: 15 });
      const decision = flight.seconds(1, answers, changed);
      expect(decision).toMatchObject({ pacePerMinute: 60, cause });
      expect(decision.reason).toMatch(words);
    }
  });

  test('[AP4] slow answers shrink the number inside, the longer the faster; near the limit it stays; then as many come as go', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 });
    const before = flight.pacePerMinute;
    const slow = flight.seconds(3, { latencyMs: 700 });
    expect(slow.cause).toBe('latency');
    expect(slow.reason).toMatch(/nine of ten answers took up to \d+ ms, the target is \d+ ms/);
    expect(flight.pacePerMinute).toBeLessThan(before);
    const sooner = flight.pacePerMinute;
    flight.seconds(3, { latencyMs: 700 });
    expect(flight.pacePerMinute).toBeLessThanOrEqual(sooner);
    flight.pacePerMinute = 60;
    flight.admitted += 200;
    const recovered = flight.seconds(4, { latencyMs: 15 });
    expect(recovered.pacePerMinute).toBeGreaterThan(300);
  });

  test('[AP4] the operator’s own target counts in place of the learned one', () => {
    const bounds = { ...situation.bounds, latencyTargetMs: 2_000 };
    const flight = new Flight();
    flight.seconds(10, { latencyMs: 15 }, { bounds });
    expect(flight.seconds(5, { latencyMs: 900 }, { bounds }).cause).toBe('headroom');
    expect(flight.seconds(5, { latencyMs: 2_600 }, { bounds }).cause).toBe('latency');
  });

  test('[AP4] as many go as wait beyond what may be, whatever the number inside: a crowd of slow thinkers is not thrown out', () => {
    // The same answers, hence the same number that waits: what goes is the same of 200 inside and of 2,000.
    const shrunk = (busy: number) => {
      const flight = new Flight();
      flight.seconds(15, { latencyMs: 15 }, { busy, isPaceTheLimit: false });
      return 600 - flight.seconds(6, { latencyMs: 800 }, { busy }).pacePerMinute;
    };
    expect(shrunk(2_000)).toBeGreaterThan(0);
    expect(shrunk(2_000)).toBeLessThan(1.5 * shrunk(200) + 60);
  });

  test('[AP4] after a failure the way back is three times as fast, until most of those inside before are in again', () => {
    const risen = (before: Partial<PaceSituation>) => {
      const flight = new Flight();
      flight.seconds(1, { latencyMs: 15 }, { ...before, busy: 500 });
      flight.seconds(15, { latencyMs: 15 }, { ...before, busy: 100 });
      flight.pacePerMinute = 60;
      flight.seconds(12, { latencyMs: 15 }, { busy: 100 });
      return flight.pacePerMinute;
    };
    const after = risen({ isShopFailing: true });
    expect(after).toBeGreaterThan(1.5 * risen({ complaint: 'overloaded' }));
    // By bounded steps all the same: at most six times two percent a second.
    expect(after).toBeLessThanOrEqual(60 * 1.12 ** 12);
  });

  test('[AP4] near the target as many come as go, whatever the pace was, and a pace that does not limit is not raised', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 });
    flight.pacePerMinute = 200;
    flight.admitted += 100;
    const near = flight.seconds(4, { latencyMs: 400 });
    expect(near.reason).toContain('the target is');
    expect(near.pacePerMinute).toBeGreaterThan(200);
    const idle = new Flight();
    idle.seconds(15, { latencyMs: 15 }, { isPaceTheLimit: false });
    idle.pacePerMinute = 200;
    idle.admitted += 100;
    expect(idle.seconds(6, { latencyMs: 400 }, { isPaceTheLimit: false }).pacePerMinute).toBeLessThanOrEqual(200);
  });

  // What went quiet is nothing after a gap, and what may grow is a part of nobody: the pace fell by 85 % before a well, empty shop.
  test('[AP60] a pace is not lowered while the shop is at ease, however few are inside, and says so', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 });
    flight.seconds(3, { latencyMs: 700 });
    flight.seconds(60, { latencyMs: 15 });
    flight.seconds(5, {}, { isPaceTheLimit: false, busy: 50 });
    const before = flight.pacePerMinute;
    flight.seconds(60, {}, { isPaceTheLimit: false, busy: 0 });
    expect(flight.pacePerMinute).toBe(before);
    for (let second = 1; second <= 20; second += 1) {
      const { cause, reason } = flight.seconds(1, { latencyMs: 15 }, { busy: second });
      expect(flight.pacePerMinute).toBeGreaterThanOrEqual(before);
      expect(cause).toBe('headroom');
      expect(reason).toContain('the shop answers well');
    }
  });

  test('[AP60] after a lull the pace is at least what it usually was, until the shop is as full as it was', () => {
    const flight = new Flight();
    flight.seconds(120, { latencyMs: 15 }, { bounds: { ...situation.bounds, maxPerMinute: 900 } });
    flight.seconds(40, {}, { isPaceTheLimit: false, busy: 10, admitted: 0 });
    flight.pacePerMinute = 200;
    const { reason } = flight.seconds(3, { latencyMs: 15 }, { busy: 10, admitted: 0 });
    expect(reason).toContain('emptier than it was');
    expect(flight.pacePerMinute).toBeGreaterThan(700);
    flight.pacePerMinute = 200;
    expect(flight.seconds(1, { latencyMs: 15 }, { busy: 90, admitted: 0 }).pacePerMinute).toBeLessThan(700);
  });

  test('[AP30] slow answers while half of all are as fast as ever become usual', () => {
    const flight = new Flight();
    flight.seconds(10, { latencyMs: 15 });
    const mixed = (seconds: number) => {
      let decision = { pacePerMinute: 0, cause: '' as string, reason: '' };
      for (let second = 0; second < seconds; second += 1) {
        flight.nowMs += 1_000;
        const tally = new ShopTally();
        for (let answer = 0; answer < 50; answer += 1) tally.add('inside', false, answer % 3 === 0 ? 2_000 : 15);
        const report = tally.take();
        if (report !== null) flight.autopilot.report(report, flight.nowMs);
        const { pacePerMinute, admitted, nowMs } = flight;
        flight.admitted += pacePerMinute / 60;
        decision = flight.autopilot.decide({ ...situation, pacePerMinute, admitted }, nowMs);
        flight.pacePerMinute = decision.pacePerMinute;
      }
      return decision;
    };
    const before = flight.pacePerMinute;
    expect(mixed(4).cause).toBe('headroom');
    expect(mixed(40).cause).toBe('headroom');
    expect(flight.pacePerMinute).toBeGreaterThan(before);
    // The others slow as well: that is the load.
    expect(flight.seconds(6, { latencyMs: 2_000 }).cause).toBe('latency');
  });

  test('[AP34] answers that stay slow though hardly anybody has been let in for a minute become usual', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 }, { busy: 5 });
    flight.seconds(4, { latencyMs: 1_800 }, { busy: 5 });
    flight.pacePerMinute = 60;
    flight.seconds(50, { latencyMs: 1_800 }, { busy: 5 });
    expect(flight.pacePerMinute).toBe(60);
    flight.seconds(8, { latencyMs: 1_800 }, { busy: 5 });
    expect(flight.pacePerMinute).toBe(60);
    flight.seconds(120, { latencyMs: 1_800 }, { busy: 5 });
    expect(flight.pacePerMinute).toBeGreaterThan(60);
    // As fast as before once more, it is judged as before.
    flight.seconds(5, { latencyMs: 15 }, { busy: 5 });
    expect(flight.seconds(6, { latencyMs: 1_800 }, { busy: 5 }).cause).toBe('latency');
  });

  test('[AP170] some errors let fewer in until it is known whether they come of the load, and it says so', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 });
    const before = flight.pacePerMinute;
    const fewer = flight.seconds(3, { latencyMs: 15, bad: 2 });
    expect(fewer).toMatchObject({ cause: 'errors', reason: expect.stringMatching(/fewer are let in, to see whether/) });
    expect(flight.pacePerMinute).toBeLessThan(before);
    // Nobody who is too many is inside any more: as many come in as go, and as many answers are errors as before.
    const asMany = flight.seconds(8, { latencyMs: 15, bad: 2 }, { busy: 70 });
    expect(asMany.reason).toContain('as many come in as go');
    const usual = flight.seconds(20, { latencyMs: 15, bad: 2 }, { busy: 70 });
    expect(usual.cause).toBe('headroom');
    const { pacePerMinute } = flight;
    flight.seconds(30, { latencyMs: 15, bad: 2 }, { busy: 70 });
    expect(flight.pacePerMinute).toBeGreaterThan(pacePerMinute);
    // More than these are errors that matter.
    expect(flight.seconds(3, { latencyMs: 15, bad: 6 }, { busy: 70 }).cause).toBe('errors');
  });

  test('[AP170] while nobody asks for anything a trial of errors takes nothing from the pace', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 });
    flight.seconds(3, { latencyMs: 15, bad: 2 });
    flight.seconds(12, {}, { isPaceTheLimit: false });
    const before = flight.pacePerMinute;
    flight.seconds(60, {}, { isPaceTheLimit: false, busy: 0 });
    flight.seconds(20, { latencyMs: 15 }, { isPaceTheLimit: false, busy: 10 });
    expect(flight.pacePerMinute).toBe(before);
  });

  test('[AP160] errors that do not come of the load leave the first growth as it is, errors that do end it', () => {
    const grown = (isOfLoad: boolean) => {
      const flight = new Flight();
      flight.seconds(15, { latencyMs: 15 }, { isNew: true, isPaceTheLimit: false });
      for (let round = 0; round < 2; round += 1) {
        flight.seconds(6, { latencyMs: 15, bad: 2 }, { isNew: true, busy: 100 });
        flight.seconds(30, { latencyMs: 15, bad: isOfLoad ? 0 : 2 }, { isNew: true, busy: 70 });
      }
      flight.pacePerMinute = 600;
      flight.seconds(6, { latencyMs: 15, bad: isOfLoad ? 0 : 2 }, { isNew: true, busy: 70 });
      return flight.pacePerMinute - 600;
    };
    expect(grown(false)).toBeGreaterThan(1.5 * grown(true));
  });

  // Four errors that one fan made held a new room at a sixth of its shop.
  test('[AP171] errors that were there once and went by themselves leave the first growth as it is', () => {
    const grown = (bad: number) => {
      const flight = new Flight();
      flight.seconds(15, { latencyMs: 15 }, { isNew: true, isPaceTheLimit: false });
      flight.seconds(2, { latencyMs: 15, bad }, { isNew: true });
      flight.seconds(20, { latencyMs: 15 }, { isNew: true, busy: 90 });
      flight.pacePerMinute = 600;
      flight.seconds(6, { latencyMs: 15 }, { isNew: true, busy: 100 });
      return flight.pacePerMinute - 600;
    };
    expect(grown(2)).toBeGreaterThan(0.5 * grown(0));
  });

  // One broken page made everybody wait in a room that had no line.
  test('[AP170] where the pace is not what limits some errors take nothing from it', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 }, { isPaceTheLimit: false });
    const { pacePerMinute, cause, reason } = flight.seconds(60, { latencyMs: 15, bad: 2 }, { isPaceTheLimit: false });
    expect(pacePerMinute).toBe(600);
    expect(cause).toBe('errors');
    expect(reason).toContain('the pace is not what limits');
  });

  test('[AP160] where hardly anybody goes quiet the first growth is slower', () => {
    const reached = (visitSeconds: number) => {
      const flight = new Flight();
      let inside = 100;
      for (let second = 0; second < 60; second += 1) {
        const gone = inside / visitSeconds;
        flight.pacePerMinute = second < 15 ? gone * 60 : flight.pacePerMinute;
        inside += flight.pacePerMinute / 60 - gone;
        const bounds = { ...situation.bounds, maxPerMinute: 60_000 };
        flight.seconds(1, { latencyMs: 15 }, { busy: Math.round(inside), bounds, isNew: true });
      }
      return inside;
    };
    // Of a hundred inside six may be added in a second, but no more than four for each who goes.
    expect(reached(300)).toBeLessThan(250);
    expect(reached(30)).toBeGreaterThan(500);
  });

  test('[AP172] errors right after a failure are of what was asked for during it: nothing is lowered, and usual they are not', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 });
    flight.seconds(5, { latencyMs: 15, bad: 40 }, { isShopFailing: true });
    flight.seconds(4, { latencyMs: 15 });
    flight.pacePerMinute = 600;
    flight.seconds(6, { latencyMs: 15, bad: 2 });
    expect(flight.pacePerMinute).toBeGreaterThanOrEqual(600);
    flight.seconds(30, { latencyMs: 15, bad: 2 }, { busy: 60 });
    // Nothing was proved by them: the same errors later are tried.
    flight.seconds(10, { latencyMs: 15 }, { busy: 60 });
    expect(flight.seconds(3, { latencyMs: 15, bad: 2 }, { busy: 60 }).reason).toContain('to see whether');
  });

  test('[AP172] errors right after a failure do not end the fast way back', () => {
    const risen = (bad: number) => {
      const flight = new Flight();
      flight.seconds(1, { latencyMs: 15 }, { isShopFailing: true, busy: 500 });
      flight.seconds(4, { latencyMs: 15, bad }, { busy: 100 });
      flight.seconds(5, { latencyMs: 15 }, { busy: 100 });
      flight.pacePerMinute = 60;
      flight.seconds(12, { latencyMs: 15 }, { busy: 100 });
      return flight.pacePerMinute;
    };
    expect(risen(2)).toBeCloseTo(risen(0), 0);
  });

  // A few errors hid that the answers took five seconds, and the pace rose.
  test('[AP170] a shop that is slow as well has too much to do, whatever its errors come of', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 });
    const { cause, reason } = flight.seconds(3, { latencyMs: 900, bad: 2 });
    expect(cause).toBe('latency');
    expect(reason).toContain('the target is');
    flight.seconds(6, { latencyMs: 5_000, bad: 2 });
    expect(flight.pacePerMinute).toBe(60);
  });

  test('[AP170] in shadow nothing is tried: the advice stays while errors last, and they do not become usual', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 }, { isFollowed: false });
    flight.seconds(1, { latencyMs: 15, bad: 4 }, { isFollowed: false });
    const before = flight.pacePerMinute;
    for (let minute = 0; minute < 5; minute += 1) {
      const { cause, reason } = flight.seconds(60, { latencyMs: 15, bad: 2 }, { isFollowed: false, busy: 60 });
      expect(cause).toBe('errors');
      expect(reason).toMatch(/were errors: fewer would be let in, to see whether they come of the load$/);
    }
    expect(flight.pacePerMinute).toBe(before);
    // The number inside follows from now on.
    expect(flight.seconds(1, { latencyMs: 15, bad: 2 }).reason).toContain('fewer are let in, to see whether');
  });

  test('[AP170] what is usual is one in ten at most', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 });
    let busy = 1_000;
    // As many more errors, again and again, always as many with fewer inside.
    for (let bad = 2; bad <= 20; bad += 2) {
      for (let second = 0; second < 60; second += 1) {
        busy = Math.max(60, busy * 0.97);
        flight.seconds(1, { latencyMs: 15, bad }, { busy: Math.round(busy) });
      }
      busy = 1_000;
    }
    expect(flight.seconds(10, { latencyMs: 15, bad: 20 }).cause).toBe('errors');
    expect(flight.pacePerMinute).toBe(60);
  });

  test('[AP170] after a gap without decisions a trial of before is over', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 });
    expect(flight.seconds(3, { latencyMs: 15, bad: 2 }).cause).toBe('errors');
    flight.nowMs += 3_600_000;
    flight.seconds(1, { latencyMs: 15 });
    expect(flight.seconds(3, { latencyMs: 15 }).cause).toBe('headroom');
  });

  test('[AP61] requests that waited in vain for the shop to have room are no errors of it, in count and in words', () => {
    const flight = new Flight();
    flight.seconds(15, { latencyMs: 15 });
    const tally = new ShopTally();
    for (let request = 0; request < 4; request += 1) tally.addHeld('inside');
    const report = tally.take();
    if (report !== null) flight.autopilot.report(report, flight.nowMs + 1);
    const { cause, reason } = flight.seconds(1, { latencyMs: 15 });
    expect(cause).toBe('latency');
    expect(reason).toMatch(/^4 of \d+ requests .* waited in vain for the shop to have room$/);
  });

  // Slow for another reason than the load, the pace was taken down to its least, and the shop stood empty for minutes.
  test('[AP62] what is as slow with fewer at once is at ease: the pace comes back, where the load makes it slow it does not', () => {
    const paceAfter = (latencyMs: (inside: number) => number, mostPerSecond: number) => {
      const flight = new Flight();
      flight.seconds(15, { latencyMs: 15 });
      let inside = 300;
      for (let second = 0; second < 90; second += 1) {
        flight.nowMs += 1_000;
        const tally = new ShopTally();
        const answers = Math.min(mostPerSecond, Math.round(inside / 3));
        for (let answer = 0; answer < answers; answer += 1) tally.add('inside', false, latencyMs(inside));
        const report = tally.take();
        if (report !== null) flight.autopilot.report(report, flight.nowMs);
        const { pacePerMinute, nowMs } = flight;
        // A visit takes half a minute.
        inside += pacePerMinute / 60 - inside / 30;
        flight.admitted += pacePerMinute / 60;
        const now = { pacePerMinute, admitted: flight.admitted, busy: Math.round(inside) };
        flight.pacePerMinute = flight.autopilot.decide({ ...situation, ...now }, nowMs).pacePerMinute;
      }
      return flight.pacePerMinute;
    };
    expect(paceAfter(() => 1_200, 1_000)).toBeGreaterThan(600);
    // It answers thirty a second, the others wait.
    expect(paceAfter(inside => Math.max(15, 1_000 * (inside / 30 - 3)), 30)).toBeLessThan(300);
  });

  test('[AP3] never leaves the bounds, whatever happens', () => {
    const flight = new Flight();
    for (let round = 0; round < 200; round += 1) {
      const latencyMs = [5, 50, 500, 5_000, 60_000][round % 5] ?? 5;
      const { pacePerMinute } = flight.seconds(1 + (round % 3), { latencyMs, bad: round % 7 === 0 ? 50 : 0 });
      expect(pacePerMinute).toBeGreaterThanOrEqual(60);
      expect(pacePerMinute).toBeLessThanOrEqual(6_000);
      expect(Number.isFinite(pacePerMinute)).toBe(true);
    }
  });
});
