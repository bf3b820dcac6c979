// Line order against plain sorted arrays, with windows that differ, and its budget.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitmap } from '../../../src/queue/bitmap.ts';
import { LineOrder } from '../../../src/queue/line-order.ts';

const anyPlace = fc.oneof(fc.nat(100), fc.nat(3_000), fc.nat(40_000));
const anyPlaces = fc.array(anyPlace, { maxLength: 300 });
const anySet = fc.record({ places: anyPlaces, trimmedBelow: fc.oneof(fc.constant(0), anyPlace) });

function trimmed({
  places,
  trimmedBelow,
}: {
  readonly places: readonly number[];
  readonly trimmedBelow: number;
}): Bitmap {
  const bitmap = Bitmap.of(places);
  bitmap.trimBelow(trimmedBelow);
  return bitmap;
}

describe('LineOrder', () => {
  test('[LN5] in line is who is present and in no other set, whatever the windows', () => {
    fc.assert(
      fc.property(anySet, fc.array(anySet, { maxLength: 3 }), anyPlace, (presentSet, withoutSets, probe) => {
        const present = trimmed(presentSet);
        const without = withoutSets.map(trimmed);
        const expected = [...present.places()].filter(place => !without.some(bitmap => bitmap.has(place)));
        const line = LineOrder.of(present, without);
        expect(line.total).toBe(expected.length);
        expect(line.lowest(expected.length + 1)).toEqual(expected);
        expect(line.has(probe)).toBe(expected.includes(probe));
      }),
    );
  });

  test('[LN6] the rank of a place is how many in line stand before it, in line itself or not', () => {
    fc.assert(
      fc.property(anySet, anySet, fc.array(anyPlace), (presentSet, withoutSet, probes) => {
        const present = trimmed(presentSet);
        const without = trimmed(withoutSet);
        const line = LineOrder.of(present, [without]);
        const expected = [...present.places()].filter(place => !without.has(place));
        for (const probe of [...probes, ...expected, -1, 0, present.base, present.end, 2 ** 39]) {
          expect(line.rankOf(probe)).toBe(expected.filter(place => place < probe).length);
        }
      }),
    );
  });

  test('[LN6] the place at a rank is the inverse of the rank, and the lowest k are the first k ranks', () => {
    fc.assert(
      fc.property(anySet, fc.nat(400), (presentSet, k) => {
        const line = LineOrder.of(trimmed(presentSet), []);
        const byRank = Array.from({ length: line.total }, (_, rank) => line.placeAt(rank));
        expect(byRank.map(place => line.rankOf(place ?? -1))).toEqual(byRank.map((_, rank) => rank));
        expect(line.lowest(k)).toEqual(byRank.slice(0, k));
        for (const rank of [-1, line.total, Number.NaN]) expect(line.placeAt(rank)).toBeUndefined();
      }),
    );
  });

  test('[LN7] a snapshot does not change when the sets it came from do', () => {
    const present = Bitmap.of([1, 2, 3]);
    const called = Bitmap.of([1]);
    const line = LineOrder.of(present, [called]);
    present.delete(2);
    present.add(50);
    called.add(3);
    present.trimBelow(32);
    expect(line.lowest(9)).toEqual([2, 3]);
    expect([line.total, line.rankOf(50), line.has(50)]).toEqual([2, 2, false]);
  });

  test('[LN7] a line far from place 0 counts like one near it', () => {
    const base = 2 ** 39;
    const present = new Bitmap(base);
    for (let offset = 0; offset < 5_000; offset += 5) present.add(base + offset);
    const line = LineOrder.of(present, [Bitmap.of([0, 5, 10])]);
    expect([line.total, line.rankOf(base + 2_500), line.placeAt(999)]).toEqual([1_000, 500, base + 4_995]);
  });

  test('[LN7] an empty line has nobody in it', () => {
    for (const present of [new Bitmap(), new Bitmap(6_400), Bitmap.of([7])]) {
      const line = LineOrder.of(present, [Bitmap.of([7])]);
      expect([line.total, line.rankOf(9_999), line.placeAt(0), line.lowest(3)]).toEqual([0, 0, undefined, []]);
    }
  });
});
