// What a gateway reckons with while an autopilot lets the pace climb, by the changes that it applied or the state it loaded.

import { describe, expect, test } from 'vitest';
import { RoomView } from '../../../src/flow/room-view.ts';
import type { OperatorSettings, RoomChange } from '../../../src/queue/room-change.ts';
import type { RoomRules } from '../../../src/queue/room-rules.ts';
import { decodeRoomState, encodeRoomState } from '../../../src/queue/room-snapshot.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const autopilot = {
  mode: 'on',
  minPerMinute: 60,
  maxPerMinute: 6_000,
  stepPercent: 10,
  latencyTargetMs: null,
} as const;
const rules: RoomRules = { ...testRules, activeCap: 10_000, autopilot };
/** By a step of 10 %, thrice at first. */
const firstGrowthPerMs = 0.06 / 1_000;

const opened: RoomChange = { kind: 'phase', phase: 'open', atMs: startMs };

function decided(second: number, pacePerMinute: number, isNew = true): RoomChange {
  const decision = {
    kind: 'autopilot',
    pacePerMinute,
    cause: 'headroom',
    reason: '',
    atMs: startMs + second * 1_000,
  } as const;
  return isNew ? { ...decision, isNew } : decision;
}

function settings(second: number, set: OperatorSettings): RoomChange {
  return { kind: 'settings', settings: set, atMs: startMs + second * 1_000 };
}

/** So many decisions, one a second, by which the pace grows by four percent each. */
function climbing(seconds: number, isNew = true, from = 0): RoomChange[] {
  return Array.from({ length: seconds }, (_, index) =>
    decided(from + index, 200 * Math.exp(0.04 * (from + index)), isNew),
  );
}

function viewAfter(changes: readonly RoomChange[], itsRules = rules): RoomView {
  const view = new RoomView(itsRules, new VirtualClock(startMs));
  view.apply([opened, ...changes]);
  return view;
}

/** A gateway that has the state of another by its bytes. */
function loaded(view: RoomView, without: readonly string[] = []): RoomView {
  const document = Object.entries(JSON.parse(Buffer.from(encodeRoomState(view.state)).toString()));
  const kept = Object.fromEntries(document.filter(([name]) => !without.includes(name)));
  const other = new RoomView(view.rules, new VirtualClock(startMs));
  other.reset(decodeRoomState(Buffer.from(JSON.stringify(kept))));
  return other;
}

const climbOf = (view: RoomView, second: number) => view.lineSpeed(startMs + second * 1_000)?.climb ?? null;

describe('while the autopilot lets the pace climb', () => {
  test('[AP161] its first decision begins the climb', () => {
    expect(climbOf(viewAfter([]), 1)).toBeNull();
    expect(climbOf(viewAfter([decided(0, 200)]), 1)?.growthPerMs).toBeCloseTo(firstGrowthPerMs, 8);
    expect(climbOf(viewAfter(climbing(60)), 59)?.growthPerMs).toBeCloseTo(0.04 / 1_000, 8);
  });

  test('[AP161] where it only advises, or is switched off, nothing climbs', () => {
    expect(climbOf(viewAfter(climbing(60), { ...rules, autopilot: { ...autopilot, mode: 'shadow' } }), 60)).toBeNull();
    expect(climbOf(viewAfter([...climbing(60), settings(60, { autopilot: { mode: 'off' } })]), 60)).toBeNull();
  });

  test('[AP161] once the pace was set by hand, what is decided from there on is no climb', () => {
    const view = viewAfter([...climbing(10), settings(10, { pacePerMinute: 700 })]);
    expect(climbOf(view, 10)).toBeNull();
    view.apply([decided(11, 700), decided(12, 740), decided(13, 780)]);
    expect(climbOf(view, 13)).toBeNull();
    const reloaded = loaded(view);
    reloaded.apply([settings(14, { pacePerMinute: 700 }), decided(15, 740)]);
    expect(climbOf(reloaded, 15)).toBeNull();
  });

  test('[AP161] a gateway that loads the room reckons with the climb that the others saw, whatever it had before', () => {
    for (const seconds of [1, 12, 60]) {
      const view = viewAfter(climbing(seconds));
      const others = [loaded(view), loaded(view)];
      others[1]?.apply(climbing(3, true, seconds));
      others[1]?.reset(decodeRoomState(encodeRoomState(view.state)));
      for (const other of others) expect(climbOf(other, seconds)).toEqual(climbOf(view, seconds));
      for (const each of [view, ...others]) each.apply(climbing(2, true, seconds));
      for (const other of others) expect(climbOf(other, seconds + 2)).toEqual(climbOf(view, seconds + 2));
      expect(climbOf(view, seconds + 2)).not.toBeNull();
    }
  });

  test('[AP161] a room that was steered before anybody kept its climb begins none', () => {
    const old = loaded(viewAfter(climbing(5)), ['climb']);
    old.apply(climbing(5, false, 5));
    expect(climbOf(old, 10)).toBeNull();
  });

  test('[AP161] where another caller took over, the growth is the one that was measured', () => {
    const view = viewAfter(climbing(12));
    expect(climbOf(view, 12)?.growthPerMs).toBeCloseTo(firstGrowthPerMs, 8);
    view.apply([decided(13, 200 * Math.exp(0.04 * 13), false)]);
    const climb = climbOf(view, 13);
    expect(climb?.growthPerMs).toBeCloseTo(0.04 / 1_000, 8);
    expect(climb?.inMs).toBe(0);
  });
});
