// A room's report against a real room view: who is counted where, and what is said while the store is away.

import { expect, test } from 'vitest';
import type { Clock } from '../../../src/flow/clock.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import { roomShape } from '../../../src/ops/api/shapes.ts';
import { type ReportNeeds, reportRoom } from '../../../src/ops/room-report.ts';
import { standRoom } from '../../integration/ops/ops-stand.ts';

const startMs = Date.parse('2027-05-09T01:00:00Z');

function roomOf() {
  let nowMs = startMs;
  const idle = () => () => undefined;
  const clock: Clock = { nowMs: () => nowMs, after: idle, every: idle };
  const view = new RoomView(
    {
      id: 'sale',
      opensAtMs: null,
      startsAtMs: null,
      endsAtMs: null,
      pacePerMinute: 600,
      activeCap: 500,
      claimWindowMs: 300_000,
      graceTimeMs: 90_000,
      passIdleMs: 600_000,
      passMaxMs: 2_700_000,
      ticketLifetimeMs: 86_400_000,
    },
    clock,
  );
  const report = (facts: Partial<Omit<ReportNeeds, 'view'>> = {}) =>
    reportRoom({ view, handedOut: 10, limit: 'pace', storeTrouble: null, ...facts });
  const wait = (passedMs: number) => {
    nowMs += passedMs;
  };
  return { view, report, wait };
}

// A busy shop looked like a crowd that does not notice its turn.
test('[OP222] whoever was inside and may come back has missed no call', () => {
  const { view, report } = roomOf();
  for (let number = 0; number < 3; number += 1) view.attach(number);
  view.apply([
    { kind: 'phase', phase: 'open', atMs: startMs },
    { kind: 'called', places: [0, 1, 2], atMs: startMs },
    { kind: 'admitted', passes: [0, 1].map(place => ({ place, passId: `pass-${place}` })), atMs: startMs },
    { kind: 'no-show', places: [2] },
    { kind: 'used', passIds: ['pass-0', 'pass-1'], atMs: startMs + 1_000 },
    { kind: 'pass-ended', passIds: ['pass-0', 'pass-1'], cause: 'idle', mayReturnAtMs: startMs + 2_000 },
  ]);
  expect(report()).toMatchObject({ active: 0, missed: 1, comebacks: 2, noShows: 1 });
});

test('[OP230] whether the gateways see the shop fail or an operator says so is told apart', () => {
  const { view, report } = roomOf();
  const hold = (name: 'shop-failing' | 'shop-down', on: boolean) =>
    view.apply([{ kind: 'hold', hold: name, on, atMs: startMs }]);
  expect(report()).toMatchObject({ shopFailing: false, shopFailingBy: [] });
  hold('shop-down', true);
  expect(report()).toMatchObject({ shopFailing: true, shopFailingBy: ['operator'] });
  hold('shop-failing', true);
  expect(report()).toMatchObject({ shopFailing: true, shopFailingBy: ['gateways', 'operator'] });
  hold('shop-down', false);
  expect(report()).toMatchObject({ shopFailing: true, shopFailingBy: ['gateways'] });
});

test('[OP6] every device is counted in its state', () => {
  const { view, report, wait } = roomOf();
  for (let number = 0; number < 10; number += 1) view.attach(number);
  view.apply([
    { kind: 'phase', phase: 'open', atMs: startMs },
    { kind: 'called', places: [0, 1, 2, 3, 4], atMs: startMs },
    { kind: 'admitted', passes: [0, 1].map(place => ({ place, passId: `pass-${place}` })), atMs: startMs },
    { kind: 'no-show', places: [2, 3] },
    { kind: 'returned', places: [3] },
    { kind: 'pass-ended', passIds: ['pass-0'], cause: 'idle' },
  ]);
  wait(1_000);
  expect(report()).toMatchObject({
    room: 'sale',
    phase: 'open',
    handedOut: 10,
    present: 10,
    waiting: 6,
    called: 1,
    missed: 1,
    noShows: 2,
    admitted: 2,
    active: 1,
    frontier: 5,
    totals: { called: 5, returners: 1, ended: 1 },
    asOf: '2027-05-09T01:00:01.000Z',
  });
});

test("[OP6] the pace and the cap are the operator's, or else the file's", () => {
  const { view, report } = roomOf();
  expect(report()).toMatchObject({ pacePerMinute: 600, activeCap: 500, message: null });
  view.apply([{ kind: 'settings', settings: { pacePerMinute: 0.5, activeCap: 0, message: 'soon' }, atMs: startMs }]);
  expect(report()).toMatchObject({ pacePerMinute: 0.5, activeCap: 0, message: 'soon' });
  view.apply([{ kind: 'settings', settings: { pacePerMinute: null, activeCap: null, message: null }, atMs: startMs }]);
  expect(report()).toMatchObject({ pacePerMinute: 600, activeCap: 500, message: null });
});

test('[OP6] paused and failing shop are told apart', () => {
  const { view, report } = roomOf();
  view.apply([{ kind: 'hold', hold: 'shop-failing', on: true, atMs: startMs }]);
  expect(report()).toMatchObject({ paused: false, shopFailing: true });
  view.apply([{ kind: 'hold', hold: 'paused', on: true, atMs: startMs }]);
  expect(report()).toMatchObject({ paused: true, shopFailing: true });
});

test('[OP6] before the start everybody present is in line; after the end nobody is', () => {
  const { view, report, wait } = roomOf();
  view.attach(0);
  view.attach(1);
  view.apply([{ kind: 'phase', phase: 'lobby', atMs: startMs }]);
  expect(report()).toMatchObject({ phase: 'lobby', present: 2, waiting: 2 });
  view.apply([{ kind: 'phase', phase: 'ended', atMs: startMs }]);
  wait(1_000);
  expect(report()).toMatchObject({ phase: 'ended', present: 2, waiting: 0 });
});

test('[OP6] while the store is away the numbers keep the time they are from, and what is unknown is null', () => {
  const { view, report, wait } = roomOf();
  expect(report()).toMatchObject({ checking: false, storeTrouble: null });
  // OP199
  expect(report({ drawTrouble: 'no memory' })).toMatchObject({ checking: false, drawTrouble: 'no memory' });
  view.checking = true;
  wait(60_000);
  expect(report({ storeTrouble: 'the disk is full', handedOut: null, limit: null })).toMatchObject({
    checking: true,
    storeTrouble: 'the disk is full',
    handedOut: null,
    limit: null,
    asOf: '2027-05-09T01:00:00.000Z',
  });
});

test('[OP81] the document of the API has every field of a room', async () => {
  const sent: unknown = JSON.parse(JSON.stringify(await standRoom().report()));
  const autopilot = roomShape.shape.autopilot.strict();
  expect(roomShape.extend({ autopilot }).strict().safeParse(sent)).toMatchObject({ success: true });
});
