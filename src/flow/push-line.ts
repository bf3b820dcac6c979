// Pushes each connected device its own status: at once when it is called, soon after its number changed, and now and
// then when nothing did. Knows devices, not transports.

import type { RoomChange } from '../queue/room-change.ts';
import type { Clock } from './clock.ts';
import type { RoomView } from './room-view.ts';
import { type Standing, StatusEncoder, standingOf } from './status.ts';

/** Why a connection is ended: its device left, or has too many of them, or the gateway stops and another one goes on. */
export type FollowEnd =
  | { readonly kind: 'left' }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'restarting'; readonly retryAfterMs: number };

/** A connection of a device. Mutable fields belong to the pusher: what the device was told last. */
export type Follower = {
  readonly number: number;
  /** Sends a whole status; may drop it if the reader is slow, because the next one says everything again. */
  send(status: string): void;
  /** Ends the connection and tells the device what to do next. */
  end(why: FollowEnd): void;
  toldAtMs: number;
  toldState: string;
  toldAhead: number;
  toldTotal: number;
  /** Which state of what is common to all (phase, pace, pause, message) the device was told. */
  toldCommon: number;
};

/** Tabs of one device that may follow at the same time, on whatever transport; one more ends the oldest. // WR57 */
const followersPerDeviceMax = 8;
/** A device hears something at least this often. */
const quietMsMax = 15_000;
/** A change of the total alone is told no sooner than this after the last status. */
const totalMsMin = 2_000;
/** Work on one slice of a sweep before others get the event loop. */
const sliceMs = 2;
/**
 * A sweep that had news rests at least this long, and any as long as others kept it waiting: in a rush pushing gives way
 * to joins.
 */
const restMsMin = 50;
const restMsMax = 1_000;
const watchPeriodMs = 250;

export class LinePusher {
  readonly #view: RoomView;
  readonly #clock: Clock;
  readonly #isEntering: (number: number) => boolean;
  readonly #onPushed: (frames: number) => void;
  readonly #onSwept: (delayMs: number) => void;
  readonly #followers = new Map<number, Follower | Set<Follower>>();
  readonly #stops: (() => void)[];
  #count = 0;
  #common = 0;
  #checkingTurns = 0;
  #sweep: Iterator<Follower | Set<Follower>> | null = null;
  #isWanted = false;
  #wantedAtMs = 0;
  #newsAtMs = 0;
  #sweepStartedAtMs = 0;
  #workedMs = 0;
  #hadNews = false;
  #restsUntilMs = 0;

  constructor(of: {
    readonly view: RoomView;
    readonly clock: Clock;
    readonly isEntering: (number: number) => boolean;
    /** Told how long after the news a sweep had told everybody; for metrics. */
    readonly onSwept?: (delayMs: number) => void;
    /** Told how many statuses went out; for metrics. */
    readonly onPushed: (frames: number) => void;
  }) {
    this.#view = of.view;
    this.#clock = of.clock;
    this.#isEntering = of.isEntering;
    this.#onPushed = of.onPushed;
    this.#onSwept = of.onSwept ?? (() => undefined);
    this.#stops = [
      of.view.onChange(changes => this.#onChanges(changes)),
      of.view.onLeft(number => this.#endLeft(number)),
      of.clock.every(watchPeriodMs, () => this.#watch()),
    ];
  }

  /** How many connections follow the line here. */
  get count(): number {
    return this.#count;
  }

  /** Adds a connection and tells it its status at once; ends the oldest of its device if that makes too many. */
  add(follower: Follower): void {
    this.#makeRoom(follower.number);
    const there = this.#followers.get(follower.number);
    if (there === undefined) this.#followers.set(follower.number, follower);
    else if (there instanceof Set) there.add(follower);
    else this.#followers.set(follower.number, new Set([there, follower]));
    this.#count += 1;
    this.#tell(follower, this.#encoder(), this.#clock.nowMs());
  }

  remove(follower: Follower): void {
    const there = this.#followers.get(follower.number);
    if (there === follower) this.#followers.delete(follower.number);
    else if (!(there instanceof Set) || !there.delete(follower)) return;
    else if (there.size === 0) this.#followers.delete(follower.number);
    this.#count -= 1;
  }

  /** Tells every connection of one device its status now. */
  tellNow(number: number): void {
    const there = this.#followers.get(number);
    if (there === undefined) return;
    const encoder = this.#encoder();
    const nowMs = this.#clock.nowMs();
    for (const follower of there instanceof Set ? there : [there]) this.#tell(follower, encoder, nowMs);
  }

  *followers(): Generator<Follower> {
    for (const there of this.#followers.values()) {
      if (there instanceof Set) yield* there;
      else yield there;
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#isWanted = false;
    this.#sweep = null;
  }

  #makeRoom(number: number): void {
    const there = this.#followers.get(number);
    if (!(there instanceof Set) || there.size < followersPerDeviceMax) return;
    // A set keeps the order of coming.
    const [oldest] = there;
    if (oldest === undefined) return;
    this.remove(oldest);
    oldest.end({ kind: 'superseded' });
  }

  /** In every tab the last thing that a device hears is that it has left. // WR59 */
  #endLeft(number: number): void {
    const standing: Standing = { state: 'left', place: this.#view.placeOf(number), ahead: null, claimByMs: null };
    const encoder = this.#encoder();
    const there = this.#followers.get(number) ?? [];
    for (const follower of there instanceof Set ? [...there] : [there].flat()) {
      this.#tellStanding(follower, standing, encoder, this.#clock.nowMs());
      this.remove(follower);
      follower.end({ kind: 'left' });
    }
  }

  #onChanges(changes: readonly RoomChange[]): void {
    const { order } = this.#view;
    for (const change of changes) {
      if (isCommon(change)) this.#common += 1;
      if (order === null) continue;
      for (const place of placesTold(change)) this.tellNow(order.numberAt(place));
    }
    if (!this.#isOrderComing()) this.#want();
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
      this.#common += 1;
      this.#want();
    }
    const isOld = this.#clock.nowMs() - this.#sweepStartedAtMs >= restMsMax;
    if ((this.#view.lineIsStale && !this.#isOrderComing()) || isOld) this.#want();
  }

  /** Starts a sweep now, or as soon as the last one has rested. */
  #want(): void {
    if (this.#isWanted || this.#count === 0) return;
    this.#isWanted = true;
    this.#wantedAtMs = this.#clock.nowMs();
    if (this.#sweep !== null) return;
    this.#clock.after(Math.max(0, this.#restsUntilMs - this.#clock.nowMs()), () => this.#begin());
  }

  #begin(): void {
    if (!this.#isWanted || this.#sweep !== null) return;
    this.#isWanted = false;
    this.#newsAtMs = this.#wantedAtMs;
    // A line read a moment ago would tell the old numbers, and the change would have to wait for another sweep.
    this.#view.lineNow();
    this.#sweep = this.#followers.values();
    this.#sweepStartedAtMs = this.#clock.nowMs();
    this.#workedMs = 0;
    this.#hadNews = false;
    this.#slice();
  }

  #slice(): void {
    if (this.#sweep === null) return;
    const startedAtMs = this.#clock.nowMs();
    const encoder = this.#encoder();
    for (let count = 1; ; count += 1) {
      const next = this.#sweep.next();
      if (next.done) return this.#end(startedAtMs);
      for (const follower of next.value instanceof Set ? next.value : [next.value]) {
        this.#tellNews(follower, encoder, startedAtMs);
      }
      if (count % 64 === 0 && this.#clock.nowMs() - startedAtMs >= sliceMs) break;
    }
    this.#workedMs += this.#clock.nowMs() - startedAtMs;
    this.#clock.after(0, () => this.#slice());
  }

  #end(sliceStartedAtMs: number): void {
    const nowMs = this.#clock.nowMs();
    this.#workedMs += nowMs - sliceStartedAtMs;
    this.#sweep = null;
    this.#onSwept(nowMs - this.#newsAtMs);
    const waitedMs = nowMs - this.#sweepStartedAtMs - this.#workedMs;
    this.#restsUntilMs = nowMs + Math.min(restMsMax, Math.max(this.#hadNews ? restMsMin : 0, waitedMs));
    if (!this.#isWanted) return;
    this.#isWanted = false;
    const wantedAtMs = this.#wantedAtMs;
    this.#want();
    this.#wantedAtMs = wantedAtMs;
  }

  #encoder(): StatusEncoder {
    return new StatusEncoder(this.#view, this.#isEntering);
  }

  /** Tells a connection its status if there is news in it, or if it has heard nothing for long. */
  #tellNews(follower: Follower, encoder: StatusEncoder, nowMs: number): void {
    const standing = this.#standingOf(follower);
    if (!this.#hasNews(follower, standing, nowMs)) return;
    this.#hadNews = true;
    this.#tellStanding(follower, standing, encoder, nowMs);
  }

  #hasNews(follower: Follower, standing: Standing, nowMs: number): boolean {
    if (standing.state !== follower.toldState || (standing.ahead ?? -1) !== follower.toldAhead) return true;
    const ageMs = nowMs - follower.toldAtMs;
    if (follower.toldCommon !== this.#common || ageMs >= quietMsMax) return true;
    return ageMs >= totalMsMin && follower.toldTotal !== this.#view.total;
  }

  #tell(follower: Follower, encoder: StatusEncoder, nowMs: number): void {
    this.#tellStanding(follower, this.#standingOf(follower), encoder, nowMs);
  }

  #tellStanding(follower: Follower, standing: Standing, encoder: StatusEncoder, nowMs: number): void {
    follower.toldAtMs = nowMs;
    follower.toldState = standing.state;
    follower.toldAhead = standing.ahead ?? -1;
    follower.toldTotal = this.#view.total;
    follower.toldCommon = this.#common;
    follower.send(encoder.encodeStanding(follower.number, standing));
    this.#onPushed(1);
  }

  #standingOf({ number }: Follower): Standing {
    return standingOf(this.#view, number, this.#isEntering(number));
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
