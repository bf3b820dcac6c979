// A room open all year on a virtual clock: who comes walks straight through, a rush makes a line, the line dissolves, and
// at neither edge is there a gap or a burst. Fans come at random, as they do.
import { describe, expect, test } from 'vitest';
import { admissionsOf, type CallerRoom, claimAfter, mostWithin, openCallerRoom } from '../support/caller-room.ts';

const pacePerMinute = 600;

/** Fans at random instants, so many a minute; counts those who had to see the page. */
class Comers {
  walked = 0;
  waited = 0;
  readonly #room: CallerRoom;

  constructor(room: CallerRoom) {
    this.#room = room;
    claimAfter(room, () => 200);
  }

  async come(perMinute: number, seconds: number): Promise<void> {
    const { clock, random } = this.#room;
    const untilMs = clock.nowMs() + seconds * 1_000;
    for (;;) {
      const nextMs = (-Math.log(1 - random.fraction()) * 60_000) / perMinute;
      if (clock.nowMs() + nextMs > untilMs) break;
      await clock.advance(nextMs);
      this.#one();
    }
    await clock.advance(Math.max(0, untilMs - clock.nowMs()));
  }

  #one(): void {
    const { store, rules, caller, view } = this.#room;
    const number = store.takeNumbers(rules.id, 1);
    caller.ask({ kind: 'enter', place: number }).then(
      ({ kind }) => {
        if (kind === 'admitted') this.walked += 1;
        else {
          this.waited += 1;
          view.attach(number);
        }
      },
      () => undefined,
    );
  }
}

describe('a room open all year', () => {
  test.each([1, 2, 3])(
    '[CL80] below its limits nobody sees a page, though fans come at once; a rush makes a line that dissolves, without gap or burst (seed %i)',
    async seed => {
      const room = await openCallerRoom(
        { pacePerMinute, activeCap: 100_000, claimWindowMs: 60_000, passIdleMs: 3_600_000, passMaxMs: 3_600_000 },
        seed,
      );
      const admitted = admissionsOf(room);
      const comers = new Comers(room);
      await comers.come(pacePerMinute / 2, 120);
      expect(comers.waited).toBeLessThanOrEqual(1);
      expect(comers.walked).toBeGreaterThan(500);

      const rushAtMs = room.clock.nowMs();
      await comers.come(pacePerMinute * 3, 60);
      expect(comers.waited).toBeGreaterThan(900);
      // The line stands: the shop gets the pace, the first second of it included.
      const rush = admitted.filter(atMs => atMs >= rushAtMs + 1_000 && atMs < rushAtMs + 60_000);
      expect(rush.length).toBeGreaterThanOrEqual(59 * 10 * 0.98);

      await comers.come(pacePerMinute / 2, 300);
      const line = room.view.line().total;
      expect(line).toBe(0);
      const afterwards = comers.waited;
      await comers.come(pacePerMinute / 2, 120);
      expect(comers.waited - afterwards).toBeLessThanOrEqual(1);

      // From the first in line to the last nobody of the shop's waits for the line.
      const gaps = admitted.slice(1).map((atMs, index) => atMs - (admitted[index] ?? atMs));
      const lineEndsAtMs = rushAtMs + 60_000 + 180_000;
      const inLine = gaps.filter((_, index) => {
        const atMs = admitted[index] ?? 0;
        return atMs > rushAtMs + 2_000 && atMs < lineEndsAtMs;
      });
      expect(Math.max(...inLine)).toBeLessThan(600);
      expect(mostWithin(admitted, 1_000)).toBeLessThanOrEqual(12);
      expect(mostWithin(admitted, 10_000)).toBeLessThanOrEqual(102);
      expect(room.failures).toEqual([]);
    },
  );

  test.each([75, 120, 300, 6_000])('[CL80] at half of a pace of %i a minute hardly anybody sees a page', async pace => {
    const room = await openCallerRoom(
      { pacePerMinute: pace, activeCap: 100_000, passIdleMs: 3_600_000, passMaxMs: 3_600_000 },
      7,
    );
    const comers = new Comers(room);
    // Five thousand fans.
    await comers.come(pace / 2, 600_000 / pace);
    const all = comers.walked + comers.waited;
    expect(all).toBeGreaterThan(4_500);
    expect(comers.waited).toBeLessThanOrEqual(all / 500);
    expect(room.failures).toEqual([]);
  });
});
