// Pushes each connected device its own status: at once when it is its turn, soon after its number changed, and now and
// then when nothing did. Knows what a change means to whom; how all are gone through is left to the sweep.

import type { RoomChange } from '../queue/room-change.ts';
import type { Clock } from './clock.ts';
import { type Follower, Followers } from './followers.ts';
import type { RoomView } from './room-view.ts';
import type { Standing } from './status.ts';
import { FollowerSweep } from './sweep-followers.ts';
import { StandingTeller } from './tell-standing.ts';

const watchPeriodMs = 250;

export type LinePusherNeeds = {
  readonly view: RoomView;
  readonly clock: Clock;
  readonly isEntering: (number: number) => boolean;
  /** Told how long after the news a sweep had told everybody; for metrics. */
  readonly onSwept?: (delayMs: number) => void;
  /** Told how many statuses went out; for metrics. */
  readonly onPushed: (frames: number) => void;
};

export class LinePusher {
  readonly #view: RoomView;
  readonly #clock: Clock;
  readonly #followers = new Followers();
  readonly #teller: StandingTeller;
  readonly #sweep: FollowerSweep;
  readonly #stops: (() => void)[];
  #checkingTurns = 0;

  constructor({ view, clock, isEntering, onPushed, onSwept = () => undefined }: LinePusherNeeds) {
    this.#view = view;
    this.#clock = clock;
    this.#teller = new StandingTeller(view, isEntering, onPushed);
    this.#sweep = new FollowerSweep({ view, clock, followers: this.#followers, teller: this.#teller, onSwept });
    this.#stops = [
      view.onChange(changes => this.#onChanges(changes)),
      view.onLeft(number => this.#endLeft(number)),
      clock.every(watchPeriodMs, () => this.#watch()),
    ];
  }

  /** How many connections follow the line here. */
  get count(): number {
    return this.#followers.count;
  }

  /** Adds a connection and tells it its status at once; ends the oldest of its device if that makes too many. */
  add(follower: Follower): void {
    this.#followers.add(follower);
    this.#teller.tell(follower, this.#teller.encoder(), this.#clock.nowMs());
  }

  remove(follower: Follower): void {
    this.#followers.remove(follower);
  }

  followers(): Iterable<Follower> {
    return this.#followers.all();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#sweep.stop();
  }

  /** Tells every connection of one device its status now. */
  #tellNow(number: number): void {
    const there = this.#followers.of(number);
    if (there === null) return;
    const encoder = this.#teller.encoder();
    const nowMs = this.#clock.nowMs();
    for (const follower of there) this.#teller.tell(follower, encoder, nowMs);
  }

  /** In every tab the last thing that a device hears is that it has left. // WR59 */
  #endLeft(number: number): void {
    const there = this.#followers.of(number);
    if (there === null) return;
    const standing: Standing = { state: 'left', place: this.#view.placeOf(number), ahead: null, claimByMs: null };
    const encoder = this.#teller.encoder();
    for (const follower of [...there]) {
      this.#teller.tellStanding(follower, standing, encoder, this.#clock.nowMs());
      this.#followers.remove(follower);
      follower.end({ kind: 'left' });
    }
  }

  #onChanges(changes: readonly RoomChange[]): void {
    const { order } = this.#view;
    for (const change of changes) {
      if (isCommon(change)) this.#teller.commonChanged();
      if (order === null) continue;
      for (const place of placesTold(change)) this.#tellNow(order.numberAt(place));
    }
    if (!this.#isOrderComing()) this.#sweep.want();
  }

  /** The seed is known and everybody has a place in a moment: one sweep with the places, not two. // DR66 */
  #isOrderComing(): boolean {
    const { order, state } = this.#view;
    return order === null && state.draw !== null && state.draw.seed !== null;
  }

  #watch(): void {
    const { checkingTurns } = this.#view;
    if (checkingTurns !== this.#checkingTurns) {
      // That the numbers are the last known ones, or true again, is news for every device. // WR45
      this.#checkingTurns = checkingTurns;
      this.#teller.commonChanged();
      this.#sweep.want();
    }
    if ((this.#view.lineIsStale && !this.#isOrderComing()) || this.#sweep.isOld) this.#sweep.want();
  }
}

/** Whose turn it is about: they are told at once. */
function placesTold(change: RoomChange): readonly number[] {
  switch (change.kind) {
    case 'called':
    case 'no-show':
    case 'returned':
    case 'withdrawn':
      return change.places;
    case 'extended':
      return [change.place];
    case 'admitted':
      return change.passes.map(({ place }) => place);
    default:
      return [];
  }
}

/** What every device is told: it goes out at once, whether or not a number changed. */
function isCommon(change: RoomChange): boolean {
  return change.kind === 'phase' || change.kind === 'settings' || change.kind === 'hold' || change.kind === 'revealed';
}
