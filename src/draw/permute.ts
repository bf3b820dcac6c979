// The permutation of the draw: swap-or-not, 90 rounds, SHA-256 (Ethereum's compute_shuffled_index), for one number and
// for the whole list. Uses the hash of node:crypto, the one package a pure folder may call: the draw is a hash computation.

import { hash } from 'node:crypto';

const rounds = 90;
const seedBytes = 32;
/** Positions that share one hash in a round: each has one of its 256 bits. */
const positionsPerHash = 256;

/** More numbers than this cannot be drawn; it keeps all sums of two places within 32 bits. */
export const drawnMax = 2 ** 30;

/** Where a number that came before the draw stands: compute_shuffled_index(number, drawn, seed). */
export function placeOf(number: number, drawn: number, seed: Uint8Array): number {
  return followRounds(number, drawn, seed, 'forth');
}

/** The arrival number of a drawn place; the inverse of `placeOf`. */
export function numberAt(place: number, drawn: number, seed: Uint8Array): number {
  return followRounds(place, drawn, seed, 'back');
}

/** The place of every number below `drawn`, indexed by number. Holds nothing beside the list itself. */
export function drawPlaces(drawn: number, seed: Uint8Array): Uint32Array<ArrayBuffer> {
  const steps = drawInSteps(drawn, seed);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same, with a rest after each of its rounds: about 3 µs per thousand numbers. */
export function* drawInSteps(drawn: number, seed: Uint8Array): Generator<void, Uint32Array<ArrayBuffer>> {
  const message = messageOf(drawn, seed);
  const places = new Uint32Array(drawn);
  for (let number = 0; number < drawn; number += 1) places[number] = number;
  if (drawn < 2) return places;
  // A round is its own inverse, so swapping entries in the last round first leaves places by number, not numbers by place.
  for (let round = rounds - 1; round >= 0; round -= 1) {
    const pivot = pivotOf(message, round, drawn);
    swapMirrored(places, 0, pivot, message);
    swapMirrored(places, pivot + 1, drawn - 1, message);
    yield;
  }
  return places;
}

/** The number that stands at every place. */
export function numbersByPlace(places: Uint32Array): Uint32Array<ArrayBuffer> {
  const numbers = new Uint32Array(places.length);
  for (let number = 0; number < places.length; number += 1) numbers[places[number] ?? 0] = number;
  return numbers;
}

/** One round on the entries from `low` to `high`, each of which has its partner at the mirrored position. */
function swapMirrored(places: Uint32Array, low: number, high: number, message: Uint8Array): void {
  let lower = low;
  let upper = high;
  while (lower < upper) {
    // The bit of a pair is that of its upper position, so one hash serves until the upper position leaves its block.
    const bits = blockBits(message, upper);
    const blockStart = upper - (upper % positionsPerHash);
    const last = Math.max(blockStart, upper - ((upper - lower - 1) >>> 1));
    for (; upper >= last; upper -= 1, lower += 1) {
      const swapped = -((bits.charCodeAt((upper & 255) >>> 3) >>> (upper & 7)) & 1);
      // Without a branch: half of all pairs are swapped, in no order that a processor could foresee.
      const left = places[lower] ?? 0;
      const right = places[upper] ?? 0;
      const difference = (left ^ right) & swapped;
      places[lower] = left ^ difference;
      places[upper] = right ^ difference;
    }
  }
}

function followRounds(start: number, drawn: number, seed: Uint8Array, direction: 'forth' | 'back'): number {
  const message = messageOf(drawn, seed);
  if (!Number.isInteger(start) || start < 0 || start >= drawn) {
    throw new RangeError(`${start} is not among the ${drawn} drawn`);
  }
  let place = start;
  for (let step = 0; step < rounds; step += 1) {
    const pivot = pivotOf(message, direction === 'forth' ? step : rounds - 1 - step, drawn);
    const partner = (pivot + drawn - place) % drawn;
    const position = Math.max(place, partner);
    const bits = blockBits(message, position);
    if (((bits.charCodeAt((position & 255) >>> 3) >>> (position & 7)) & 1) === 1) place = partner;
  }
  return place;
}

/** What a round hashes: seed, round (1 byte), block of positions (4 bytes, little endian). Filled in place. */
function messageOf(drawn: number, seed: Uint8Array): Uint8Array {
  if (seed.length !== seedBytes) throw new RangeError(`a seed has ${seedBytes} bytes, this one ${seed.length}`);
  if (!Number.isInteger(drawn) || drawn < 0 || drawn > drawnMax) {
    throw new RangeError(`the count of a draw is a whole number up to ${drawnMax}, not ${drawn}`);
  }
  const message = new Uint8Array(seedBytes + 5);
  message.set(seed);
  return message;
}

/** Chooses the round and returns its pivot: the first 8 bytes of the hash, little endian, modulo the count. */
function pivotOf(message: Uint8Array, round: number, drawn: number): number {
  message[seedBytes] = round;
  const digest = hash('sha256', message.subarray(0, seedBytes + 1), 'binary');
  let pivot = 0;
  for (let index = 7; index >= 0; index -= 1) pivot = (pivot * 256 + digest.charCodeAt(index)) % drawn;
  return pivot;
}

/** The 256 bits of a position's block in the round chosen last, as 32 characters of 8 bits: a third of a Buffer's cost. */
function blockBits(message: Uint8Array, position: number): string {
  const block = position >>> 8;
  message[seedBytes + 1] = block;
  message[seedBytes + 2] = block >>> 8;
  message[seedBytes + 3] = block >>> 16;
  message[seedBytes + 4] = block >>> 24;
  return hash('sha256', message, 'binary');
}
