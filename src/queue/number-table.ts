// A hash table from arrival number to three small integers, in typed arrays: 17 bytes a slot instead of an object each.
// Leaves what the columns mean to presence.ts.
import { placesMax } from './bitmap.ts';

const slotsMin = 16;
/** Past this share of used slots the table grows by half, so that an entry never costs more than 17 / 0.53 = 32 bytes. */
const loadMax = 0.8;
/** Below this share the table shrinks: memory of a rush is given back. */
const loadMin = 0.2;
/** Odd, near 2^32 / golden ratio: spreads runs of consecutive numbers evenly. */
const hashFactor = 0x9e3779b1;
const twoTo32 = 2 ** 32;

export class NumberTable {
  #size = 0;
  #lowHalves = new Uint32Array(slotsMin);
  /** The upper half plus one; 0 marks an empty slot. */
  #highHalves = new Uint16Array(slotsMin);
  /** The columns, indexed by slot. Any insert or delete may move entries and replace the columns: find the slot first. */
  untilSeconds = new Uint32Array(slotsMin);
  bucketSeconds = new Uint32Array(slotsMin);
  connections = new Uint16Array(slotsMin);

  get size(): number {
    return this.#size;
  }

  /** The slot of a number, or -1. */
  find(number: number): number {
    const slot = this.#probe(number);
    return this.#highHalves[slot] === 0 ? -1 : slot;
  }

  /** The slot of a number, which is put in with all columns 0 when it was not there. */
  findOrInsert(number: number): number {
    const slot = this.#probe(number);
    if (this.#highHalves[slot] !== 0) return slot;
    if (!(number >= 0 && number < placesMax) || !Number.isInteger(number)) {
      throw new RangeError(`number ${number}, expected an integer from 0 up to 2^40`);
    }
    this.#size++;
    if (this.#size > this.#lowHalves.length * loadMax) this.#resize(Math.ceil(this.#lowHalves.length * 1.5));
    return this.#occupy(number);
  }

  /** Takes the entry of a slot out; entries behind it close the gap, so that no search ends early. */
  deleteAt(slot: number): void {
    const slots = this.#lowHalves.length;
    let gap = slot;
    for (let next = (gap + 1) % slots; this.#highHalves[next] !== 0; next = (next + 1) % slots) {
      const home = this.#homeOf(this.#lowHalves[next] ?? 0, this.#highHalves[next] ?? 0);
      const distanceFromHome = (next - home + slots) % slots;
      const distanceFromGap = (next - gap + slots) % slots;
      if (distanceFromHome < distanceFromGap) continue;
      this.#move(next, gap);
      gap = next;
    }
    this.#clear(gap);
    this.#size--;
    if (slots > slotsMin && this.#size < slots * loadMin) this.#resize(Math.max(slotsMin, Math.ceil(slots / 2)));
  }

  /** All numbers, in no order; nothing may be inserted or deleted meanwhile. */
  *numbers(): Generator<number, void, undefined> {
    for (let slot = 0; slot < this.#lowHalves.length; slot++) {
      const high = this.#highHalves[slot] ?? 0;
      if (high !== 0) yield (high - 1) * twoTo32 + (this.#lowHalves[slot] ?? 0);
    }
  }

  #homeOf(low: number, high: number): number {
    const hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), hashFactor) >>> 0;
    return Math.floor((hash * this.#lowHalves.length) / twoTo32);
  }

  /** The slot that holds the number, or else the empty one where it belongs; the load keeps one free. */
  #probe(number: number): number {
    const low = number >>> 0;
    const high = Math.floor(number / twoTo32) + 1;
    const slots = this.#lowHalves.length;
    let slot = this.#homeOf(low, high);
    while (this.#highHalves[slot] !== 0 && (this.#lowHalves[slot] !== low || this.#highHalves[slot] !== high)) {
      slot = slot + 1 === slots ? 0 : slot + 1;
    }
    return slot;
  }

  #occupy(number: number): number {
    const slot = this.#probe(number);
    this.#lowHalves[slot] = number >>> 0;
    this.#highHalves[slot] = Math.floor(number / twoTo32) + 1;
    return slot;
  }

  #move(from: number, to: number): void {
    this.#lowHalves[to] = this.#lowHalves[from] ?? 0;
    this.#highHalves[to] = this.#highHalves[from] ?? 0;
    this.untilSeconds[to] = this.untilSeconds[from] ?? 0;
    this.bucketSeconds[to] = this.bucketSeconds[from] ?? 0;
    this.connections[to] = this.connections[from] ?? 0;
  }

  #clear(slot: number): void {
    this.#highHalves[slot] = 0;
    this.untilSeconds[slot] = 0;
    this.bucketSeconds[slot] = 0;
    this.connections[slot] = 0;
  }

  #resize(slots: number): void {
    const { untilSeconds, bucketSeconds, connections } = this;
    const oldHighHalves = this.#highHalves;
    const oldLowHalves = this.#lowHalves;
    this.#lowHalves = new Uint32Array(slots);
    this.#highHalves = new Uint16Array(slots);
    this.untilSeconds = new Uint32Array(slots);
    this.bucketSeconds = new Uint32Array(slots);
    this.connections = new Uint16Array(slots);
    for (let from = 0; from < oldHighHalves.length; from++) {
      const high = oldHighHalves[from] ?? 0;
      if (high === 0) continue;
      const to = this.#occupy((high - 1) * twoTo32 + (oldLowHalves[from] ?? 0));
      this.untilSeconds[to] = untilSeconds[from] ?? 0;
      this.bucketSeconds[to] = bucketSeconds[from] ?? 0;
      this.connections[to] = connections[from] ?? 0;
    }
  }
}
