// Presence against a naive map: connections, polls, grace time, leaving, and the precision of expiry.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NumberTable } from '../../../src/queue/number-table.ts';
import { Presence } from '../../../src/queue/presence.ts';

const graceTimeMs = 5_000;
const startMs = 1_800_000_000_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heldBytes(): number {
  // The second run waits for the buffers that the first one found free.
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

type Model = Map<number, { connections: number; untilMs: number; left: boolean }>;

const anyNumber = fc.oneof(fc.nat(12), fc.constantFrom(2 ** 32, 2 ** 32 + 3, 2 ** 40 - 1));
const anyStep = fc.record({
  kind: fc.constantFrom('attach', 'attach', 'detach', 'detach', 'touch', 'forget', 'expire', 'expire'),
  number: anyNumber,
  passedMs: fc.oneof(fc.nat(400), fc.nat(4_000), fc.nat(60_000)),
  aheadMs: fc.integer({ min: -2_000, max: 12_000 }),
});

function isPresentIn(model: Model, number: number): boolean {
  const entry = model.get(number);
  return entry !== undefined && !entry.left;
}

/** Checks one call of expire against the model and takes from it what expired. */
function checkExpiry(presence: Presence, model: Model, nowMs: number): void {
  const expired = presence.expire(nowMs);
  expect(new Set(expired).size).toBe(expired.length);
  for (const number of expired) {
    const entry = model.get(number);
    expect(entry).toMatchObject({ connections: 0, left: false });
    expect(entry?.untilMs).toBeLessThanOrEqual(nowMs);
    model.delete(number);
  }
  for (const { connections, untilMs } of model.values()) {
    if (connections === 0) expect(untilMs).toBeGreaterThan(nowMs - 1_000);
  }
}

describe('Presence', () => {
  test('[PR1] is present who is connected, or was touched, or closed within the grace time, and has not left', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 120 }), steps => {
        const presence = new Presence({ graceTimeMs });
        const model: Model = new Map();
        let nowMs = startMs;
        for (const { kind, number, passedMs, aheadMs } of steps) {
          nowMs += passedMs;
          const before = isPresentIn(model, number);
          const entry = model.get(number) ?? { connections: 0, untilMs: 0, left: false };
          if (kind === 'attach') {
            model.set(number, { ...entry, connections: entry.connections + 1, left: false });
            expect(presence.attach(number)).toBe(!before);
          } else if (kind === 'touch') {
            // A touch for a time that is over already still counts until the next second that is swept.
            const untilMs = Math.max(entry.untilMs, nowMs + aheadMs, nowMs);
            model.set(number, { ...entry, untilMs, left: false });
            expect(presence.touch(number, nowMs + aheadMs)).toBe(!before);
          } else if (kind === 'detach') {
            if (entry.connections > 0) {
              const connections = entry.connections - 1;
              const untilMs = connections === 0 ? Math.max(entry.untilMs, nowMs + graceTimeMs) : entry.untilMs;
              if (connections === 0 && entry.left) model.delete(number);
              else model.set(number, { ...entry, connections, untilMs });
            }
            presence.detach(number, nowMs);
          } else if (kind === 'forget') {
            if (entry.connections > 0) model.set(number, { ...entry, untilMs: 0, left: true });
            else model.delete(number);
            expect(presence.forget(number)).toBe(before);
          } else {
            checkExpiry(presence, model, nowMs);
          }
          const expected = [...model.keys()].filter(known => isPresentIn(model, known));
          expect(new Set(presence.numbers())).toEqual(new Set(expected));
          expect(presence.count).toBe(expected.length);
          expect(presence.isPresent(number)).toBe(isPresentIn(model, number));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('[PR2] two tabs are one device: it stays while either is open, and the grace time starts with the last', () => {
    const presence = new Presence({ graceTimeMs });
    expect([presence.attach(7), presence.attach(7)]).toEqual([true, false]);
    presence.detach(7, startMs);
    expect(presence.expire(startMs + 100_000)).toEqual([]);
    presence.detach(7, startMs + 100_000);
    presence.detach(7, startMs + 100_000);
    expect(presence.attach(7)).toBe(false);
    expect(presence.expire(startMs + 200_000)).toEqual([]);
    presence.detach(7, startMs + 200_000);
    expect(presence.expire(startMs + 204_999)).toEqual([]);
    expect(presence.expire(startMs + 205_000)).toEqual([7]);
    expect(presence.count).toBe(0);
  });

  test('[PR3] the end of a grace time is noticed never early and within a second', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.nat(3_000), (offsetMs, graceMs) => {
        const presence = new Presence({ graceTimeMs: graceMs });
        const closedAtMs = startMs + offsetMs;
        presence.expire(closedAtMs - 1);
        presence.attach(1);
        presence.detach(1, closedAtMs);
        let nowMs = closedAtMs;
        while (presence.expire(nowMs).length === 0) nowMs++;
        expect(nowMs - closedAtMs).toBeGreaterThanOrEqual(graceMs);
        expect(nowMs - closedAtMs).toBeLessThanOrEqual(graceMs + 1_000);
      }),
      { numRuns: 30 },
    );
  });

  test('[PR4] who left is gone at once; connections it left open do not bring it back nor count for a later one', () => {
    const presence = new Presence({ graceTimeMs });
    presence.attach(3);
    presence.attach(3);
    expect([presence.forget(3), presence.forget(3), presence.isPresent(3)]).toEqual([true, false, false]);
    expect(presence.attach(3)).toBe(true);
    presence.detach(3, startMs);
    presence.detach(3, startMs);
    expect(presence.expire(startMs + 60_000)).toEqual([]);
    presence.detach(3, startMs + 60_000);
    expect(presence.expire(startMs + 120_000)).toEqual([3]);
  });

  test('[PR4] who leaves and comes back is held to the new grace time, not to the old one', () => {
    const presence = new Presence({ graceTimeMs });
    presence.touch(3, startMs + 3_600_000);
    presence.forget(3);
    presence.attach(3);
    presence.detach(3, startMs);
    expect(presence.expire(startMs + graceTimeMs + 1_000)).toEqual([3]);
    expect(presence.expire(startMs + 3_700_000)).toEqual([]);
  });

  test('[PR5] a poll never shortens the time that an earlier one gave', () => {
    const presence = new Presence({ graceTimeMs });
    expect(presence.touch(9, startMs + 20_000)).toBe(true);
    expect(presence.touch(9, startMs + 10_000)).toBe(false);
    expect(presence.expire(startMs + 19_999)).toEqual([]);
    presence.touch(9, Number.POSITIVE_INFINITY);
    expect(presence.expire(startMs + 10 ** 11)).toEqual([]);
    expect(presence.isPresent(9)).toBe(true);
  });

  test('[PR5] a clock that is set back does not hold up the grace times that start after it', () => {
    const presence = new Presence({ graceTimeMs });
    presence.expire(startMs);
    presence.expire(startMs - 3_600_000);
    presence.attach(4);
    presence.detach(4, startMs - 3_600_000);
    expect(presence.expire(startMs - 3_600_000 + graceTimeMs + 1_000)).toEqual([4]);
  });

  test('[PR6] a flood of disconnects costs one look each, and the memory of a rush is given back', () => {
    const presence = new Presence({ graceTimeMs });
    const devices = 200_000;
    const bytesBefore = heldBytes();
    for (let number = 0; number < devices; number++) presence.attach(number * 3);
    expect((heldBytes() - bytesBefore) / devices).toBeLessThan(40);
    for (let number = 0; number < devices; number++) presence.detach(number * 3, startMs);
    expect(presence.count).toBe(devices);
    expect(presence.expire(startMs + graceTimeMs - 1)).toEqual([]);
    expect(new Set(presence.expire(startMs + graceTimeMs)).size).toBe(devices);
    expect([presence.count, [...presence.numbers()]]).toEqual([0, []]);
    expect(heldBytes() - bytesBefore).toBeLessThan(100_000);
  });
});

describe('NumberTable', () => {
  test('[PR7] finds every number that was put in and not taken out, through growth, gaps and shrinking', () => {
    const anyEdit = fc.record({ inserts: fc.boolean(), number: fc.oneof(fc.nat(300), fc.nat(2 ** 31 - 1), anyNumber) });
    fc.assert(
      fc.property(fc.array(anyEdit, { maxLength: 400, size: 'max' }), edits => {
        const table = new NumberTable();
        const naive = new Map<number, number>();
        for (const [index, { inserts, number }] of edits.entries()) {
          const slot = table.find(number);
          if (slot >= 0 !== naive.has(number)) throw new Error(`${number}: found at ${slot}`);
          if (inserts) {
            const inserted = table.findOrInsert(number);
            table.untilSeconds[inserted] = index;
            naive.set(number, index);
          } else if (slot >= 0) {
            table.deleteAt(slot);
            naive.delete(number);
          }
        }
        expect(table.size).toBe(naive.size);
        expect(new Set(table.numbers())).toEqual(new Set(naive.keys()));
        for (const [number, index] of naive) expect(table.untilSeconds[table.find(number)]).toBe(index);
      }),
    );
  });

  test('[PR7] refuses what is no arrival number', () => {
    const table = new NumberTable();
    for (const number of [-1, 0.5, 2 ** 40, Number.NaN]) expect(() => table.findOrInsert(number)).toThrow(RangeError);
    expect(table.size).toBe(0);
  });
});
