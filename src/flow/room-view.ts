// What one gateway knows of one room: the committed state, who is present here, and the order of places. Everything a
// fan is told is read from here; nothing is decided here.

import { growthPerSecondAtFirst } from '../admission/autopilot.ts';
import {
  beginMeasuring,
  newSpeedRecord,
  recordCalls,
  recordPace,
  type SpeedRecord,
  steadyPace,
} from '../estimate/calling-speed.ts';
import { cappedSince, newCapRecord, recordCap } from '../estimate/cap-record.ts';
import { type Climb, climbAt } from '../estimate/pace-climb.ts';
import { WaitCalibration } from '../estimate/wait-calibration.ts';
import { cappedSpeed, type LineSpeed, lineSpeed } from '../estimate/wait-range.ts';
import { applyChange } from '../queue/apply-change.ts';
import { Bitmap } from '../queue/bitmap.ts';
import { LineOrder } from '../queue/line-order.ts';
import { autopilotRules, callsExpectedPerMinute, capOf, isFull, isStanding } from '../queue/pace-in-force.ts';
import { Presence } from '../queue/presence.ts';
import type { RoomChange } from '../queue/room-change.ts';
import type { RoomRules } from '../queue/room-rules.ts';
import { newRoomState, type RoomState, trimmedBelow } from '../queue/room-state.ts';
import type { PresentPlaces } from '../queue/turn.ts';
import type { PresenceBytes } from '../store/room-exchange.ts';
import type { Clock } from './clock.ts';
import { PlaceOrder } from './place-order.ts';

/** What a follower of the view learns after changes were applied. */
export type ViewListener = (changes: readonly RoomChange[]) => void;

type LeftListener = (number: number, wasPresent: boolean) => void;

/** What moves the pace of the calls. */
type PaceChange = 'settings' | 'autopilot' | 'no-show-share';

/** The line is read anew when it changed, but not more often than this. */
const lineAgeMs = 25;

export class RoomView {
  readonly rules: RoomRules;
  readonly presence: Presence;
  state: RoomState = newRoomState();
  /** Null between the seal and the end of the draw: places are not known then. */
  order: PlaceOrder | null = PlaceOrder.byArrival;
  speed: SpeedRecord = newSpeedRecord;
  #cap = newCapRecord;
  /** How earlier estimates of this room turned out. */
  readonly calibration = new WaitCalibration();
  /** How often `checking` turned: it may have been told though it is by now what it was. */
  checkingTurns = 0;
  #isChecking = false;
  readonly #clock: Clock;
  readonly #listeners = new Set<ViewListener>();
  readonly #leftListeners = new Set<LeftListener>();
  /** Places of the devices that this gateway holds. */
  #here = new Bitmap();
  /** Who is present with any gateway, as the caller merged it last; null where this gateway is the only one. */
  #everybody: PresentPlaces | null = null;
  /** The same in the order of places that is known here. */
  #merged = new Bitmap();
  /** Both together; null: to be put together anew. */
  #union: Bitmap | null = null;
  #line: LineOrder | null = null;
  #lineAtMs = 0;
  #lineIsStale = true;
  #knownAtMs: number;

  constructor(rules: RoomRules, clock: Clock) {
    this.rules = rules;
    this.#clock = clock;
    this.#knownAtMs = clock.nowMs();
    this.presence = new Presence({ graceTimeMs: rules.graceTimeMs });
  }

  /** Starts from a stored state instead of an empty one. */
  reset(state: RoomState): void {
    const { draw: before } = this.state;
    this.state = state;
    this.order = orderAfter(this.order, before, state.draw);
    this.#indexPresent();
    this.#lineIsStale = true;
    this.#line = null;
    this.#noteCap();
    for (const listener of this.#listeners) listener([]);
  }

  apply(changes: readonly RoomChange[]): void {
    for (const change of changes) {
      const paceBefore = callsExpectedPerMinute(this.state, this.rules);
      const stoodBefore = this.isStanding;
      const capBefore = capOf(this.state, this.rules);
      applyChange(this.state, change, this.rules);
      if (change.kind === 'called') this.speed = recordCalls(this.speed, change.places.length, change.atMs);
      if (change.kind === 'admitted' && change.straight) this.speed = recordCalls(this.speed, 1, change.atMs);
      // Another cap holds back from now on, or no more.
      if (capOf(this.state, this.rules) !== capBefore) this.#cap = newCapRecord;
      if (change.kind === 'settings' || change.kind === 'autopilot' || change.kind === 'no-show-share')
        this.#notePace(paceBefore, change);
      // What was measured before, and while nobody was called, says nothing of how it goes on.
      if (stoodBefore && !this.isStanding) this.speed = beginMeasuring(this.#clock.nowMs(), this.speed);
      if (change.kind === 'sealed') {
        // Where nobody was drawn there is no draw to wait for.
        this.order = change.drawn === 0 ? PlaceOrder.byArrival : null;
        this.#indexPresent();
      }
      if (change.kind === 'trimmed') {
        this.#here.trimBelow(trimmedBelow(this.state));
        this.#union = null;
      }
    }
    this.#lineIsStale = true;
    this.#noteCap();
    for (const listener of this.#listeners) listener(changes);
  }

  /** The draw is done: from now on places are known. */
  setOrder(order: PlaceOrder): void {
    this.order = order;
    this.#indexPresent();
    this.#line = null;
    this.#lineIsStale = true;
    for (const listener of this.#listeners) listener([]);
  }

  onChange(listener: ViewListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A device connected here. */
  attach(number: number): void {
    if (this.presence.attach(number)) this.#enter(number);
  }

  /** A connection of a device closed; the device stays present for the grace time. */
  detach(number: number): void {
    this.presence.detach(number, this.#clock.nowMs());
  }

  /** A device asked without staying connected; it is present until then. */
  touch(number: number, presentUntilMs: number): void {
    if (this.presence.touch(number, presentUntilMs)) this.#enter(number);
  }

  /** A device left the line, by way of this gateway or another. */
  forget(number: number): void {
    const wasPresent = this.isPresent(number);
    if (this.presence.forget(number)) this.#leave(number);
    // What the caller merges next does not have it any more either.
    if (this.order !== null && this.#merged.delete(this.order.placeOf(number))) this.#leave(number);
    for (const listener of this.#leftListeners) listener(number, wasPresent);
  }

  /** Told of each device that left the line by its own word, and whether it was present. */
  onLeft(listener: LeftListener): () => void {
    this.#leftListeners.add(listener);
    return () => this.#leftListeners.delete(listener);
  }

  /** Who is present with any gateway, this one included. From now on these count as well. */
  hearEverybody(everybody: PresentPlaces): void {
    this.#everybody = everybody;
    this.#mapEverybody();
    this.#lineIsStale = true;
  }

  /** Who is present here, for the other gateways; in arrival order while places are not known. */
  sayPresent(): PresenceBytes {
    const { order } = this;
    if (order !== null) return { order: order.drawn, bytes: this.#here.toBytes() };
    return { order: 0, bytes: Bitmap.of(this.presence.numbers()).toBytes() };
  }

  /** Lets go of devices whose grace time is over. */
  expirePresence(): void {
    for (const number of this.presence.expire(this.#clock.nowMs())) this.#leave(number);
  }

  /** The places of all present devices; none while places are not known. */
  get present(): PresentPlaces {
    return { places: this.#places(), drawn: this.order?.drawn ?? 0 };
  }

  /** Whether a device is present with any gateway, as far as it is known here. */
  isPresent(number: number): boolean {
    if (this.presence.isPresent(number)) return true;
    if (this.#everybody === null) return false;
    if (this.order !== null) return this.#merged.has(this.order.placeOf(number));
    return this.#everybody.drawn === 0 && this.#everybody.places.has(number);
  }

  /** How many devices are present. */
  get presentCount(): number {
    if (this.#everybody === null) return this.presence.count;
    if (this.order === null) return Math.max(this.presence.count, this.#everybody.places.count);
    return this.#places().count;
  }

  /** Devices in line: present, neither called nor missed. Before the sale: everybody present. */
  get total(): number {
    return this.state.phase === 'lobby' || this.order === null ? this.presentCount : this.line().total;
  }

  /** Nobody new is let in, and nobody can know for how long. */
  get isStanding(): boolean {
    return isStanding(this.state, this.rules);
  }

  /** The speed to expect of the line; null: it stands. */
  lineSpeed(nowMs: number): LineSpeed | null {
    if (this.isStanding) return null;
    const climb = this.#climbAt(nowMs);
    const paceNow = callsExpectedPerMinute(this.state, this.rules);
    // The mean of a pace that climbs lies behind it.
    const pacePerMinute = climb === null ? steadyPace(this.speed, paceNow, nowMs) : paceNow;
    const cappedSinceMs = this.cappedSinceMs(nowMs);
    return cappedSinceMs === null
      ? lineSpeed(this.speed, pacePerMinute, nowMs, climb)
      : cappedSpeed(this.speed, pacePerMinute, cappedSinceMs, nowMs);
  }

  #climbAt(nowMs: number): Climb | null {
    const { stepPercent, maxPerMinute, mode } = autopilotRules(this.state, this.rules);
    const { climb, autopilot } = this.state;
    if (climb === null || mode !== 'on') return null;
    const firstGrowthPerMs = growthPerSecondAtFirst(stepPercent) / 1_000;
    return climbAt(climb, { firstGrowthPerMs, mostPerMinute: maxPerMinute, isNew: autopilot.isNew === true }, nowMs);
  }

  /** Since when the active cap, and not the pace, holds the line back; null: it does not. */
  cappedSinceMs(nowMs: number): number | null {
    return cappedSince(this.#cap, nowMs);
  }

  /** The line as it stood at `lineAtMs`, at most 25 ms ago. */
  line(): LineOrder {
    const isOld = this.#clock.nowMs() - this.#lineAtMs >= lineAgeMs;
    return this.#line === null || isOld ? this.lineNow() : this.#line;
  }

  /** The line as it stands at this instant. */
  lineNow(): LineOrder {
    if (this.#line !== null && !this.#lineIsStale) return this.#line;
    const nowMs = this.#clock.nowMs();
    const wasEmpty = this.#line === null || this.#line.total === 0;
    const line = LineOrder.of(this.#places(), [this.state.called, this.state.missed]);
    // An empty line says nothing about how fast a full one moves.
    if (line.total === 0) this.speed = { ...this.speed, sinceMs: null, buckets: [] };
    else if (wasEmpty) this.speed = beginMeasuring(nowMs, this.speed);
    this.#line = line;
    this.#lineAtMs = nowMs;
    this.#lineIsStale = false;
    return line;
  }

  /** Whether the line changed since it was last read. */
  get lineIsStale(): boolean {
    return this.#lineIsStale;
  }

  /** True while the store is out of reach: the state is the last that was known. */
  get checking(): boolean {
    return this.#isChecking;
  }

  set checking(isChecking: boolean) {
    if (isChecking === this.#isChecking) return;
    this.#isChecking = isChecking;
    this.checkingTurns += 1;
  }

  /** The instant for which the numbers hold. Stands still while the store is out of reach. */
  get asOfMs(): number {
    if (!this.checking) this.#knownAtMs = this.#clock.nowMs();
    return this.#knownAtMs;
  }

  placeOf(number: number): number | null {
    if (this.state.phase === 'closed' || this.state.phase === 'lobby') return null;
    return this.order === null ? null : this.order.placeOf(number);
  }

  #enter(number: number): void {
    if (this.order !== null) {
      const place = this.order.placeOf(number);
      this.#here.add(place);
      this.#union?.add(place);
    }
    this.#lineIsStale = true;
  }

  #places(): Bitmap {
    if (this.#everybody === null) return this.#here;
    if (this.#union === null) {
      this.#union = this.#here.clone();
      this.#union.addAll(this.#merged);
    }
    return this.#union;
  }

  #mapEverybody(): void {
    this.#union = null;
    this.#merged = new Bitmap();
    if (this.#everybody !== null && this.order !== null) this.#merged = this.order.placesOf(this.#everybody);
  }

  #noteCap(): void {
    this.#cap = recordCap(this.#cap, isFull(this.state, this.rules), this.#clock.nowMs());
  }

  #notePace(before: number, { kind, atMs }: Extract<RoomChange, { kind: PaceChange }>): void {
    const known = this.speed.paces === undefined ? recordPace(this.speed, before, 0) : this.speed;
    this.speed = recordPace(known, callsExpectedPerMinute(this.state, this.rules), atMs, kind === 'settings');
  }

  #indexPresent(): void {
    const { order } = this;
    this.#here = new Bitmap(trimmedBelow(this.state));
    this.#mapEverybody();
    if (order === null) return;
    for (const number of this.presence.numbers()) this.#here.add(order.placeOf(number));
  }

  #leave(number: number): void {
    if (this.order !== null) this.#here.delete(this.order.placeOf(number));
    this.#union = null;
    this.#lineIsStale = true;
  }
}

/** Of another state: by arrival where nothing was drawn; else the order that is known, if it is of that draw. // LN152 LN153 */
function orderAfter(order: PlaceOrder | null, before: RoomState['draw'], now: RoomState['draw']): PlaceOrder | null {
  const drawn = now?.drawn ?? 0;
  if (drawn === 0) return PlaceOrder.byArrival;
  return order?.drawn === drawn && before?.seed === now?.seed ? order : null;
}
