// Whether errors come of the load: what is seen with fewer inside decides.
import { describe, expect, test } from 'vitest';
import { ErrorTrial } from '../../../src/admission/error-trial.ts';

/** A shop whose share of errors follows from how many are inside, and who shrink and stay as the trial asks for. */
class Room {
  readonly trial: ErrorTrial;
  readonly #shareAt: (busy: number, second: number) => number;
  busy: number;
  #second = 0;
  #due = 0;

  constructor(busy: number, shareAt: (busy: number, second: number) => number, trial = new ErrorTrial()) {
    this.trial = trial;
    this.busy = busy;
    this.#shareAt = shareAt;
  }

  /** One answer a second of each inside; errors are spread evenly. Returns with how many inside errors proved to come of the load. */
  seconds(count: number, isWatched = true, isFewest = false): number | null {
    for (let second = 0; second < count; second += 1) {
      this.#second += 1;
      const answers = Math.round(this.busy);
      this.#due += answers * this.#shareAt(this.busy, this.#second);
      const bad = Math.floor(this.#due);
      this.#due -= bad;
      const isMany = isWatched && bad > (this.trial.usualShare === 0 ? 0 : answers * this.trial.usualShare + 2);
      const ofLoad = this.trial.note({ answers, bad, busy: this.busy }, isMany, isFewest);
      if (ofLoad !== null) return ofLoad;
      if (this.trial.asksFor === 'fewer') this.busy *= 0.98;
    }
    return null;
  }
}

describe('the trial of errors', () => {
  test('[AP170] errors that are as many with fewer inside become usual, and nobody is asked to go any more', () => {
    const room = new Room(200, (_, second) => (second > 5 ? 0.02 : 0));
    expect(room.seconds(5)).toBeNull();
    expect(room.trial.asksFor).toBeNull();
    room.seconds(1);
    expect(room.trial.asksFor).toBe('fewer');
    expect(room.seconds(30)).toBeNull();
    expect(room.trial.asksFor).toBeNull();
    expect(room.trial.usualShare).toBeCloseTo(0.02, 2);
    // One in five had to go, no more.
    expect(room.busy).toBeGreaterThan(200 * 0.98 * 0.75);
  });

  test('[AP171] errors that are gone with fewer inside, and come again with as many, come of the load', () => {
    const room = new Room(200, busy => (busy > 190 ? 0.03 : 0));
    // Once they may have gone by themselves.
    expect(room.seconds(30)).toBeNull();
    expect(room.trial).toMatchObject({ asksFor: null, usualShare: 0 });
    expect(room.busy).toBeGreaterThan(160);
    room.busy = 200;
    expect(room.seconds(30)).toBe(200);
    expect(room.busy).toBeGreaterThan(160);
    expect(room.trial).toMatchObject({ asksFor: null, usualShare: 0 });
  });

  test('[AP171] errors that come again with far fewer or far more inside went by themselves before', () => {
    for (const busy of [150, 300]) {
      const room = new Room(200, busyNow => (busyNow > 190 ? 0.03 : 0));
      expect(room.seconds(30)).toBeNull();
      const other = new Room(busy, busyNow => (busyNow > 0.95 * busy ? 0.03 : 0), room.trial);
      expect(other.seconds(30)).toBeNull();
      expect(other.trial.asksFor).toBeNull();
    }
  });

  test('[AP170] while few enough are inside they stay as many, until enough would have been seen', () => {
    const room = new Room(100, () => 0.004);
    room.seconds(16);
    expect(room.trial.asksFor).toBe('as-many');
    const { busy } = room;
    room.seconds(8);
    expect(room.busy).toBe(busy);
    room.seconds(30);
    expect(room.trial.asksFor).toBeNull();
    expect(room.trial.usualShare).toBeGreaterThan(0.002);
  });

  test('[AP170] where nobody more can be kept out what is seen then decides', () => {
    const room = new Room(20, () => 0.05);
    room.seconds(3);
    expect(room.trial.asksFor).toBe('fewer');
    room.seconds(20, true, true);
    expect(room.trial.usualShare).toBeGreaterThan(0.03);
  });

  test('[AP170] errors that were there with fewer inside, on the way up, need no trial', () => {
    const room = new Room(20, () => 0.01);
    for (let second = 0; second < 60; second += 1) {
      room.seconds(1, false);
      room.busy *= 1.06;
    }
    expect(room.trial.asksFor).toBeNull();
    expect(room.trial.usualShare).toBeGreaterThan(0.007);
    expect(room.trial.usualShare).toBeLessThan(0.015);
  });

  test('[AP170] what is usual goes when it is seen no more, and never grows beyond what was proved', () => {
    const room = new Room(200, (_, second) => (second < 60 ? 0.02 : second < 160 ? 0.05 : 0));
    room.seconds(59);
    const { usualShare } = room.trial;
    room.seconds(100, false);
    expect(room.trial.usualShare).toBeLessThanOrEqual(usualShare + 0.001);
    room.seconds(400, false);
    expect(room.trial.usualShare).toBe(0);
  });

  test('[AP171] errors that are gone before anybody is prove nothing', () => {
    const room = new Room(1_000, (_, second) => (second === 5 ? 0.02 : 0));
    room.seconds(5);
    expect(room.trial.asksFor).toBe('fewer');
    const { trial } = room;
    for (let second = 0; second < 20; second += 1)
      expect(trial.note({ answers: 500, bad: 0, busy: 1_000 }, false, false)).toBeNull();
    expect(trial.asksFor).toBeNull();
  });

  test('[AP170] nobody more is asked to go once errors have been gone for 3 s', () => {
    const { trial } = new Room(100, () => 0);
    for (let second = 0; second < 20; second += 1) trial.note({ answers: 100, bad: 0, busy: 100 }, false, false);
    trial.note({ answers: 100, bad: 3, busy: 100 }, true, false);
    for (let second = 0; second < 3; second += 1) {
      trial.note({ answers: 20, bad: 0, busy: 100 }, false, false);
      expect(trial.asksFor).toBe(second < 2 ? 'fewer' : 'as-many');
    }
    trial.note({ answers: 20, bad: 1, busy: 100 }, false, false);
    expect(trial.asksFor).toBe('fewer');
  });

  test('[AP171] the same errors, judged for some seconds after their trial, begin no other one', () => {
    const { trial } = new Room(20, () => 0);
    trial.note({ answers: 20, bad: 3, busy: 20 }, true, false);
    for (let second = 0; second < 6; second += 1) trial.note({ answers: 20, bad: 0, busy: 16 }, true, false);
    expect(trial.asksFor).toBeNull();
    trial.note({ answers: 20, bad: 1, busy: 16 }, true, false);
    expect(trial.asksFor).toBe('fewer');
  });

  test('[AP170] with few enough inside it ends after half a minute, too', () => {
    const { trial } = new Room(100, () => 0);
    trial.note({ answers: 1_000, bad: 3, busy: 100 }, true, false);
    let seconds = 0;
    // Too few to be as many, too many to be gone.
    while (trial.asksFor !== null && seconds < 100) {
      trial.note({ answers: 100, bad: seconds % 9 === 0 ? 1 : 0, busy: 50 }, false, false);
      seconds += 1;
    }
    expect(seconds).toBeGreaterThan(29);
    expect(seconds).toBeLessThan(33);
    expect(trial.usualShare).toBe(0);
  });

  test('[AP170] a failure ends the trial, and proves nothing', () => {
    const room = new Room(200, () => 0.02);
    room.seconds(2);
    expect(room.trial.asksFor).toBe('fewer');
    room.trial.forget();
    expect(room.trial).toMatchObject({ asksFor: null, usualShare: 0 });
    // What was seen before it is no proof that these were there with fewer inside.
    room.busy = 1_000;
    room.seconds(1, false);
    expect(room.trial.usualShare).toBe(0);
  });
});
