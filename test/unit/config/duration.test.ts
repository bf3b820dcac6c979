// Durations and instants: what is read, what is refused and how it is said.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDuration, showDuration } from '../../../src/config/duration.ts';
import { parseInstant, showInstant } from '../../../src/config/instant.ts';
import { problemsOfRoom, roomOf } from './support.ts';

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['1d2h3m4s5ms', 93_784_005],
  ])('[CF2] reads %s', (text, durationMs) => {
    expect(parseDuration(text)).toEqual({ kind: 'ok', value: durationMs });
  });

  test.each(['', 's', '90', '1.5h', '-5m', '5 m', '5M', '30m1h', '1h1h', '5min', '5m ', '1e3s', '١s'])(
    '[CF2] refuses %j',
    text => {
      expect(parseDuration(text)).toMatchObject({ kind: 'problem' });
    },
  );

  test('[CF2] refuses what is longer than ten years, digits without end included', () => {
    expect(parseDuration('3651d')).toMatchObject({
      kind: 'problem',
      message: expect.stringContaining('at most "3650d"'),
    });
    expect(parseDuration(`${'9'.repeat(400)}d`)).toMatchObject({ kind: 'problem' });
  });

  test('[CF2] what is shown is read back as the same duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_650 * 86_400_000 }), durationMs => {
        expect(parseDuration(showDuration(durationMs))).toEqual({ kind: 'ok', value: durationMs });
      }),
    );
  });

  test('[CF2] a bare number is refused with the right form', () => {
    expect(problemsOfRoom({ claimWindow: 90 })).toEqual([
      'rooms[0].claimWindow: a duration needs a unit: write "90s", "90m" or "90ms" instead of 90',
    ]);
    expect(problemsOfRoom({ graceTime: '45' })).toEqual([
      'rooms[0].graceTime: a duration needs a unit: write "45s", "45m" or "45ms" instead of 45',
    ]);
  });

  test('[CF2] a duration of the product is at least one second', () => {
    expect(problemsOfRoom({ graceTime: '999ms' })).toEqual(['rooms[0].graceTime: "999ms" is too short: at least "1s"']);
    const room = roomOf({
      claimWindow: '1s',
      graceTime: '1s',
      pass: { idle: '1s', max: '1s' },
      ticketLifetime: '1s',
      shopTimeout: '1s',
    });
    expect(room).toMatchObject({
      claimWindowMs: 1_000,
      graceTimeMs: 1_000,
      ticketLifetimeMs: 1_000,
      shopTimeoutMs: 1_000,
    });
    expect(room.pass).toMatchObject({ idleMs: 1_000, maxMs: 1_000 });
  });
});

describe('instants', () => {
  test.each([
    ['2027-05-09T10:00:00+09:00', '2027-05-09T01:00:00Z'],
    ['2027-05-09T01:00:00Z', '2027-05-09T01:00:00Z'],
    ['2027-05-09t01:00:00.25z', '2027-05-09T01:00:00.250Z'],
    ['2028-02-29T23:59:59-00:30', '2028-03-01T00:29:59Z'],
  ])('[CF3] reads %s', (text, inUtc) => {
    const outcome = parseInstant(text);
    expect(outcome).toEqual({ kind: 'ok', value: Date.parse(inUtc) });
    expect(showInstant(Date.parse(inUtc))).toBe(inUtc);
  });

  test.each(['2027-05-09T10:00:00', '2027-05-09T10:00', '2027-05-09 10:00:00', '2027-05-09'])(
    '[CF3] %s lacks its zone, and is told so',
    text => {
      expect(problemsOfRoom({ startsAt: text })).toEqual([
        `rooms[0].startsAt: "${text}" is a time without zone: write it with its offset, as in "2027-05-09T10:00:00+09:00", or with "Z" for UTC`,
      ]);
    },
  );

  test.each([
    'tomorrow',
    '2027-05-09T10:00:00+0900',
    '2027-02-29T10:00:00Z',
    '2027-13-01T10:00:00Z',
    '2027-05-09T24:00:00Z',
    '2027-05-09T10:60:00Z',
    '2027-05-09T10:00:60Z',
    '2027-05-09T10:00:00+25:00',
    '2027-05-09T10:00Z',
  ])('[CF3] refuses %s', text => {
    expect(parseInstant(text)).toMatchObject({ kind: 'problem' });
  });
});
