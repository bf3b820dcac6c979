// Which devices this gateway holds present, by arrival number: connected, polled recently, or gone for less than the
// grace time. Leaves places, the line and telling others to its owner, who learns of changes from what methods return.
import { NumberTable } from './number-table.ts';

export type PresenceRules = { readonly graceTimeMs: number };

/** More connections of one device than this are not told apart: it stays present until `forget`. */
const connectionsMax = 0xffff;
/** The last second the table can hold (in the year 2106): a device touched for longer is present until then. */
const secondsMax = 0xffffffff;

export class Presence {
  readonly #graceTimeMs: number;
  readonly #table = new NumberTable();
  /** Numbers to look at in a second; those whose table entry names another second are out of date. */
  readonly #buckets = new Map<number, number[]>();
  /** Every bucket up to this second is done. */
  #sweptSecond = 0;
  /** Numbers that left while connections were still open: these are counted on, so that each `detach` meets its own. */
  readonly #leftConnected = new Set<number>();

  constructor({ graceTimeMs }: PresenceRules) {
    this.#graceTimeMs = graceTimeMs;
  }

  /** How many devices are present. */
  get count(): number {
    return this.#table.size - this.#leftConnected.size;
  }

  isPresent(number: number): boolean {
    return this.#table.find(number) >= 0 && !this.#leftConnected.has(number);
  }

  /** All present numbers, in no order; presence must not change meanwhile. */
  *numbers(): Generator<number, void, undefined> {
    for (const number of this.#table.numbers()) if (!this.#leftConnected.has(number)) yield number;
  }

  /** A connection opened. True when the device was not present before. */
  attach(number: number): boolean {
    const countBefore = this.count;
    const slot = this.#table.findOrInsert(number);
    this.#leftConnected.delete(number);
    this.#table.connections[slot] = Math.min((this.#table.connections[slot] ?? 0) + 1, connectionsMax);
    return this.count > countBefore;
  }

  /** A connection closed. After its last one the device stays present for the grace time; then `expire` names it. */
  detach(number: number, nowMs: number): void {
    const slot = this.#table.find(number);
    const connections = slot < 0 ? 0 : (this.#table.connections[slot] ?? 0);
    if (connections === 0 || connections === connectionsMax) return;
    this.#table.connections[slot] = connections - 1;
    if (connections > 1) return;
    if (this.#leftConnected.delete(number)) this.#table.deleteAt(slot);
    else this.#keepUntil(number, slot, nowMs + this.#graceTimeMs);
  }

  /** A device asked without staying connected: present at least until then. True when it was not present before. */
  touch(number: number, presentUntilMs: number): boolean {
    const countBefore = this.count;
    const slot = this.#table.findOrInsert(number);
    this.#leftConnected.delete(number);
    this.#keepUntil(number, slot, presentUntilMs);
    return this.count > countBefore;
  }

  /** A device left: not present at once, whatever is still open, until it attaches or is touched anew. True when it was. */
  forget(number: number): boolean {
    const slot = this.#table.find(number);
    if (slot < 0 || this.#leftConnected.has(number)) return false;
    if (this.#table.connections[slot] === 0) {
      this.#table.deleteAt(slot);
    } else {
      this.#table.untilSeconds[slot] = 0;
      this.#table.bucketSeconds[slot] = 0;
      this.#leftConnected.add(number);
    }
    return true;
  }

  /** Lets go of the devices whose time is over and names them: never early, and less than a second late. */
  expire(nowMs: number): readonly number[] {
    const nowSecond = Math.floor(nowMs / 1000);
    const expired: number[] = [];
    for (const second of this.#secondsDue(nowSecond)) {
      const numbers = this.#buckets.get(second) ?? [];
      this.#buckets.delete(second);
      for (const number of numbers) if (this.#isOver(number, second, nowSecond)) expired.push(number);
    }
    // A clock that was set back takes the swept second back with it: new buckets must not wait for the old time.
    this.#sweptSecond = nowSecond;
    return expired;
  }

  #keepUntil(number: number, slot: number, untilMs: number): void {
    const untilSecond = Math.min(Math.ceil(untilMs / 1000), secondsMax);
    this.#table.untilSeconds[slot] = Math.max(untilSecond, this.#table.untilSeconds[slot] ?? 0);
    // One bucket at a time is enough: when it comes up too early, the number moves on to a later one.
    if (this.#table.connections[slot] === 0 && this.#table.bucketSeconds[slot] === 0) this.#schedule(number, slot);
  }

  #schedule(number: number, slot: number): void {
    const second = Math.max(this.#table.untilSeconds[slot] ?? 0, this.#sweptSecond + 1);
    this.#table.bucketSeconds[slot] = second;
    const numbers = this.#buckets.get(second);
    if (numbers === undefined) this.#buckets.set(second, [number]);
    else numbers.push(number);
  }

  #secondsDue(nowSecond: number): number[] {
    // Usually one second passed; after a long gap the buckets are fewer than the seconds.
    if (nowSecond - this.#sweptSecond > this.#buckets.size) {
      return [...this.#buckets.keys()].filter(second => second <= nowSecond);
    }
    const seconds: number[] = [];
    for (let second = this.#sweptSecond + 1; second <= nowSecond; second++) seconds.push(second);
    return seconds;
  }

  #isOver(number: number, second: number, nowSecond: number): boolean {
    const slot = this.#table.find(number);
    if (slot < 0 || this.#table.bucketSeconds[slot] !== second) return false;
    this.#table.bucketSeconds[slot] = 0;
    if (this.#table.connections[slot] !== 0) return false;
    if ((this.#table.untilSeconds[slot] ?? 0) > nowSecond) {
      this.#schedule(number, slot);
      return false;
    }
    this.#table.deleteAt(slot);
    return true;
  }
}
