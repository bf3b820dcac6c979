// STATUS in each state of a device, key by key, and numbers that are numbers.
import { describe, expect, test } from 'vitest';
import { RoomView } from '../../../src/flow/room-view.ts';
import { StatusEncoder } from '../../../src/flow/status.ts';
import type { RoomChange } from '../../../src/queue/room-change.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const open: RoomChange = { kind: 'phase', phase: 'open', atMs: startMs };
const iso = (atMs: number): string => new Date(atMs).toISOString();

function viewOf(
  changes: readonly RoomChange[],
  present: readonly number[] = [],
): { view: RoomView; clock: VirtualClock } {
  const clock = new VirtualClock(startMs);
  const view = new RoomView({ ...testRules, startsAtMs: startMs }, clock);
  for (const number of present) view.attach(number);
  view.apply(changes);
  return { view, clock };
}

function statusOf(view: RoomView, number: number, isEntering = false): Record<string, unknown> {
  const encoder = new StatusEncoder(view, () => isEntering);
  const status = JSON.parse(encoder.encode(number));
  // The page without JavaScript is made from the fields: they say the same, also after another device's.
  encoder.encodeWithFields(number + 1);
  expect(encoder.encodeWithFields(number)).toEqual({ json: JSON.stringify(status), fields: status });
  return status;
}

const waiting = {
  v: 1,
  room: 'sale',
  phase: 'open',
  paused: false,
  state: 'waiting',
  number: 4,
  place: 4,
  ahead: 2,
  total: 3,
  etaSeconds: [0, expect.any(Number)],
  pacePerMinute: 600,
  startsAt: iso(startMs),
  claimBy: null,
  message: null,
  asOf: iso(startMs),
  checking: false,
  next: 1_000,
};

describe('STATUS', () => {
  test('[JN10] has exactly the keys of the interface, in their order, in each state', () => {
    const { view } = viewOf([open], [1, 2, 4]);
    const status = statusOf(view, 4);
    expect(status).toEqual(waiting);
    expect(Object.keys(status)).toEqual(Object.keys(waiting));
    view.apply([{ kind: 'called', places: [1], atMs: startMs }]);
    const called = { ...waiting, number: 1, place: 1, ahead: 0, total: 2, etaSeconds: null };
    view.lineNow();
    expect(statusOf(view, 1)).toEqual({ ...called, state: 'called', claimBy: iso(startMs + 10_000) });
    expect(statusOf(view, 1, true)).toEqual({ ...called, state: 'entering', claimBy: iso(startMs + 10_000) });
    view.apply([{ kind: 'no-show', places: [1] }]);
    view.lineNow();
    expect(statusOf(view, 1)).toEqual({ ...called, state: 'missed', next: 5_000 });
    view.apply([{ kind: 'admitted', passes: [{ place: 1, passId: 'a' }], atMs: startMs }]);
    expect(statusOf(view, 1)).toEqual({ ...called, state: 'admitted', next: 5_000 });
    view.apply([{ kind: 'pass-ended', passIds: ['a'], cause: 'shop' }]);
    expect(statusOf(view, 1)).toEqual({ ...called, ahead: null, state: 'left', next: 5_000 });
  });

  test('[JN11] before the draw place and ahead are unknown, and after the end the line is over', () => {
    const { view } = viewOf([{ kind: 'phase', phase: 'lobby', atMs: startMs }], [0, 1]);
    const lobby = { ...waiting, phase: 'lobby', state: 'lobby', number: 1, place: null, ahead: null, total: 2 };
    expect(statusOf(view, 1)).toEqual({ ...lobby, etaSeconds: null, next: 3_000 });
    view.apply([open, { kind: 'phase', phase: 'ended', atMs: startMs }]);
    const ended = { ...lobby, phase: 'ended', state: 'ended', place: 1, etaSeconds: null, next: 5_000 };
    expect(statusOf(view, 1)).toEqual(ended);
  });

  test('[JN12] between the seal and the draw no place is made up, and presence is not read in the old order', () => {
    const { view } = viewOf([open], [0, 1]);
    view.apply([
      { kind: 'committed', secret: 'aa', commitment: 'bb' },
      { kind: 'sealed', drawn: 2, atMs: startMs, startsAtMs: startMs },
    ]);
    expect(statusOf(view, 1)).toMatchObject({ state: 'lobby', place: null, ahead: null, total: 2 });
    expect(view.present.places.count).toBe(0);
  });

  test('[PG111] while a sealed draw waits it names, from what was committed, what for and until when', () => {
    const { view } = viewOf([open]);
    const announced = { kind: 'figure', named: 'the "close"' } as const;
    view.apply([{ kind: 'committed', secret: 'aa', commitment: 'bb', announced, waitMs: 600_000 }]);
    expect(statusOf(view, 1)).not.toHaveProperty('drawWaits');
    view.apply([{ kind: 'sealed', drawn: 2, atMs: startMs + 5_000, startsAtMs: startMs }]);
    expect(statusOf(view, 1)).toMatchObject({
      drawWaits: { named: 'the "close"', until: iso(startMs + 605_000) },
    });
    view.apply([{ kind: 'revealed', seed: '5a'.repeat(32), randomness: { kind: 'none', announced } }]);
    expect(statusOf(view, 1)).not.toHaveProperty('drawWaits');
  });

  test('[DR29] where nobody was drawn nothing is said to wait', () => {
    const { view } = viewOf([open], [0]);
    view.apply([
      { kind: 'committed', secret: 'aa', commitment: 'bb', announced: { kind: 'figure', named: 'x' }, waitMs: 600_000 },
      { kind: 'sealed', drawn: 0, atMs: startMs, startsAtMs: startMs },
    ]);
    expect(statusOf(view, 0)).toMatchObject({ state: 'waiting', place: 0 });
    expect(statusOf(view, 0)).not.toHaveProperty('drawWaits');
  });

  test('[JN13] while paused there is no estimate, and a message is told as it was written', () => {
    const message = '"</script>\u2028 順番';
    const { view } = viewOf([open, { kind: 'settings', settings: { message }, atMs: startMs }], [4]);
    view.apply([{ kind: 'hold', hold: 'paused', on: true, atMs: startMs }]);
    expect(statusOf(view, 4)).toMatchObject({ paused: true, etaSeconds: null, message });
    view.apply([{ kind: 'hold', hold: 'shop-failing', on: true, atMs: startMs }]);
    expect(statusOf(view, 4)).toMatchObject({ shopFailing: true });
  });

  test('[LN32] while nobody new is let in and nobody knows for how long there is no estimate, and the status says so', () => {
    const settings = (given: object): RoomChange => ({ kind: 'settings', settings: given, atMs: startMs });
    const admitted: RoomChange = {
      kind: 'admitted',
      passes: [0, 1].map(place => ({ place, passId: String(place) })),
      atMs: startMs,
    };
    const standing: readonly (readonly RoomChange[])[] = [
      [settings({ draining: true })],
      [settings({ activeCap: 0 })],
      [admitted, settings({ activeCap: 1 })],
      [settings({ pacePerMinute: 0 })],
      [{ kind: 'hold', hold: 'shop-failing', on: true, atMs: startMs }],
      [{ kind: 'hold', hold: 'shop-down', on: true, atMs: startMs }],
      [{ kind: 'hold', hold: 'paused', on: true, atMs: startMs }],
    ];
    for (const changes of standing) {
      const { view } = viewOf([open, ...changes], [2, 3, 4]);
      const status = statusOf(view, 4);
      expect(status).toMatchObject({ state: 'waiting', ahead: 2, etaSeconds: null });
      // Why is told once.
      const reasons = [status.paused === true, status.shopFailing === true, status.calling === false];
      expect(reasons.filter(Boolean)).toHaveLength(1);
    }
  });

  test('[LN140] while the cap is full the pace says nothing: what is told is measured, or there is no estimate', async () => {
    // For a minute the page said "less than a minute" and "600 per minute" though nobody could be let in for ten.
    const { view, clock } = viewOf([open], [...Array(400).keys()]);
    const settings = { activeCap: 100 };
    view.apply([{ kind: 'settings', settings, atMs: startMs }]);
    const admit = (from: number, to: number) => {
      const places = Array.from({ length: to - from }, (_, index) => from + index);
      view.apply([{ kind: 'called', places, atMs: clock.nowMs() }]);
      const passes = places.map(place => ({ place, passId: String(place) }));
      view.apply([{ kind: 'admitted', passes, atMs: clock.nowMs() }]);
      view.lineNow();
    };
    view.lineNow();
    for (let at = 0; at < 100; at += 10) {
      expect(statusOf(view, 399)).toMatchObject({ etaSeconds: [expect.any(Number), expect.any(Number)] });
      await clock.advance(1_000);
      admit(at, at + 10);
    }
    // Full, and nobody comes out.
    const full = { state: 'waiting', etaSeconds: null, pacePerMinute: 600, calling: false, full: true };
    expect(statusOf(view, 399)).toMatchObject(full);
    await clock.advance(60_000);
    expect(statusOf(view, 399)).toMatchObject(full);
    // Now one comes out every five seconds: the line moves by twelve a minute, and that is what is told.
    for (let out = 0; out < 24; out += 1) {
      view.apply([{ kind: 'pass-ended', passIds: [String(out)], cause: 'shop' }]);
      await clock.advance(100);
      admit(100 + out, 101 + out);
      await clock.advance(4_900);
    }
    const { ahead, etaSeconds, ...rest } = statusOf(view, 399);
    expect(rest).not.toHaveProperty('calling');
    expect(rest).not.toHaveProperty('full');
    expect(rest).toMatchObject({ pacePerMinute: 600, calledPerMinute: 12 });
    const [low, high] = etaSeconds as [number, number];
    const trueSeconds = Number(ahead) * 5;
    expect([low <= trueSeconds, high >= trueSeconds, high < 3 * trueSeconds]).toEqual([true, true, true]);
    // With room again the pace counts again.
    view.apply([{ kind: 'settings', settings: { activeCap: 1_000 }, atMs: clock.nowMs() }]);
    expect(statusOf(view, 399)).toMatchObject({
      pacePerMinute: 600,
      etaSeconds: [expect.any(Number), expect.any(Number)],
    });
  });

  test('[WR180] is full at once, also in the moment until a slot that became free is given to the next', async () => {
    const { view, clock } = viewOf([open], [...Array(20).keys()]);
    view.lineNow();
    const fullNow = () => {
      const { calling, full } = statusOf(view, 19);
      return [calling, full];
    };
    view.apply([{ kind: 'settings', settings: { activeCap: 1 }, atMs: startMs }]);
    expect(fullNow()).toEqual([undefined, undefined]);
    view.apply([{ kind: 'admitted', passes: [{ place: 0, passId: 'only' }], atMs: startMs }]);
    expect(fullNow()).toEqual([false, true]);
    await clock.advance(5_000);
    view.apply([{ kind: 'pass-ended', passIds: ['only'], cause: 'shop' }]);
    expect(fullNow()).toEqual([false, true]);
    await clock.advance(100);
    view.apply([{ kind: 'called', places: [1], atMs: clock.nowMs() }]);
    expect(fullNow()).toEqual([false, true]);
    // What is measured takes its place.
    await clock.advance(10_000);
    expect(fullNow()).toEqual([undefined, undefined]);
  });

  test('[WR180] is full where a cap was lowered below those inside, and not where there is no cap or the room is drained', () => {
    const { view, clock } = viewOf([open], [...Array(20).keys()]);
    const places = [0, 1, 2];
    view.apply([{ kind: 'called', places, atMs: startMs }]);
    const passes = places.map(place => ({ place, passId: String(place) }));
    view.apply([{ kind: 'admitted', passes, atMs: startMs }]);
    view.lineNow();
    const fullWith = (settings: object) => {
      view.apply([{ kind: 'settings', settings, atMs: clock.nowMs() }]);
      const { calling, full } = statusOf(view, 19);
      return [calling, full];
    };
    expect(fullWith({ activeCap: 2 })).toEqual([false, true]);
    expect(fullWith({ draining: true })).toEqual([false, undefined]);
    expect(fullWith({ draining: false, activeCap: 0 })).toEqual([false, undefined]);
    expect(fullWith({ activeCap: 100 })).toEqual([undefined, undefined]);
  });

  test('[LN32] after it the line is measured anew: the time in which nobody was called does not count', async () => {
    const { view, clock } = viewOf([open], [...Array(200).keys()]);
    const call = (first: number) => view.apply([{ kind: 'called', places: [first], atMs: clock.nowMs() }]);
    const settings = (given: object) => view.apply([{ kind: 'settings', settings: given, atMs: clock.nowMs() }]);
    for (const [stop, goOn] of [
      [{ draining: true }, { draining: false }],
      [{ activeCap: 0 }, { activeCap: 100 }],
    ] as const) {
      for (let second = 0; second < 40; second += 1) {
        view.lineNow();
        call(view.line().lowest(1)[0] ?? 0);
        await clock.advance(100);
      }
      settings(stop);
      await clock.advance(90_000);
      view.lineNow();
      expect(statusOf(view, 199)).toMatchObject({ calling: false });
      settings(goOn);
      const { ahead, etaSeconds } = statusOf(view, 199);
      const trueSeconds = Number(ahead) / 10;
      const [low, high] = etaSeconds as [number, number];
      expect([low <= trueSeconds, high >= trueSeconds, high < 3 * trueSeconds]).toEqual([true, true, true]);
    }
  });

  test('[JN14] out of reach of the store the last true numbers keep their instant', async () => {
    const { view, clock } = viewOf([open], [4]);
    statusOf(view, 4);
    view.checking = true;
    await clock.advance(30_000);
    expect(statusOf(view, 4)).toMatchObject({ checking: true, asOf: iso(startMs) });
    view.checking = false;
    expect(statusOf(view, 4)).toMatchObject({ checking: false, asOf: iso(startMs + 30_000) });
  });

  test('[JN15] a pace of nothing or of very much never makes a number that is none', () => {
    for (const pacePerMinute of [0, 0.001, 1e9]) {
      const { view } = viewOf([open, { kind: 'settings', settings: { pacePerMinute }, atMs: startMs }], [1, 2, 4]);
      const { etaSeconds } = statusOf(view, 4);
      if (pacePerMinute === 0) expect(etaSeconds).toBeNull();
      else expect(etaSeconds).toEqual([expect.any(Number), expect.any(Number)]);
    }
  });
});
