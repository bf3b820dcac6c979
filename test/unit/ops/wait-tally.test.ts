// Waits as they really were, from a sample a second.
import { expect, test } from 'vitest';
import { WaitTally } from '../../../src/ops/wait-tally.ts';

const startMs = 1_000_000;

function tallied(): WaitTally {
  const tally = new WaitTally();
  tally.sample({ atMs: startMs, handedOut: 10, told: [0, 5] });
  tally.sample({ atMs: startMs + 1_000, handedOut: 10, told: [0, 5] });
  tally.sample({ atMs: startMs + 2_000, handedOut: 20, told: [30, 60] });
  tally.sample({ atMs: startMs + 3_000, handedOut: 25, told: null });
  return tally;
}

test.each([
  [19, 45_000, { inside: 1, sooner: 0, later: 0 }],
  [10, 10_000, { inside: 0, sooner: 1, later: 0 }],
  [15, 90_000, { inside: 0, sooner: 0, later: 1 }],
  [22, 90_000, { inside: 0, sooner: 0, later: 0 }],
])('[OP82] the device with number %i that was called %i ms after it joined', (number, waitMs, estimates) => {
  const tally = tallied();
  const joinedAtMs = number < 20 ? startMs + 2_000 : startMs + 3_000;
  tally.called(number, joinedAtMs + waitMs);
  expect([tally.waits.sumMs, tally.estimates]).toEqual([waitMs, estimates]);
});

test('[OP82] of a device that joined before the first sample, or is not sampled yet, nothing is known', () => {
  const tally = tallied();
  for (const number of [0, 9, 25, 1_000]) tally.called(number, startMs + 60_000);
  expect([tally.waits.counts.reduce((sum, count) => sum + count), tally.waits.sumMs]).toEqual([0, 0]);
});

test.each([
  [0, 100, 30_000, { inside: 1, sooner: 0, later: 0 }],
  [3, 150, 44_000, { inside: 1, sooner: 0, later: 0 }],
  [3, 150, 32_000, { inside: 0, sooner: 1, later: 0 }],
  [9, 200, 70_000, { inside: 0, sooner: 0, later: 1 }],
  [9, 250, 70_000, { inside: 0, sooner: 0, later: 0 }],
])(
  '[OP82] who was drawn waits from the start: number %i at place %i, %i ms after the look along the line',
  (number, place, ms, outcomes) => {
    const tally = tallied();
    tally.drew({
      drawn: 10,
      fromMs: startMs - 5_000,
      atMs: startMs,
      along: [
        { place: 0, told: [0, 5] },
        { place: 100, told: [20, 40] },
        { place: 200, told: [50, 60] },
      ],
    });
    tally.called(number, startMs + ms, place);
    expect([tally.waits.sumMs, tally.estimates]).toEqual([ms + 5_000, outcomes]);
  },
);

test('[OP82] a gateway that came into the sale later counts the waits of who was drawn, not what they were told', () => {
  const tally = tallied();
  tally.drew({ drawn: 10, fromMs: startMs - 5_000, atMs: startMs + 60_000, along: [] });
  tally.called(4, startMs + 70_000, 7);
  expect([tally.waits.sumMs, tally.estimates]).toEqual([75_000, { inside: 0, sooner: 0, later: 0 }]);
});

test('[OP82] a new caller measures also who joined before it was one, from what was kept', () => {
  const tally = tallied();
  tally.recall([
    { atMs: startMs - 40_000, handedOut: 3 },
    { atMs: startMs - 30_000, handedOut: 3 },
    { atMs: startMs - 20_000, handedOut: 8 },
    { atMs: startMs + 2_000, handedOut: 20 },
  ]);
  for (const number of [5, 9, 2]) tally.called(number, startMs + 10_000);
  // Number 5 joined by the third look, 9 by the first of its own, and of 2 nobody knows.
  expect([tally.waits.sumMs, tally.estimates]).toEqual([30_000 + 10_000, { inside: 0, sooner: 0, later: 1 }]);
});

test('[OP82] what is recalled comes before nothing as well', () => {
  const tally = new WaitTally();
  tally.recall([
    { atMs: startMs, handedOut: 1 },
    { atMs: startMs + 10_000, handedOut: 5 },
  ]);
  tally.called(3, startMs + 15_000);
  expect([tally.waits.sumMs, tally.estimates.inside]).toEqual([5_000, 0]);
});
