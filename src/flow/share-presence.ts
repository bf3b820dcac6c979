// Puts together who is present with which gateway of one room. Each gateway says who is with it; the caller merges what all
// say into the one snapshot that all read. Leaves how it travels to the exchange.

import { Bitmap } from '../queue/bitmap.ts';
import { trimmedBelow } from '../queue/room-state.ts';
import type { PresentPlaces } from '../queue/turn.ts';
import type { PresenceBytes, RoomExchange } from '../store/room-exchange.ts';
import { isStoreError } from '../store/store-error.ts';
import type { Clock } from './clock.ts';
import { isSamePresence, mergePresent, readPresent, toPresenceBytes } from './merge-present.ts';
import { MissingGateways } from './missing-gateways.ts';
import type { RoomView } from './room-view.ts';
import { WhoLeft } from './who-left.ts';

/** A device that comes or goes shows everywhere after three of these at most. */
const periodMs = 500;
/** While nobody comes or goes a round is taken so often; whoever sees somebody then tells the others at once. // ST211 */
const quietPeriodMs = 4_000;
/** So long after somebody left every gateway has said so: whom one says to be there then has come back. */
const leavingMs = 3 * periodMs;
/**
 * A merged snapshot that is what it was this long was made anew meanwhile, with the same in it: the caller puts all together
 * every 4 s, and one that dies is followed within 3 s of its last word.
 */
const unchangedMs = quietPeriodMs + 2 * periodMs;
/** So long after somebody came or went every round is taken. */
const movingMs = 3_000;
/** It is told again before that is over: others may have heard of the last time a little earlier. */
const toldAgainMs = movingMs - 2 * periodMs;
/** The devices of a gateway that died have at least this beyond their grace time to turn up at another. */
const leaseSlackMs = 2_000;
/** A hung or emptied store must not look like an empty line. */
const leaseMsMin = 12_000;
/** So long the caller waits for gateways that were heard of before it believes that they are gone: longer than some rounds. */
const missingMsMax = 3 * periodMs;
/** The same where the room was quiet, and nobody may have heard that it is not any more: longer than a quiet round. */
const quietMissingMsMax = quietPeriodMs + periodMs;

export type SharePresenceNeeds = {
  readonly view: RoomView;
  readonly clock: Clock;
  readonly exchange: RoomExchange;
  /** The epoch under which this gateway is the caller; null while it is not. */
  readonly epoch: () => number | null;
  /** Told of what nobody expected. */
  readonly onFailure: (error: unknown) => void;
};

export class SharedPresence {
  readonly #needs: SharePresenceNeeds;
  readonly #room: string;
  readonly #stops: (() => void)[];
  #round: Promise<void> | null = null;
  /** The epoch of the last round; null: it was not the caller's. */
  #roundEpoch: number | null = null;
  /** The epoch under which what all say was last put together here. */
  #mergedEpoch: number | null = null;
  readonly #missing = new MissingGateways();
  #last: PresentPlaces = { places: new Bitmap(), drawn: 0 };
  #published: PresenceBytes | null = null;
  #said: PresenceBytes | null = null;
  /** When a round last succeeded, and when somebody last came or went anywhere. */
  #tookAtMs = 0;
  #movedAtMs = 0;
  /** When the last round began that succeeded. */
  #begunAtMs = 0;
  readonly #left: WhoLeft;
  /** So long it is looked whether somebody who left is back. */
  #returnsUntilMs = 0;

  /** The first round is over when this resolves. */
  static async start(needs: SharePresenceNeeds): Promise<SharedPresence> {
    const shared = new SharedPresence(needs);
    await shared.#begin();
    return shared;
  }

  private constructor(needs: SharePresenceNeeds) {
    this.#needs = needs;
    const { view, clock, exchange } = needs;
    this.#room = view.rules.id;
    this.#left = new WhoLeft(() => view.order);
    this.#stops = [
      clock.every(periodMs, () => this.#isDue() && void this.#begin()),
      exchange.onMoved(this.#room, () => {
        this.#movedAtMs = clock.nowMs();
        void this.#begin();
      }),
      exchange.onLeft(this.#room, numbers => {
        for (const number of numbers) view.forget(number);
      }),
      view.onLeft((number, wasPresent) => {
        const nowMs = clock.nowMs();
        this.#left.leave(number, nowMs, this.#last);
        // Who was not there anyway keeps nobody awake, however often they say so. // ST265
        if (wasPresent) this.#returnsUntilMs = nowMs + leavingMs + periodMs;
      }),
    ];
  }

  /** This gateway has become the caller: what all say is put together at once, for nobody is called before. // LN151 */
  lead(): void {
    // A round that is under way may not know of it.
    const round = this.#round;
    if (round === null) void this.#begin();
    else void round.then(() => this.#isDue() && void this.#begin());
  }

  /** Whether what all say was put together under this epoch. */
  hasMerged(epoch: number): boolean {
    return this.#mergedEpoch === epoch;
  }

  /** Says a last time who is here, so that their grace time begins now. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#round;
    await this.#begin();
  }

  #begin(): Promise<void> {
    this.#round ??= this.#take().finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  #isDue(): boolean {
    const { view, clock, epoch } = this.#needs;
    const nowMs = clock.nowMs();
    if (!this.#isQuiet(nowMs) || this.#missing.areAwaited) return true;
    if (nowMs < this.#returnsUntilMs || this.#left.isAnybodyTakenOut) return true;
    if (epoch() !== this.#roundEpoch) return true;
    if (nowMs - this.#tookAtMs >= quietPeriodMs) return true;
    return !isSamePresence(this.#said, view.sayPresent());
  }

  #isQuiet(nowMs: number): boolean {
    return nowMs - this.#movedAtMs >= movingMs;
  }

  /** Somebody came or went. Who hears of it first tells the others, who would find out later. */
  #moved(): void {
    const { clock, exchange } = this.#needs;
    const nowMs = clock.nowMs();
    if (nowMs - this.#movedAtMs >= toldAgainMs) exchange.tellMoved(this.#room);
    this.#movedAtMs = nowMs;
  }

  async #take(): Promise<void> {
    const { view, clock, exchange, epoch, onFailure } = this.#needs;
    const begunAtMs = clock.nowMs();
    const waitsMs = this.#isQuiet(begunAtMs) ? quietMissingMsMax : missingMsMax;
    try {
      const here = view.sayPresent();
      const hasMoved = !isSamePresence(this.#said, here);
      const everybody = await exchange.sayPresent(this.#room, here, this.#leaseMs());
      this.#said = here;
      if (hasMoved) this.#moved();
      if (everybody !== null) {
        this.#movedAtMs = clock.nowMs();
        for (const heard of readPresent(everybody === 'lost' ? [] : [everybody], onFailure)) {
          // It is younger than the round before, and the caller leaves out for longer than a period who left. // ST262
          this.#left.settle(this.#begunAtMs - periodMs);
          this.#left.takeOut(heard);
          this.#hear(heard);
        }
        // The store has another snapshot than the one that was published here last: it lost that one.
        this.#published = null;
      }
      const leads = epoch();
      if (leads !== null) {
        await this.#merge(leads, begunAtMs, waitsMs);
      } else {
        this.#missing.stopWaiting();
        this.#takeBackLeft(begunAtMs - unchangedMs - leavingMs);
      }
      this.#begunAtMs = begunAtMs;
      this.#roundEpoch = leads;
      this.#tookAtMs = clock.nowMs();
    } catch (error) {
      // While the store is away everybody stays as they were; the caller tells the trouble.
      if (!isStoreError(error, 'unavailable')) onFailure(error);
    }
  }

  /** Who left until then and is still in the last snapshot has come back. // ST262 */
  #takeBackLeft(untilMs: number): void {
    const back = this.#left.settle(untilMs);
    if (back.length === 0) return;
    this.#left.putBack(back, this.#last);
    this.#hear(this.#last);
  }

  /** Until the next word of this gateway, and so long as the store may hang, and as the devices have to turn up elsewhere. */
  #leaseMs(): number {
    const { view, clock } = this.#needs;
    const nextMs = this.#isQuiet(clock.nowMs() + 2 * periodMs) ? quietPeriodMs : 0;
    return Math.max(leaseMsMin, view.rules.graceTimeMs + leaseSlackMs) + nextMs;
  }

  /** `waitsMs`: so long gateways that are missing from now on are waited for. */
  async #merge(epoch: number, begunAtMs: number, waitsMs: number): Promise<void> {
    const { view, clock, exchange, onFailure } = this.#needs;
    const { gateways, said } = await exchange.collectPresent(this.#room);
    const isNew = this.#roundEpoch !== epoch;
    // What the others said may be lost with the caller before.
    if (isNew) exchange.tellMoved(this.#room);
    const waits = this.#missing.hear(gateways, { isNew, nowMs: clock.nowMs(), waitsMs });
    const heard = readPresent(said, onFailure);
    // Who knows the drawn order before this gateway would be missing: until it is known here all stay as they were. // ST264
    if (view.order === null && heard.some(({ drawn }) => drawn > 0)) return;
    const all = waits ? [...heard, this.#last] : heard;
    const merged = mergePresent(all, view.order, trimmedBelow(view.state), onFailure);
    const settled = this.#left.settle(begunAtMs - leavingMs);
    this.#left.takeOut(merged);
    const everybody = toPresenceBytes(merged);
    const isKnown = isSamePresence(this.#published, everybody);
    if (!isKnown || settled.length > 0) this.#hear(merged);
    this.#mergedEpoch = epoch;
    if (!isNew && isKnown) return;
    const isPublished = await exchange.publishPresent(this.#room, epoch, everybody);
    this.#published = isPublished ? everybody : null;
    if (!isKnown) this.#moved();
  }

  #hear(everybody: PresentPlaces): void {
    this.#last = everybody;
    this.#needs.view.hearEverybody(everybody);
  }
}
