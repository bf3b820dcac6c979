// Goes through all who follow a line and tells each what is news to it: in slices, and with a rest after each sweep, so
// that in a rush pushing gives way to joins. What is news is the teller's; when there may be some, its owner's.

import type { Clock } from './clock.ts';
import type { Follower, Followers } from './followers.ts';
import type { RoomView } from './room-view.ts';
import type { StandingTeller } from './tell-standing.ts';

/** Work on one slice of a sweep before others get the event loop. */
const sliceMs = 2;
/** A sweep that had news rests at least this long, and any as long as others kept it waiting. */
const restMsMin = 50;
const restMsMax = 1_000;

export type FollowerSweepNeeds = {
  readonly view: RoomView;
  readonly clock: Clock;
  readonly followers: Followers;
  readonly teller: StandingTeller;
  /** Told how long after the news a sweep had told everybody. */
  readonly onSwept: (delayMs: number) => void;
};

export class FollowerSweep {
  readonly #view: RoomView;
  readonly #clock: Clock;
  readonly #followers: Followers;
  readonly #teller: StandingTeller;
  readonly #onSwept: (delayMs: number) => void;
  /** Who is still to come in the sweep that runs; null: none runs. */
  #rest: Iterator<Follower | ReadonlySet<Follower>> | null = null;
  #isWanted = false;
  #wantedAtMs = 0;
  #newsAtMs = 0;
  #startedAtMs = 0;
  #workedMs = 0;
  #hadNews = false;
  #restsUntilMs = 0;

  constructor(needs: FollowerSweepNeeds) {
    this.#view = needs.view;
    this.#clock = needs.clock;
    this.#followers = needs.followers;
    this.#teller = needs.teller;
    this.#onSwept = needs.onSwept;
  }

  /** Whether the last one began so long ago that somebody may be due for a word without any news. */
  get isOld(): boolean {
    return this.#clock.nowMs() - this.#startedAtMs >= restMsMax;
  }

  /** Starts a sweep now, or as soon as the last one has rested. */
  want(): void {
    this.#wantSince(this.#clock.nowMs());
  }

  stop(): void {
    this.#isWanted = false;
    this.#rest = null;
  }

  #wantSince(newsAtMs: number): void {
    if (this.#isWanted || this.#followers.count === 0) return;
    this.#isWanted = true;
    this.#wantedAtMs = newsAtMs;
    if (this.#rest !== null) return;
    this.#clock.after(Math.max(0, this.#restsUntilMs - this.#clock.nowMs()), () => this.#begin());
  }

  #begin(): void {
    if (!this.#isWanted || this.#rest !== null) return;
    this.#isWanted = false;
    this.#newsAtMs = this.#wantedAtMs;
    // A line read a moment ago would tell the old numbers, and the change would have to wait for another sweep.
    this.#view.lineNow();
    this.#rest = this.#followers.byDevice();
    this.#startedAtMs = this.#clock.nowMs();
    this.#workedMs = 0;
    this.#hadNews = false;
    this.#slice();
  }

  #slice(): void {
    if (this.#rest === null) return;
    const startedAtMs = this.#clock.nowMs();
    const encoder = this.#teller.encoder();
    for (let count = 1; ; count += 1) {
      const next = this.#rest.next();
      if (next.done) return this.#end(startedAtMs);
      for (const follower of next.value instanceof Set ? next.value : [next.value]) {
        if (this.#teller.tellNews(follower, encoder, startedAtMs)) this.#hadNews = true;
      }
      if (count % 64 === 0 && this.#clock.nowMs() - startedAtMs >= sliceMs) break;
    }
    this.#workedMs += this.#clock.nowMs() - startedAtMs;
    this.#clock.after(0, () => this.#slice());
  }

  #end(sliceStartedAtMs: number): void {
    const nowMs = this.#clock.nowMs();
    this.#workedMs += nowMs - sliceStartedAtMs;
    this.#rest = null;
    this.#onSwept(nowMs - this.#newsAtMs);
    const waitedMs = nowMs - this.#startedAtMs - this.#workedMs;
    this.#restsUntilMs = nowMs + Math.min(restMsMax, Math.max(this.#hadNews ? restMsMin : 0, waitedMs));
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#wantSince(this.#wantedAtMs);
  }
}
