// What several gateways see of one shop, put together: by itself, as a gateway tells it, and at the caller.

import { describe, expect, test } from 'vitest';
import type { ShopCounts } from '../../../src/admission/shop-condition.ts';
import { ShopVotes } from '../../../src/flow/shop-votes.ts';
import { watchShop } from '../../../src/flow/watch-shop.ts';
import type { RoomRequest } from '../../../src/queue/answer-request.ts';
import { openCallerRoom } from '../../support/caller-room.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const vote = (by: string, isFailing: boolean, answers: number, bad: number) => ({
  ...{ by, isFailing },
  seen: { answers, bad },
});

describe('the votes', () => {
  test('[LN111] a gateway that cannot reach the shop is outvoted by the answers that others got', () => {
    const votes = new ShopVotes();
    votes.hear(vote('well', false, 200, 0), 0);
    votes.hear(vote('cut off', true, 50, 50), 0);
    expect(votes.isFailing(false, 0)).toBe(false);
    // Under a half keeps nobody out, and is too much to end what began.
    expect(votes.isFailing(true, 0)).toBe(true);
    votes.hear(vote('well', false, 200, 180), 100);
    expect(votes.isFailing(false, 100)).toBe(true);
  });

  test('[LN111] where all that got answers see it fail it does, whoever got none', () => {
    const votes = new ShopVotes();
    votes.hear(vote('one', true, 8, 4), 0);
    votes.hear(vote('idle', false, 0, 0), 0);
    expect(votes.isFailing(false, 0)).toBe(true);
    votes.hear(vote('one', false, 8, 0), 0);
    expect(votes.isFailing(true, 0)).toBe(false);
  });

  test('[LN111] a gateway that says nothing more is believed for 6 s', () => {
    const votes = new ShopVotes();
    votes.hear(vote('died', true, 50, 50), 0);
    votes.hear(vote('well', false, 40, 0), 5_000);
    expect([votes.isFailing(true, 6_000), votes.isFailing(true, 6_001)]).toEqual([true, false]);
    expect(votes.isFailing(true, 20_000)).toBe(false);
  });

  test('[AP80] requests that nobody answered add up over gateways, and an answer that one of them got speaks for the shop', () => {
    const votes = new ShopVotes();
    const heard = (by: string, answers: number, unanswered: number) =>
      votes.hear({ by, isFailing: false, seen: { answers, bad: unanswered && answers, unanswered } }, 0);
    heard('one', 0, 1);
    expect(votes.isFailing(false, 0)).toBe(false);
    heard('two', 1, 1);
    expect(votes.isFailing(false, 0)).toBe(true);
    heard('three', 1, 0);
    expect(votes.isFailing(false, 0)).toBe(false);
  });

  test('[LN111] a gateway of an earlier version says no more than whether it fails', () => {
    const votes = new ShopVotes();
    votes.hear({ by: 'older', isFailing: true }, 0);
    expect(votes.isFailing(false, 0)).toBe(true);
    votes.hear({ by: 'older', isFailing: false }, 0);
    expect(votes.isFailing(true, 0)).toBe(false);
  });
});

test('[LN111] a gateway tells at once what begins and ends, its counts every two seconds, and once that it has none', async () => {
  const clock = new VirtualClock(0);
  const told: [number, boolean, ShopCounts | undefined][] = [];
  let seen: ShopCounts = { answers: 0, bad: 0 };
  let fails = false;
  const stop = watchShop({
    ...{ clock, by: 'one', isFailing: () => fails, countsAt: () => seen },
    ask: async (request: RoomRequest) => {
      if (request.kind === 'hold') told.push([clock.nowMs(), request.on, request.seen]);
      return { kind: 'done' };
    },
  });
  const during = async (ms: number): Promise<number[]> => {
    told.length = 0;
    await clock.advance(ms);
    return told.map(([atMs]) => atMs);
  };
  expect(await during(10_000)).toEqual([]);
  seen = { answers: 30, bad: 1 };
  expect(await during(4_250)).toEqual([10_250, 12_250, 14_250]);
  fails = true;
  expect(await during(500)).toEqual([14_500]);
  fails = false;
  expect(await during(500)).toEqual([15_000]);
  seen = { answers: 0, bad: 0 };
  expect(await during(10_000)).toEqual([17_000]);
  stop();
});

test('[LN111] a room goes on while one of its gateways cannot reach the shop, and stands while none can', async () => {
  const room = await openCallerRoom({});
  const tell = async (by: string, on: boolean, answers: number, bad: number) => {
    const asked = room.caller.ask({ kind: 'hold', hold: 'shop-failing', on, by, seen: { answers, bad } });
    await room.clock.advance(100);
    await asked;
    return room.view.state.holds.has('shop-failing');
  };
  expect(await tell('one', false, 100, 0)).toBe(false);
  expect(await tell('two', true, 20, 20)).toBe(false);
  expect(await tell('one', true, 100, 90)).toBe(true);
  expect(await tell('one', false, 100, 5)).toBe(true);
  expect(await tell('two', false, 20, 0)).toBe(false);
});
