// When each connected device hears of what: at once, soon, now and then, and never the same twice in a row.
import { describe, expect, test } from 'vitest';
import type { Follower } from '../../../src/flow/followers.ts';
import { PlaceOrder } from '../../../src/flow/place-order.ts';
import { LinePusher } from '../../../src/flow/push-line.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import type { RoomChange } from '../../../src/queue/room-change.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

type Heard = { readonly atMs: number; readonly status: Record<string, unknown> };

function lineOf(devices: number) {
  const clock = new VirtualClock(startMs);
  const view = new RoomView(testRules, clock);
  view.apply([{ kind: 'phase', phase: 'open', atMs: startMs }]);
  const pusher = new LinePusher({ view, clock, isEntering: () => false, onPushed: () => undefined });
  const heard = new Map<number, Heard[]>();
  const ended: [follower: Follower, why: string][] = [];
  const join = (number: number): Follower => {
    view.attach(number);
    const each: Heard[] = [];
    heard.set(number, each);
    const follower: Follower = {
      number,
      send: status => each.push({ atMs: clock.nowMs(), status: JSON.parse(status) }),
      end: ({ kind }) => ended.push([follower, kind]),
      toldAtMs: 0,
      toldState: '',
      toldAhead: -1,
      toldTotal: -1,
      toldCommon: -1,
    };
    pusher.add(follower);
    return follower;
  };
  const followers = Array.from({ length: devices }, (_, number) => join(number));
  const forget = () => {
    for (const each of heard.values()) each.length = 0;
  };
  return {
    clock,
    view,
    pusher,
    heard,
    ended,
    join,
    followers,
    forget,
    of: (number: number) => heard.get(number) ?? [],
  };
}

const called = (places: readonly number[], atMs: number): RoomChange => ({ kind: 'called', places, atMs });

describe('LinePusher', () => {
  // A frame said "checking" in the moment between two looks in which it was so, and nothing took it back for 20 s.
  test('[WR45] that the numbers are true again is told also where "checking" was over before anybody looked', async () => {
    const { clock, view, of, forget } = lineOf(1);
    await clock.advance(5_001);
    forget();
    view.checking = true;
    view.apply([{ kind: 'settings', settings: { pacePerMinute: 77 }, atMs: clock.nowMs() }]);
    await clock.advance(1);
    expect(of(0).map(({ status }) => status['checking'])).toEqual([true]);
    view.checking = false;
    await clock.advance(500);
    expect(of(0).at(-1)?.status).toMatchObject({ checking: false, pacePerMinute: 77 });
  });

  test('[PR10] a called device is told at once, in the same turn', async () => {
    const { clock, view, of, forget } = lineOf(100);
    await clock.advance(5_000);
    forget();
    view.apply([called([0], clock.nowMs())]);
    expect(of(0).map(({ status }) => status['state'])).toEqual(['called']);
  });

  // A line read up to 25 ms before the change was told again, and the news had to wait for another look.
  test('[PR11] when the frontier moves every number is told within 250 ms, also just after the line was read', async () => {
    for (const readBeforeMs of [0, 1, 10, 24, 25, 100]) {
      const { clock, view, heard, forget } = lineOf(500);
      await clock.advance(5_000);
      view.touch(600, clock.nowMs() + 60_000);
      view.line();
      await clock.advance(readBeforeMs);
      forget();
      const movedAtMs = clock.nowMs();
      view.apply([called([0, 1, 2], movedAtMs)]);
      await clock.advance(250);
      for (const [number, told] of heard) {
        const news = told.find(({ status }) => number < 3 || status['ahead'] === number - 3);
        expect(news, `device ${number}, line read ${readBeforeMs} ms before`).toBeDefined();
      }
    }
  });

  test('[PR12] nobody is told the same twice within 15 s, and everybody hears something every 20 s', async () => {
    const { clock, heard } = lineOf(50);
    await clock.advance(120_000);
    for (const told of heard.values()) {
      const gaps = told.slice(1).map(({ atMs }, index) => atMs - (told[index]?.atMs ?? 0));
      // Those who joined first learn of the others' coming; after that it is quiet.
      for (const gap of gaps.slice(2)) expect(gap).toBeGreaterThanOrEqual(15_000);
      for (const gap of gaps) expect(gap).toBeLessThanOrEqual(20_000);
      expect(told.length).toBeGreaterThanOrEqual(7);
    }
  });

  test('[PR13] a change of the total alone is told no sooner than 2 s after the last status', async () => {
    const { clock, view, of, forget } = lineOf(3);
    await clock.advance(5_000);
    forget();
    for (let number = 10; number < 110; number += 1) {
      view.touch(number, clock.nowMs() + 3_600_000);
      await clock.advance(100);
    }
    const told = of(0);
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.length).toBeLessThanOrEqual(6);
    told.slice(1).forEach(({ atMs }, index) => {
      expect(atMs - (told[index]?.atMs ?? 0)).toBeGreaterThanOrEqual(2_000);
    });
  });

  test('[PR14] what is common to all is told to everybody at once', async () => {
    const { clock, view, heard, forget } = lineOf(200);
    await clock.advance(5_000);
    for (const change of [
      { kind: 'settings', settings: { message: 'hello' }, atMs: startMs },
      { kind: 'hold', hold: 'paused', on: true, atMs: startMs },
      { kind: 'phase', phase: 'ended', atMs: startMs },
    ] satisfies RoomChange[]) {
      forget();
      view.apply([change]);
      await clock.advance(60);
      for (const told of heard.values()) expect(told).toHaveLength(1);
    }
  });

  test.each([
    [200, ['placed']],
    [1_500, ['drawing', 'placed']],
  ])('[DR66] at a reveal whose order takes %i ms everybody is told %j', async (orderMs, expected) => {
    const { clock, view, heard, forget } = lineOf(100);
    await clock.advance(5_000);
    forget();
    const atMs = clock.nowMs();
    view.apply([
      { kind: 'committed', secret: '11', commitment: '00', announced: { kind: 'none' }, waitMs: 0 },
      { kind: 'sealed', drawn: 100, atMs, startsAtMs: atMs },
      { kind: 'revealed', seed: '22', randomness: { kind: 'none' } },
    ]);
    await clock.advance(orderMs);
    view.setOrder(new PlaceOrder(Uint32Array.from({ length: 100 }, (_, number) => 99 - number)));
    await clock.advance(200);
    for (const each of heard.values()) {
      expect(each.map(({ status }) => (status['place'] === null ? 'drawing' : 'placed'))).toEqual(expected);
    }
  });

  test('[PR15] the followers of one device are all told, and one that went is not', async () => {
    const { clock, view, pusher, join, followers, of } = lineOf(2);
    const first = followers[1];
    join(1);
    expect(pusher.count).toBe(3);
    if (first !== undefined) pusher.remove(first);
    if (first !== undefined) pusher.remove(first);
    expect(pusher.count).toBe(2);
    const before = of(1).length;
    view.apply([called([0, 1], clock.nowMs())]);
    expect(of(1)).toHaveLength(before + 1);
    pusher.stop();
    await clock.advance(60_000);
    expect(of(1)).toHaveLength(before + 1);
  });

  test('[WR57] the ninth connection of a device ends its oldest, and so does each one more; no other device’s', () => {
    const { pusher, ended, join, followers } = lineOf(2);
    const seven = Array.from({ length: 7 }, () => join(1));
    expect(ended).toEqual([]);
    join(1);
    expect(ended).toEqual([[followers[1], 'superseded']]);
    join(1);
    expect(ended.at(-1)).toEqual([seven[0], 'superseded']);
    expect(pusher.count).toBe(1 + 8);
    // A transport that learns of the end later takes nobody else off.
    for (const [follower] of ended) pusher.remove(follower);
    expect(pusher.count).toBe(1 + 8);
  });
});
