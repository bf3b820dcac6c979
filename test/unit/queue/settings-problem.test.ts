// Settings that make no sense in the room as it is: the caller decides, so of two that are asked for at once one is refused.

import { expect, test } from 'vitest';
import type { RoomAnswer } from '../../../src/queue/answer-request.ts';
import type { AutopilotRules } from '../../../src/queue/autopilot-rules.ts';
import type { OperatorSettings } from '../../../src/queue/room-change.ts';
import { openCallerRoom } from '../../support/caller-room.ts';
import { startMs } from '../../support/room-turns.ts';

const autopilot: AutopilotRules = {
  ...{ mode: 'on', minPerMinute: 60, maxPerMinute: 6_000, stepPercent: 10, latencyTargetMs: null },
};

/** What the caller answers to settings that are asked for in one moment. */
async function askAtOnce(sets: readonly OperatorSettings[]) {
  const room = await openCallerRoom({ autopilot });
  const asked = sets.map(settings => room.caller.ask({ kind: 'settings', settings }));
  await room.clock.advance(100);
  const answers: RoomAnswer[] = await Promise.all(asked);
  const { settings } = room.view.state;
  await room.caller.stop();
  return { answers, settings };
}

// `refused`: a gateway of an older version knows this kind and its reason. // AP125
const senseless = (field: string, detail: RegExp) => ({
  kind: 'refused',
  reason: expect.stringMatching(new RegExp(`^${field} .*${detail.source}`)),
  problem: { field, detail: expect.stringMatching(detail) },
});

// Each was judged by the room as it had been shown, and both were done.
test('[AP121] of two writes at once that cross the bounds of the autopilot the second is refused, with what is in force by then', async () => {
  const { answers, settings } = await askAtOnce([
    { autopilot: { maxPerMinute: 100 } },
    { autopilot: { minPerMinute: 101 } },
    { pacePerMinute: 101 },
    { pacePerMinute: 100 },
  ]);
  expect(answers).toEqual([
    { kind: 'done' },
    senseless('minPerMinute', /least pace 101 and the greatest 100; in force are 60 to 100/),
    senseless('perMinute', /outside the bounds.*in force are 60 to 100/),
    { kind: 'done' },
  ]);
  expect(settings).toEqual({ autopilot: { maxPerMinute: 100 }, pacePerMinute: 100 });
});

test('[AP121] [OP72] of two writes at once that put the end before the start the second is refused', async () => {
  const { answers, settings } = await askAtOnce([
    { startsAtMs: startMs + 60_000 },
    { endsAtMs: startMs + 30_000 },
    { endsAtMs: startMs - 1 },
  ]);
  expect(answers).toEqual([
    { kind: 'done' },
    senseless('endsAt', /is before the start/),
    senseless('endsAt', /is over/),
  ]);
  expect(settings).toEqual({ startsAtMs: startMs + 60_000 });
});
