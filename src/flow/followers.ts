// The connections that follow one line on this gateway, by device. Knows devices, not transports; what they are told is
// left to others.

/** Why a connection is ended: its device left, or has too many of them, or the gateway stops and another one goes on. */
export type FollowEnd =
  | { readonly kind: 'left' }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'restarting'; readonly retryAfterMs: number };

/** A connection of a device. Mutable fields belong to who tells it: what the device was told last. */
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

export class Followers {
  /** Nearly every device has one connection: only the others cost a set. A set keeps the order of coming. */
  readonly #byNumber = new Map<number, Follower | Set<Follower>>();
  #count = 0;

  /** How many connections there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds a connection; ends the oldest of its device if that makes too many. */
  add(follower: Follower): void {
    this.#makeRoom(follower.number);
    const there = this.#byNumber.get(follower.number);
    if (there === undefined) this.#byNumber.set(follower.number, follower);
    else if (there instanceof Set) there.add(follower);
    else this.#byNumber.set(follower.number, new Set([there, follower]));
    this.#count += 1;
  }

  remove(follower: Follower): void {
    const there = this.#byNumber.get(follower.number);
    if (there === follower) this.#byNumber.delete(follower.number);
    else if (!(there instanceof Set) || !there.delete(follower)) return;
    else if (there.size === 0) this.#byNumber.delete(follower.number);
    this.#count -= 1;
  }

  /** The connections of one device; null: it has none here. */
  of(number: number): Iterable<Follower> | null {
    const there = this.#byNumber.get(number);
    if (there === undefined) return null;
    return there instanceof Set ? there : [there];
  }

  /** Device by device: its one connection, or all of them. Devices may come and go meanwhile. */
  byDevice(): Iterator<Follower | ReadonlySet<Follower>> {
    return this.#byNumber.values();
  }

  *all(): Generator<Follower> {
    for (const there of this.#byNumber.values()) {
      if (there instanceof Set) yield* there;
      else yield there;
    }
  }

  #makeRoom(number: number): void {
    const there = this.#byNumber.get(number);
    if (!(there instanceof Set) || there.size < followersPerDeviceMax) return;
    const [oldest] = there;
    if (oldest === undefined) return;
    this.remove(oldest);
    oldest.end({ kind: 'superseded' });
  }
}
