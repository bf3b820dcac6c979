// Tells one connection its own status, and knows whether there is news in it: what it was told last stands in the
// follower itself. When somebody is told is left to others.

import type { Follower } from './followers.ts';
import type { RoomView } from './room-view.ts';
import { type Standing, StatusEncoder, standingOf } from './status.ts';

/** A device hears something at least this often. */
const quietMsMax = 15_000;
/** A change of the total alone is told no sooner than this after the last status. */
const totalMsMin = 2_000;

export class StandingTeller {
  readonly #view: RoomView;
  readonly #isEntering: (number: number) => boolean;
  readonly #onTold: (frames: number) => void;
  #common = 0;

  constructor(view: RoomView, isEntering: (number: number) => boolean, onTold: (frames: number) => void) {
    this.#view = view;
    this.#isEntering = isEntering;
    this.#onTold = onTold;
  }

  /** What is common to all (phase, pace, pause, message) is another: news for every device. */
  commonChanged(): void {
    this.#common += 1;
  }

  /** Encodes what is the same for all who are told at this instant. */
  encoder(): StatusEncoder {
    return new StatusEncoder(this.#view, this.#isEntering);
  }

  tell(follower: Follower, encoder: StatusEncoder, nowMs: number): void {
    this.tellStanding(follower, this.#standingOf(follower), encoder, nowMs);
  }

  /** Tells a connection its status if there is news in it, or if it has heard nothing for long. True when it did. */
  tellNews(follower: Follower, encoder: StatusEncoder, nowMs: number): boolean {
    const standing = this.#standingOf(follower);
    if (!this.#hasNews(follower, standing, nowMs)) return false;
    this.tellStanding(follower, standing, encoder, nowMs);
    return true;
  }

  tellStanding(follower: Follower, standing: Standing, encoder: StatusEncoder, nowMs: number): void {
    follower.toldAtMs = nowMs;
    follower.toldState = standing.state;
    follower.toldAhead = standing.ahead ?? -1;
    follower.toldTotal = this.#view.total;
    follower.toldCommon = this.#common;
    follower.send(encoder.encodeStanding(follower.number, standing));
    this.#onTold(1);
  }

  #hasNews(follower: Follower, standing: Standing, nowMs: number): boolean {
    if (standing.state !== follower.toldState || (standing.ahead ?? -1) !== follower.toldAhead) return true;
    const ageMs = nowMs - follower.toldAtMs;
    if (follower.toldCommon !== this.#common || ageMs >= quietMsMax) return true;
    return ageMs >= totalMsMin && follower.toldTotal !== this.#view.total;
  }

  #standingOf({ number }: Follower): Standing {
    return standingOf(this.#view, number, this.#isEntering(number));
  }
}
