// No-shows are made up for: the shop gets the set pace whatever share of the called devices does not claim.
import { describe, expect, test } from 'vitest';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import { admissionsOf, type CallerRoom, claimAfter, mostWithin, openCallerRoom } from '../support/caller-room.ts';

const inside: Partial<RoomRules> = { activeCap: 100_000, passIdleMs: 3_600_000, passMaxMs: 3_600_000 };

/** People take from two to twenty seconds, most of them little. */
function people(room: CallerRoom, noShowShare: () => number): void {
  const { random } = room;
  claimAfter(room, () => (random.chance(noShowShare()) ? null : 2_000 + 18_000 * random.fraction() ** 2));
}

const between = (instantsMs: readonly number[], fromMs: number, toMs: number) =>
  instantsMs.filter(atMs => atMs >= fromMs && atMs < toMs).length;

describe('no-shows', () => {
  test.each([
    [600, 30_000, 11],
    [120, 60_000, 12],
    [3_000, 20_000, 13],
  ])(
    '[CL60] at forty percent no-shows the shop gets 0.97 of the pace at least and 1.01 at most: %i per minute',
    async (pacePerMinute, claimWindowMs, seed) => {
      const room = await openCallerRoom({ ...inside, pacePerMinute, claimWindowMs }, seed);
      people(room, () => 0.4);
      const admitted = admissionsOf(room);
      room.join(pacePerMinute * 12);
      await room.clock.advance(2 * claimWindowMs);
      const fromMs = room.clock.nowMs();
      await room.clock.advance(180_000);
      const got = between(admitted, fromMs, fromMs + 180_000) / (3 * pacePerMinute);
      console.log(`${pacePerMinute} a minute, four of ten do not come: ${(got * 100).toFixed(1)} % of the pace`);
      expect(got).toBeGreaterThanOrEqual(0.97);
      expect(got).toBeLessThanOrEqual(1.01);
      expect(mostWithin(admitted, 10_000)).toBeLessThanOrEqual((pacePerMinute / 6) * 1.01 + 1);
      expect(room.view.state.noShowShare).toBeGreaterThan(0.33);
      expect(room.view.state.noShowShare).toBeLessThan(0.47);

      expect(room.failures).toEqual([]);
    },
  );

  test('[CL61] a change from none to half settles within two claim windows, without more claims than the pace', async () => {
    const claimWindowMs = 30_000;
    const room = await openCallerRoom({ ...inside, pacePerMinute: 600, claimWindowMs }, 22);
    let share = 0;
    people(room, () => share);
    const admitted = admissionsOf(room);
    room.join(8_000);
    await room.clock.advance(120_000);
    share = 0.5;
    const changedAtMs = room.clock.nowMs();
    await room.clock.advance(2 * claimWindowMs);
    const learned = room.view.state.noShowShare;
    await room.clock.advance(2 * claimWindowMs);
    const settled = between(admitted, changedAtMs + 2 * claimWindowMs, changedAtMs + 4 * claimWindowMs);
    console.log(`none, then half do not come: ${((settled / 600) * 100).toFixed(1)} % of the pace after two windows`);
    expect(settled).toBeGreaterThanOrEqual(600 * 0.97);
    expect(settled).toBeLessThanOrEqual(600 * 1.01);
    expect(learned).toBeGreaterThan(0.4);
    expect(learned).toBeLessThan(0.6);
    expect(mostWithin(admitted, 10_000)).toBeLessThanOrEqual(102);
    // And back: what was learned of no-shows is unlearned.
    share = 0;
    await room.clock.advance(2 * claimWindowMs);
    expect(room.view.state.noShowShare).toBeLessThan(0.15);
    expect(mostWithin(admitted, 10_000)).toBeLessThanOrEqual(102);
  });

  test('[CL62] calling is at most five times the pace, however few claim', async () => {
    const room = await openCallerRoom({ ...inside, pacePerMinute: 600, claimWindowMs: 10_000 }, 6);
    people(room, () => 0.98);
    room.join(6_000);
    await room.clock.advance(30_000);
    const calledBefore = room.view.state.totals.called;
    await room.clock.advance(30_000);
    const perMinute = (room.view.state.totals.called - calledBefore) * 2;
    expect(perMinute).toBeGreaterThan(2_500);
    expect(perMinute).toBeLessThanOrEqual(600 * 5 * 1.1 * 1.01);
    expect(room.view.state.noShowShare).toBe(0.8);
  });

  test('[CL63] under the cap unclaimed calls do not keep slots empty', async () => {
    const room = await openCallerRoom(
      { pacePerMinute: 6_000, activeCap: 100, claimWindowMs: 60_000, passIdleMs: 20_000 },
      7,
    );
    people(room, () => 0.4);
    room.join(6_000);
    await room.clock.advance(180_000);
    let sum = 0;
    for (let second = 0; second < 60; second += 1) {
      await room.clock.advance(1_000);
      sum += room.view.state.passes.size;
      expect(room.view.state.passes.size).toBeLessThanOrEqual(100);
    }
    // A slot is empty while its next device makes up its mind; calls that nobody claims must not add to that.
    expect(sum / 60).toBeGreaterThan(68);
  });

  test('[CL64] a thousand called devices that claim in one second enter at the pace, first called first', async () => {
    const room = await openCallerRoom({ ...inside, pacePerMinute: 6_000, claimWindowMs: 60_000 }, 8);
    const admitted = admissionsOf(room);
    const order: number[] = [];
    room.view.onChange(changes => {
      for (const change of changes) {
        if (change.kind === 'admitted') order.push(...change.passes.map(({ place }) => place));
      }
    });
    room.join(1_200);
    await room.clock.advance(10_050);
    const waiting = [...room.view.state.calls.keys()];
    expect(waiting.length).toBeGreaterThanOrEqual(1_000);
    const answers = new Map<number, string>();
    const ask = (place: number): void => {
      room.caller.ask({ kind: 'claim', place }).then(
        ({ kind }) => {
          if (!answers.has(place)) answers.set(place, kind);
          if (kind === 'entering') room.clock.after(1_000, () => ask(place));
        },
        () => undefined,
      );
    };
    for (const place of [...waiting].reverse()) room.clock.after(1_000 * room.random.fraction(), () => ask(place));
    await room.clock.advance(13_000);
    // 6,000 a minute and its burst of 75 ms, and the one that was due. // CL4
    expect(mostWithin(admitted, 1_000)).toBeLessThanOrEqual(108);
    expect(mostWithin(admitted, 10_000)).toBeLessThanOrEqual(1_011);
    // Once all have asked, the order is that of the calls.
    const late = order.slice(110);
    expect(late).toEqual([...late].sort((one, other) => one - other));
    expect([...answers.values()].filter(kind => kind === 'entering').length).toBeGreaterThan(600);
    expect(order.length).toBeGreaterThan(990);
  });
});
