// A real caller and view of one room over a store in memory, on a clock that a test moves, with devices that come, claim
// after a while, or do not.

import { type SeededRandom, seededRandom } from '../../loadtest/seeded-random.ts';
import { ShopTally } from '../../src/admission/shop-report.ts';
import type { Clock } from '../../src/flow/clock.ts';
import { RoomCaller, type RoomCallerNeeds } from '../../src/flow/room-caller.ts';
import { RoomView } from '../../src/flow/room-view.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import { plainDraw } from './draw-desk.ts';
import { MemoryStore } from './memory-store.ts';
import { startMs, testRules } from './room-turns.ts';
import { VirtualClock } from './virtual-clock.ts';

export type CallerRoom = {
  readonly rules: RoomRules;
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  readonly view: RoomView;
  readonly caller: RoomCaller;
  readonly random: SeededRandom;
  readonly failures: unknown[];
  /** So many more devices join and stay connected. */
  join(count: number): void;
};

/** A gateway's caller and view of a room, not started: it knows no device yet. */
export function gatewayOn(
  store: MemoryStore,
  clock: Clock,
  rules: RoomRules,
  more: Pick<RoomCallerNeeds, 'sparesStore' | 'knowsPresent'> = {},
) {
  const view = new RoomView(rules, clock);
  const failures: unknown[] = [];
  store.follow(rules.id, 0, changes => view.apply(changes));
  let passes = 0;
  const caller = new RoomCaller({
    rules,
    store,
    clock,
    draw: plainDraw,
    holder: 'gateway',
    newPassId: () => {
      passes += 1;
      return `pass-${passes}`;
    },
    present: () => view.present,
    ...more,
    onTrouble: () => undefined,
    onFailure: error => failures.push(error),
  });
  return { view, caller, failures };
}

export async function openCallerRoom(changed: Partial<RoomRules>, seed = 1): Promise<CallerRoom> {
  const rules = { ...testRules, ...changed };
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore(clock);
  const { view, caller, failures } = gatewayOn(store, clock, rules);
  await caller.start();
  const join = (count: number) => {
    for (let joined = 0; joined < count; joined += 1) view.attach(store.takeNumbers(rules.id, 1));
  };
  return { rules, clock, store, view, caller, random: seededRandom(seed), failures, join };
}

/** Whoever is called claims after a while; null: never. */
export function claimAfter(room: CallerRoom, delayMsOf: (place: number) => number | null): void {
  const { clock, caller, view } = room;
  const claim = (place: number): void => {
    caller.ask({ kind: 'claim', place }).then(
      answer => {
        if (answer.kind === 'entering') clock.after(500, () => claim(place));
      },
      () => undefined,
    );
  };
  view.onChange(changes => {
    for (const place of placesCalled(changes)) {
      const delayMs = delayMsOf(place);
      if (delayMs !== null) clock.after(delayMs, () => claim(place));
    }
  });
}

/** A second of good answers, as a gateway would report it. */
export function wellSeen({ caller }: Pick<CallerRoom, 'caller'>): void {
  const tally = new ShopTally();
  for (let answer = 0; answer < 50; answer += 1) tally.add('inside', false, 15);
  const report = tally.take();
  if (report !== null) caller.ask({ kind: 'shop-seen', report }).catch(String);
}

export function placesCalled(changes: readonly RoomChange[]): readonly number[] {
  return changes.flatMap(change => (change.kind === 'called' ? change.places : []));
}

/** The instants of all admissions from now on, one entry for each. */
export function admissionsOf({ view }: Pick<CallerRoom, 'view'>): number[] {
  const admittedAtMs: number[] = [];
  view.onChange(changes => {
    for (const change of changes) {
      if (change.kind === 'admitted') admittedAtMs.push(...change.passes.map(() => change.atMs));
    }
  });
  return admittedAtMs;
}

/** The most of these instants within any span of this length. */
export function mostWithin(instantsMs: readonly number[], spanMs: number): number {
  let most = 0;
  let from = 0;
  instantsMs.forEach((atMs, index) => {
    while ((instantsMs[from] ?? 0) <= atMs - spanMs) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}
