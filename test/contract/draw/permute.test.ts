// The permutation against public vectors, against itself in both directions, and as a shuffle.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { drawnMax, drawPlaces, numberAt, placeOf } from '../../../src/draw/permute.ts';
import drawLists from '../../vectors/draw-lists.json' with { type: 'json' };
import { vectorRows } from './vector-rows.ts';

const sizes = [0, 1, 2, 255, 256, 257, 65_537];

function seedNumbered(index: number): Uint8Array {
  return createHash('sha256').update(`seed ${index}`).digest();
}

test('[DR1] places are those of the public vectors, one by one, as a list, and backwards', { timeout: 60_000 }, () => {
  const rows = vectorRows();
  expect(rows).toHaveLength(240);
  for (const { seed, drawn, input, output } of rows) {
    const places = drawPlaces(drawn, seed);
    const oneByOne = input.map((_, number) => placeOf(number, drawn, seed));
    expect([...places]).toEqual(oneByOne);
    const shuffled = Array.from({ length: drawn }, () => -1);
    input.forEach((value, number) => {
      shuffled[places[number] ?? -1] = value;
    });
    expect(shuffled).toEqual(output);
    expect(output.map((_, place) => input[numberAt(place, drawn, seed)])).toEqual(output);
  }
});

test.each(sizes)('[DR2] %i numbers draw every place exactly once, and each place leads back to its number', drawn => {
  const seed = seedNumbered(drawn);
  const places = drawPlaces(drawn, seed);
  expect(places).toHaveLength(drawn);
  expect(new Set(places).size).toBe(drawn);
  expect(places.every(place => place < drawn)).toBe(true);
  const step = Math.max(1, Math.floor(drawn / 300));
  for (let number = 0; number < drawn; number += step) {
    const place = placeOf(number, drawn, seed);
    expect(places[number]).toBe(place);
    expect(numberAt(place, drawn, seed)).toBe(number);
  }
});

test.each(drawLists)('[DR3] the list of $drawn is the one that verify_draw.py computes', ({ drawn, seed, sha256 }) => {
  expect(
    createHash('sha256')
      .update(drawPlaces(drawn, bytesOfHex(seed)))
      .digest('hex'),
  ).toBe(sha256);
});

/** Chi-square of observed counts against equal ones, in standard deviations above its mean. */
function excess(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (chiSquare - freedom) / Math.sqrt(2 * freedom);
}

test('[DR4] over many seeds every number stands at every place equally often', () => {
  const drawn = 16;
  const counts = Array.from({ length: drawn * drawn }, () => 0);
  for (let index = 0; index < 8_000; index += 1) {
    drawPlaces(drawn, seedNumbered(index)).forEach((place, number) => {
      counts[number * drawn + place] = (counts[number * drawn + place] ?? 0) + 1;
    });
  }
  expect(Math.abs(excess(counts))).toBeLessThan(5);
});

test('[DR4] over many seeds all orders of four numbers come equally often', () => {
  const counts = new Map<string, number>();
  for (let index = 0; index < 12_000; index += 1) {
    const order = drawPlaces(4, seedNumbered(index)).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  expect(Math.abs(excess([...counts.values()]))).toBeLessThan(5);
});

test('[DR4] in one long draw a number says nothing about its place, nor about the place of the next number', () => {
  const drawn = 65_537;
  const places = drawPlaces(drawn, seedNumbered(0));
  const cells = 32;
  const cellOf = (value: number) => Math.floor((value * cells) / drawn);
  const byNumber = Array.from({ length: cells * cells }, () => 0);
  const byNeighbour = Array.from({ length: cells * cells }, () => 0);
  places.forEach((place, number) => {
    const cell = cellOf(number) * cells + cellOf(place);
    const pair = cellOf(place) * cells + cellOf(places[(number + 1) % drawn] ?? 0);
    byNumber[cell] = (byNumber[cell] ?? 0) + 1;
    byNeighbour[pair] = (byNeighbour[pair] ?? 0) + 1;
  });
  expect(Math.abs(excess(byNumber))).toBeLessThan(5);
  expect(Math.abs(excess(byNeighbour))).toBeLessThan(5);
});

test('[DR4] the statistics would notice a shuffle that is not one', () => {
  const lopsided = [1_200, 1_000, 1_000, 800];
  expect(Math.abs(excess(lopsided))).toBeGreaterThan(5);
});

test('[DR5] a seed of another length, a count out of bounds and a number that was not drawn are refused', () => {
  const seed = seedNumbered(0);
  expect(() => drawPlaces(4, seed.subarray(1))).toThrow('a seed has 32 bytes');
  expect(() => drawPlaces(drawnMax + 1, seed)).toThrow('whole number');
  expect(() => drawPlaces(-1, seed)).toThrow('whole number');
  expect(() => drawPlaces(1.5, seed)).toThrow('whole number');
  expect(() => placeOf(4, 4, seed)).toThrow('not among the 4 drawn');
  expect(() => numberAt(-1, 4, seed)).toThrow('not among the 4 drawn');
  expect(() => placeOf(0, 0, seed)).toThrow('not among the 0 drawn');
});
