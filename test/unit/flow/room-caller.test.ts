// The caller over a store: the exact pace, turns that survive outages, and answers only for what was committed.
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/flow/clock.ts';
import { RoomCaller } from '../../../src/flow/room-caller.ts';
import { RoomView } from '../../../src/flow/room-view.ts';
import type { RoomAnswer, RoomRequest } from '../../../src/queue/answer-request.ts';
import type { RoomRules } from '../../../src/queue/room-rules.ts';
import { gatewayOn } from '../../support/caller-room.ts';
import { plainDraw } from '../../support/draw-desk.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { startMs, testRules } from '../../support/room-turns.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** `timersLateMs`: every timer that comes again and again comes so much later each time. */
async function roomOf(devices: number, changed: Partial<RoomRules> = {}, sparesStore = false, timersLateMs = 0) {
  const rules = { ...testRules, ...changed };
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore(clock);
  const late: Clock = {
    nowMs: () => clock.nowMs(),
    after: (delayMs, act) => clock.after(delayMs, act),
    every: (periodMs, act) => clock.every(periodMs + timersLateMs, act),
  };
  const gateway = gatewayOn(store, late, rules, { sparesStore });
  for (let number = 0; number < devices; number += 1) gateway.view.attach(store.takeNumbers(rules.id, 1));
  await gateway.caller.start();
  return { rules, clock, store, ...gateway };
}

describe('RoomCaller', () => {
  test('[ST102] a request that cannot be understood fails alone, not those of its turn', async () => {
    const { clock, caller, failures } = await roomOf(1);
    const bad: RoomRequest = JSON.parse('{"kind":"use-passes"}');
    const outcomes = Promise.allSettled(
      [bad, { kind: 'end-pass', passId: 'none', cause: 'left' } as const].map(each => caller.ask(each)),
    );
    await clock.advance(100);
    expect(await outcomes).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: { kind: 'done' } }]);
    expect(failures).toHaveLength(1);
  });

  test('[PS161] only a turn of nothing but walk-ins is not waited for until it would survive the loss of power', async () => {
    const { clock, store, caller } = await roomOf(0);
    await clock.advance(1_000);
    const lastAfter = async (...requests: RoomRequest[]) => {
      const answers = Promise.all(requests.map(request => caller.ask(request)));
      await clock.advance(1_000);
      return [(await answers).map(({ kind }) => kind), store.durabilities.at(-1)];
    };
    expect(await lastAfter({ kind: 'enter', place: 0 })).toEqual([['admitted'], 'written']);
    const message = { kind: 'settings', settings: { message: 'late' } } as const;
    expect(await lastAfter({ kind: 'enter', place: 1 }, message)).toEqual([['admitted', 'done'], 'synced']);
    expect(await lastAfter({ kind: 'end-pass', passId: 'pass-1', cause: 'left' })).toEqual([['done'], 'synced']);
  });

  test('[LN21] with constant demand a minute admits the pace within 0.2 %, and no 10 s more than 1 % and one', async () => {
    const { clock, view, caller, failures } = await roomOf(2_500, { pacePerMinute: 1_000, activeCap: 10_000 });
    const admittedAtMs: number[] = [];
    view.onChange(changes => {
      for (const change of changes) {
        if (change.kind === 'called')
          for (const place of change.places) caller.ask({ kind: 'claim', place }).catch(String);
        if (change.kind === 'admitted') for (const _pass of change.passes) admittedAtMs.push(change.atMs);
      }
    });
    await clock.advance(70_000);
    const inMinute = admittedAtMs.filter(atMs => atMs >= startMs + 5_000 && atMs < startMs + 65_000).length;
    expect(Math.abs(inMinute - 1_000)).toBeLessThanOrEqual(2);
    admittedAtMs.forEach((atMs, index) => {
      const inWindow = admittedAtMs.slice(index).filter(later => later < atMs + 10_000).length;
      expect(inWindow).toBeLessThanOrEqual((1_000 / 6) * 1.01 + 1);
    });
    expect(failures).toEqual([]);
  });

  test.each([
    // Turns at another beat than the pace lost one in six.
    { pacePerMinute: 360, commitsMax: 12.1 },
    { pacePerMinute: 450, commitsMax: 10.1 },
    { pacePerMinute: 600, commitsMax: 10.1 },
    // Turns that were a fixed time apart lost one in a hundred, as timers come a little late each time.
    { pacePerMinute: 600, commitsMax: 10.1, timersLateMs: 1 },
    { pacePerMinute: 1_000, commitsMax: 20.1, timersLateMs: 1 },
    { pacePerMinute: 1_000, commitsMax: 20.1 },
    { pacePerMinute: 1_200, commitsMax: 20.1 },
    { pacePerMinute: 2_400, commitsMax: 20.1 },
    { pacePerMinute: 6_000, commitsMax: 20.1, timersLateMs: 1 },
  ])(
    '[LN21] [LN66] at $pacePerMinute a minute a store that is spared gets at most $commitsMax commits a second, and the pace stays exact',
    async ({ pacePerMinute, commitsMax, timersLateMs = 0 }) => {
      const changed = { pacePerMinute, activeCap: 10_000 };
      const { clock, view, caller } = await roomOf(1.3 * pacePerMinute, changed, true, timersLateMs);
      const admittedAtMs: number[] = [];
      let commits = 0;
      let waitMsMax = 0;
      view.onChange(changes => {
        commits += 1;
        for (const change of changes) {
          if (change.kind === 'admitted') for (const _pass of change.passes) admittedAtMs.push(change.atMs);
          if (change.kind !== 'called') continue;
          // Devices claim a while after they are called, not with the caller's turns.
          for (const place of change.places) {
            clock.after(37 + ((place * 13) % 100), () => {
              const askedAtMs = clock.nowMs();
              const waited = () => {
                waitMsMax = Math.max(waitMsMax, clock.nowMs() - askedAtMs);
              };
              caller.ask({ kind: 'claim', place }).then(waited, String);
            });
          }
        }
      });
      await clock.advance(5_000);
      const before = { commits, admitted: admittedAtMs.length };
      await clock.advance(60_000);
      expect(Math.abs(admittedAtMs.length - before.admitted - pacePerMinute)).toBeLessThanOrEqual(
        pacePerMinute * 0.002 + 1,
      );
      expect((commits - before.commits) / 60).toBeLessThanOrEqual(commitsMax);
      admittedAtMs.forEach((atMs, index) => {
        const later = admittedAtMs[index + Math.floor((pacePerMinute / 6) * 1.01 + 1)];
        if (later !== undefined) expect(later - atMs).toBeGreaterThanOrEqual(10_000);
      });
      expect(waitMsMax).toBeLessThan(Math.max(200, 2 * (60_000 / pacePerMinute)));
    },
    60_000,
  );

  test('[LN61] after a restart nobody is called before the devices had time to come back, then the first of them', async () => {
    const { rules, clock, store, view, caller } = await roomOf(6, { pacePerMinute: 60_000, activeCap: 2 });
    await clock.advance(1_000);
    expect([...view.state.calls.keys()]).toEqual([0, 1]);
    await caller.stop();
    const next = gatewayOn(store, clock, rules);
    await next.caller.start();
    // The last comes back first.
    for (const number of [5, 4]) next.view.attach(number);
    await clock.advance(2_900);
    for (const number of [3, 2, 1, 0]) next.view.attach(number);
    await clock.advance(1_000);
    expect(next.view.state.called.count).toBe(2);
    await Promise.all([next.caller.ask({ kind: 'settings', settings: { activeCap: 4 } }), clock.advance(1_000)]);
    expect([...next.view.state.calls.keys()].sort()).toEqual([0, 1, 2, 3]);
  });

  test.each([
    ['once it knows what the others say', 300],
    ['after 4 s though it cannot be known', Number.POSITIVE_INFINITY],
  ])(
    '[LN151] where gateways share a room a new caller calls nobody before it knows who is there: %s',
    async (_, atMs) => {
      // It called by a snapshot of before, past devices that had been there for seconds.
      const clock = new VirtualClock(startMs);
      const rules = { ...testRules, pacePerMinute: 6_000, activeCap: 10 };
      const knownAtMs = startMs + atMs;
      const knowsPresent = () => clock.nowMs() >= knownAtMs;
      const { view, caller } = gatewayOn(new MemoryStore(clock), clock, rules, { knowsPresent });
      view.attach(3);
      await caller.start();
      const calledAfterMs = async () => {
        while (view.state.calls.size === 0) await clock.advance(25);
        return clock.nowMs() - startMs;
      };
      const afterMs = await calledAfterMs();
      expect(afterMs).toBeGreaterThanOrEqual(Math.min(atMs, 4_000));
      expect(afterMs).toBeLessThanOrEqual(Math.min(atMs, 4_000) + 100);
    },
  );

  // The turn was reckoned from the asking, so that two seconds at the gate were taken off it.
  test('[CL47] a device keeps its turn for the full time after the gate has answered "entering"', async () => {
    const { clock, caller, view } = await roomOf(2, { activeCap: 1, claimWindowMs: 1_000 });
    await clock.advance(500);
    await Promise.all([caller.ask({ kind: 'claim', place: 0 }), clock.advance(100)]);
    await clock.advance(500);
    // The cap is reached, so the second is called only when the first is out.
    caller.ask({ kind: 'end-pass', passId: 'pass-1', cause: 'shop' }).catch(String);
    await clock.advance(100);
    expect(view.state.calls.has(1)).toBe(true);
    caller.ask({ kind: 'settings', settings: { activeCap: 0 } }).catch(String);
    let answer: RoomAnswer | null = null;
    caller.ask({ kind: 'claim', place: 1 }).then(
      given => {
        answer = given;
      },
      () => undefined,
    );
    await clock.advance(2_100);
    expect(answer).toEqual({ kind: 'entering' });
    await clock.advance(5_900);
    expect(view.state.calls.has(1)).toBe(true);
    await clock.advance(200);
    expect(view.state.missed.has(1)).toBe(true);
  });

  test('[CL48] an answer that was lost is found again: no device is let in twice', async () => {
    const { clock, store, caller, view } = await roomOf(1);
    await clock.advance(100);
    store.fate = operation => ({ delayMs: 2, outcome: operation === 'commit' ? 'answer-lost' : 'answered' });
    const lost = caller.ask({ kind: 'claim', place: 0 }).then(
      () => 'answered',
      error => error.code,
    );
    await clock.advance(100);
    expect(await lost).toBe('unavailable');
    store.fate = () => ({ delayMs: 0, outcome: 'answered' });
    await clock.advance(200);
    expect(view.state.totals.admitted).toBe(1);
    const again = caller.ask({ kind: 'claim', place: 0 });
    await clock.advance(100);
    expect(await again).toEqual({ kind: 'admitted', passId: 'pass-1', fresh: false });
  });

  test('[CL49] an outage of the store costs nobody claim window', async () => {
    const { clock, store, view } = await roomOf(1, { claimWindowMs: 10_000 });
    await clock.advance(2_000);
    store.fate = () => ({ delayMs: 1, outcome: 'refused' });
    await clock.advance(60_000);
    store.fate = () => ({ delayMs: 0, outcome: 'answered' });
    await clock.advance(7_000);
    expect(view.state.calls.has(0)).toBe(true);
    await clock.advance(5_000);
    expect(view.state.missed.has(0)).toBe(true);
  });

  // The lead was taken, so the store had heard of a caller again, and then the record of the time before it was refused.
  test('[LN80] the time in which nobody called is recorded though the first commit after it failed', async () => {
    const { clock, rules, store, caller, view } = await roomOf(1, { claimWindowMs: 30_000 });
    await clock.advance(2_000);
    await caller.stop();
    await clock.advance(60_000);
    const later = gatewayOn(store, clock, rules);
    later.view.attach(0);
    let refusals = 2;
    store.fate = operation => {
      const isRefused = operation === 'commit' && refusals > 0;
      if (isRefused) refusals -= 1;
      return { delayMs: 300, outcome: isRefused ? 'refused' : 'answered' };
    };
    const started = later.caller.start();
    await clock.advance(20_000);
    await started;
    expect(refusals).toBe(0);
    expect(view.state.calls.has(0)).toBe(true);
    await clock.advance(12_000);
    expect(view.state.missed.has(0)).toBe(true);
  });

  // A request during the start ran a second turn beside the first, and one of them was fenced off.
  test('[LN22] turns are taken one at a time, also while the first is under way', async () => {
    const clock = new VirtualClock(startMs);
    const store = new MemoryStore(clock);
    store.fate = () => ({ delayMs: 40, outcome: 'answered' });
    let commitsUnderWay = 0;
    const commit = store.commit.bind(store);
    store.commit = async (...given) => {
      commitsUnderWay += 1;
      expect(commitsUnderWay).toBe(1);
      const outcome = await commit(...given);
      commitsUnderWay -= 1;
      expect(outcome.kind).toBe('committed');
      return outcome;
    };
    const view = new RoomView(testRules, clock);
    const caller = new RoomCaller({
      rules: testRules,
      store,
      clock,
      draw: plainDraw,
      holder: 'gateway',
      newPassId: () => 'pass',
      present: () => view.present,
      onTrouble: () => undefined,
      onFailure: error => {
        throw error;
      },
    });
    const started = caller.start();
    const asked = caller.ask({ kind: 'hold', hold: 'paused', on: true });
    await clock.advance(1_000);
    await started;
    expect(await asked).toEqual({ kind: 'done' });
    const stopped = caller.stop();
    await clock.advance(1_000);
    await stopped;
    await expect(caller.ask({ kind: 'hold', hold: 'paused', on: false })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});
