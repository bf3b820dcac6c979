// Bitmap against a naive set, its window and its byte form.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitmap, placesMax } from '../../../src/queue/bitmap.ts';
import { encodeWords } from '../../../src/queue/bitmap-bytes.ts';

const anyPlace = fc.oneof(fc.nat(200), fc.nat(5_000), fc.nat(100_000));
const anyStep = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('add'), place: anyPlace }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete'), place: anyPlace }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim'), place: anyPlace }) },
);

function sorted(places: Iterable<number>): number[] {
  return [...places].sort((left, right) => left - right);
}

describe('Bitmap', () => {
  test('[LN1] holds exactly the places added and not deleted, like a set', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 200 }), anyPlace, fc.nat(50), (steps, probe, k) => {
        const bitmap = new Bitmap();
        let naive = new Set<number>();
        let base = 0;
        for (const { kind, place } of steps) {
          if (kind === 'add') {
            const added = place >= base && !naive.has(place);
            if (added) naive.add(place);
            expect(bitmap.add(place)).toBe(added);
          } else if (kind === 'delete') {
            expect(bitmap.delete(place)).toBe(naive.delete(place));
          } else {
            base = Math.max(base, place - (place % 32));
            naive = new Set([...naive].filter(kept => kept >= base));
            bitmap.trimBelow(place);
          }
          expect(bitmap.count).toBe(naive.size);
        }
        const expected = sorted(naive);
        expect([...bitmap.places()]).toEqual(expected);
        expect(bitmap.lowest(k)).toEqual(expected.slice(0, k));
        expect(bitmap.base).toBe(base);
        expect(bitmap.end).toBe((expected.at(-1) ?? base - 1) + 1);
        expect(bitmap.has(probe)).toBe(naive.has(probe));
      }),
    );
  });

  test('[LN1] a clone shares nothing with its original', () => {
    const original = Bitmap.of([1, 40, 1000]);
    const copy = original.clone();
    expect(copy.add(2000)).toBe(true);
    expect(original.delete(40)).toBe(true);
    expect([...original.places()]).toEqual([1, 1000]);
    expect([...copy.places()]).toEqual([1, 40, 1000, 2000]);
  });

  test('[LN1] refuses what is no place, and a window so wide that nobody can have trimmed it', () => {
    const bitmap = new Bitmap();
    for (const place of [placesMax, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => bitmap.add(place)).toThrow(RangeError);
    }
    expect(() => bitmap.add(placesMax - 1)).toThrow(/window/);
    expect(bitmap.add(-1)).toBe(false);
    expect(bitmap.count).toBe(0);
    expect(new Bitmap(placesMax - 32).add(placesMax - 1)).toBe(true);
  });

  test('[LN2] places below the trimmed base are not in the set and cannot be added', () => {
    const bitmap = Bitmap.of([3, 63, 64, 70]);
    bitmap.trimBelow(66);
    expect(bitmap.base).toBe(64);
    expect([...bitmap.places()]).toEqual([64, 70]);
    expect(bitmap.has(63)).toBe(false);
    expect(bitmap.add(63)).toBe(false);
    bitmap.trimBelow(0);
    expect(bitmap.base).toBe(64);
    bitmap.trimBelow(1_000_000);
    expect(bitmap.end).toBe(bitmap.base);
    expect(bitmap.count).toBe(0);
  });

  test('[LN2] a room that handed out 100 million numbers costs what its window costs', () => {
    const handedOut = 100_000_000;
    const windowPlaces = 10_000;
    const bitmap = new Bitmap();
    const bytesBefore = process.memoryUsage().arrayBuffers;
    for (let place = 0; place < handedOut; place += 97) {
      bitmap.add(place);
      bitmap.trimBelow(place - windowPlaces);
    }
    expect(process.memoryUsage().arrayBuffers - bytesBefore).toBeLessThan(1_000_000);
    expect(bitmap.count).toBeLessThan(windowPlaces / 90);
    expect(bitmap.toBytes().length).toBeLessThan(windowPlaces / 8 + 32);
    bitmap.add(bitmap.base + 4_000_000);
    bitmap.trimBelow(handedOut + 4_000_000);
    expect(bitmap.clone().lowest(2)).toEqual([]);
  });

  test('[LN3] a union holds what either held, above the base', () => {
    fc.assert(
      fc.property(fc.array(anyPlace), fc.array(anyPlace), anyPlace, anyPlace, (left, right, leftBase, rightBase) => {
        const union = Bitmap.of(left);
        union.trimBelow(leftBase);
        const other = Bitmap.of(right);
        other.trimBelow(rightBase);
        const expected = sorted(new Set([...union.places(), ...other.places()])).filter(place => place >= union.base);
        union.addAll(other);
        expect([...union.places()]).toEqual(expected);
        expect(union.count).toBe(expected.length);
      }),
    );
  });
});

describe('Bitmap bytes', () => {
  test('[LN4] bytes give back the same set and base', () => {
    fc.assert(
      fc.property(fc.array(anyPlace), anyPlace, (places, base) => {
        const bitmap = Bitmap.of(places);
        bitmap.trimBelow(base);
        const padded = new Uint8Array([9, ...bitmap.toBytes()]);
        const back = Bitmap.fromBytes(padded.subarray(1));
        expect([...back.places()]).toEqual([...bitmap.places()]);
        expect([back.base, back.end, back.count]).toEqual([bitmap.base, bitmap.end, bitmap.count]);
        expect(back.add(200_000)).toBe(true);
      }),
    );
  });

  test('[LN4] empty stretches cost almost nothing, and high bases survive', () => {
    const bitmap = new Bitmap(placesMax - 2_000_000);
    bitmap.add(placesMax - 2_000_000);
    bitmap.add(placesMax - 1);
    const bytes = bitmap.toBytes();
    expect(bytes.length).toBeLessThan(32);
    expect([...Bitmap.fromBytes(bytes).places()]).toEqual([placesMax - 2_000_000, placesMax - 1]);
    expect(new Bitmap().toBytes().length).toBe(3);
  });

  test('[LN4] damaged bytes are refused with a code and never read as a set', () => {
    const bytes = Bitmap.of([5, 100_000]).toBytes();
    for (let length = 1; length < bytes.length; length++) {
      expect(() => Bitmap.fromBytes(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'bitmap-bytes-damaged' }),
      );
    }
    const versionUnknown = expect.objectContaining({ code: 'bitmap-version-unknown' });
    expect(() => Bitmap.fromBytes(new Uint8Array())).toThrow(versionUnknown);
    expect(() => Bitmap.fromBytes(bytes.with(0, 2))).toThrow(versionUnknown);
    const damaged = expect.objectContaining({ code: 'bitmap-bytes-damaged' });
    expect(() => Bitmap.fromBytes(new Uint8Array([...bytes, 0]))).toThrow(damaged);
    expect(() => Bitmap.fromBytes(new Uint8Array([1, 0, 255, 255, 255, 255, 255, 255, 127]))).toThrow(damaged);
    expect(() => Bitmap.fromBytes(new Uint8Array([1, 255, 255, 255, 255, 255, 255, 255, 255, 255]))).toThrow(damaged);
    expect(() => Bitmap.fromBytes(new Uint8Array([1, 0, 5, 0, 0]))).toThrow(damaged);
    expect(encodeWords({ baseWord: 0, words: new Uint32Array([0, 0]) })).toEqual(new Uint8Array([1, 0, 2, 2, 0]));
  });
});
