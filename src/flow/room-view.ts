// What one gateway knows of one room: the committed state, who is present here, and the order of places. Everything a
// fan is told is read from here; nothing is decided here.

import { WaitCalibration } from '../estimate/wait-calibration.ts';
import type { LineSpeed } from '../estimate/wait-range.ts';
import { applyChange } from '../queue/apply-change.ts';
import { LineOrder } from '../queue/line-order.ts';
import { isStanding } from '../queue/pace-in-force.ts';
import { Presence } from '../queue/presence.ts';
import type { RoomChange } from '../queue/room-change.ts';
import type { RoomRules } from '../queue/room-rules.ts';
import { newRoomState, type RoomState, trimmedBelow } from '../queue/room-state.ts';
import type { PresentPlaces } from '../queue/turn.ts';
import type { PresenceBytes } from '../store/room-exchange.ts';
import type { Clock } from './clock.ts';
import { PlaceOrder } from './place-order.ts';
import { SpeedRecorder } from './record-speed.ts';
import { WhoIsPresent } from './who-is-present.ts';

/** What a follower of the view learns after changes were applied. */
export type ViewListener = (changes: readonly RoomChange[]) => void;

type LeftListener = (number: number, wasPresent: boolean) => void;

/** The line is read anew when it changed, but not more often than this. */
const lineAgeMs = 25;

export class RoomView {
  readonly rules: RoomRules;
  readonly presence: Presence;
  state: RoomState = newRoomState();
  /** How earlier estimates of this room turned out. */
  readonly calibration = new WaitCalibration();
  /** How often `checking` turned: it may have been told though it is by now what it was. */
  checkingTurns = 0;
  #isChecking = false;
  readonly #clock: Clock;
  readonly #listeners = new Set<ViewListener>();
  readonly #leftListeners = new Set<LeftListener>();
  readonly #there: WhoIsPresent;
  readonly #speed: SpeedRecorder;
  #line: LineOrder | null = null;
  #lineAtMs = 0;
  #lineIsStale = true;
  #knownAtMs: number;

  constructor(rules: RoomRules, clock: Clock) {
    this.rules = rules;
    this.#clock = clock;
    this.#knownAtMs = clock.nowMs();
    this.presence = new Presence({ graceTimeMs: rules.graceTimeMs });
    this.#there = new WhoIsPresent(this.presence);
    this.#speed = new SpeedRecorder(rules);
  }

  /** Null between the seal and the end of the draw: places are not known then. */
  get order(): PlaceOrder | null {
    return this.#there.order;
  }

  /** Starts from a stored state instead of an empty one. */
  reset(state: RoomState): void {
    const { draw: before } = this.state;
    this.state = state;
    this.#reorder(orderAfter(this.order, before, state.draw));
    this.#speed.noteCap(state, this.#clock.nowMs());
    this.#tell([]);
  }

  apply(changes: readonly RoomChange[]): void {
    let calling = this.#speed.callingIn(this.state);
    for (const change of changes) {
      applyChange(this.state, change, this.rules);
      calling = this.#speed.changed(change, calling, this.state, this.#clock.nowMs());
      // Where nobody was drawn there is no draw to wait for.
      if (change.kind === 'sealed')
        this.#there.reorder(change.drawn === 0 ? PlaceOrder.byArrival : null, trimmedBelow(this.state));
      if (change.kind === 'trimmed') this.#there.trimBelow(trimmedBelow(this.state));
    }
    this.#lineIsStale = true;
    this.#speed.noteCap(this.state, this.#clock.nowMs());
    this.#tell(changes);
  }

  /** The draw is done: from now on places are known. */
  setOrder(order: PlaceOrder): void {
    this.#reorder(order);
    this.#tell([]);
  }

  onChange(listener: ViewListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A device connected here. */
  attach(number: number): void {
    if (this.#there.attach(number)) this.#lineIsStale = true;
  }

  /** A connection of a device closed; the device stays present for the grace time. */
  detach(number: number): void {
    this.presence.detach(number, this.#clock.nowMs());
  }

  /** A device asked without staying connected; it is present until then. */
  touch(number: number, presentUntilMs: number): void {
    if (this.#there.touch(number, presentUntilMs)) this.#lineIsStale = true;
  }

  /** A device left the line, by way of this gateway or another. */
  forget(number: number): void {
    const wasPresent = this.isPresent(number);
    if (this.#there.forget(number)) this.#lineIsStale = true;
    for (const listener of this.#leftListeners) listener(number, wasPresent);
  }

  /** Told of each device that left the line by its own word, and whether it was present. */
  onLeft(listener: LeftListener): () => void {
    this.#leftListeners.add(listener);
    return () => this.#leftListeners.delete(listener);
  }

  /** Who is present with any gateway, this one included. From now on these count as well. */
  hearEverybody(everybody: PresentPlaces): void {
    this.#there.hearEverybody(everybody);
    this.#lineIsStale = true;
  }

  /** Who is present here, for the other gateways; in arrival order while places are not known. */
  sayPresent(): PresenceBytes {
    return this.#there.say();
  }

  /** Lets go of devices whose grace time is over. */
  expirePresence(): void {
    if (this.#there.expire(this.#clock.nowMs())) this.#lineIsStale = true;
  }

  /** The places of all present devices; none while places are not known. */
  get present(): PresentPlaces {
    return { places: this.#there.places(), drawn: this.order?.drawn ?? 0 };
  }

  /** Whether a device is present with any gateway, as far as it is known here. */
  isPresent(number: number): boolean {
    return this.#there.has(number);
  }

  /** How many devices are present. */
  get presentCount(): number {
    return this.#there.count;
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
    return this.#speed.speedOf(this.state, nowMs);
  }

  /** Since when the active cap, and not the pace, holds the line back; null: it does not. */
  cappedSinceMs(nowMs: number): number | null {
    return this.#speed.cappedSinceMs(nowMs);
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
    const line = LineOrder.of(this.#there.places(), [this.state.called, this.state.missed]);
    this.#speed.lineRead(line.total === 0, wasEmpty, nowMs);
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

  #reorder(order: PlaceOrder | null): void {
    this.#there.reorder(order, trimmedBelow(this.state));
    this.#line = null;
    this.#lineIsStale = true;
  }

  #tell(changes: readonly RoomChange[]): void {
    for (const listener of this.#listeners) listener(changes);
  }
}

/** Of another state: by arrival where nothing was drawn; else the order that is known, if it is of that draw. // LN152 LN153 */
function orderAfter(order: PlaceOrder | null, before: RoomState['draw'], now: RoomState['draw']): PlaceOrder | null {
  const drawn = now?.drawn ?? 0;
  if (drawn === 0) return PlaceOrder.byArrival;
  return order?.drawn === drawn && before?.seed === now?.seed ? order : null;
}
