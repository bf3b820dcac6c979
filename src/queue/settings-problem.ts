// Why an operator's settings make no sense in the room as it is: times that would never do what they say, bounds of the
// autopilot that are crossed, a pace outside them. Asked by the caller in its turn, so of two writes at once one is refused.

import { autopilotRules } from './pace-in-force.ts';
import type { OperatorSettings } from './room-change.ts';
import type { RoomRules } from './room-rules.ts';
import { type RoomState, scheduleOf } from './room-state.ts';

/** `field` is the one to be mended, as the API names it; `detail` goes on after it. */
export type SettingsProblem = { readonly field: string; readonly detail: string };

/** Null: they make sense. */
export function settingsProblem(
  state: Pick<RoomState, 'settings'>,
  rules: RoomRules,
  set: OperatorSettings,
  nowMs: number,
): SettingsProblem | null {
  return scheduleProblem(state, rules, set, nowMs) ?? boundsProblem(state, rules, set);
}

/** OP72 */
function scheduleProblem(
  { settings }: Pick<RoomState, 'settings'>,
  rules: RoomRules,
  set: OperatorSettings,
  nowMs: number,
): SettingsProblem | null {
  const names = ['opensAt', 'startsAt', 'endsAt'] as const;
  if (names.every(name => set[`${name}Ms`] === undefined)) return null;
  for (const field of names) {
    const atMs = set[`${field}Ms`];
    if (atMs != null && atMs <= nowMs) return { field, detail: 'is over: to do it now, set the phase' };
  }
  const { opensAtMs, startsAtMs, endsAtMs } = scheduleOf({ settings: { ...settings, ...set } }, rules);
  if (opensAtMs !== null && startsAtMs !== null && startsAtMs < opensAtMs)
    return { field: 'startsAt', detail: 'is before opensAt' };
  if (endsAtMs !== null && endsAtMs < (startsAtMs ?? opensAtMs ?? 0))
    return { field: 'endsAt', detail: 'is before the start' };
  return null;
}

/** AP84, AP121 */
function boundsProblem(
  state: Pick<RoomState, 'settings'>,
  rules: RoomRules,
  { autopilot: set, pacePerMinute }: OperatorSettings,
): SettingsProblem | null {
  const before = autopilotRules(state, rules);
  const { mode, minPerMinute, maxPerMinute } = { ...before, ...set };
  const inForce = `in force are ${before.minPerMinute} to ${before.maxPerMinute} a minute`;
  if (set !== undefined && minPerMinute > maxPerMinute) {
    const field = set.minPerMinute === undefined ? 'maxPerMinute' : 'minPerMinute';
    return { field, detail: `would make the least pace ${minPerMinute} and the greatest ${maxPerMinute}; ${inForce}` };
  }
  if (pacePerMinute == null || mode !== 'on') return null;
  if (pacePerMinute >= minPerMinute && pacePerMinute <= maxPerMinute) return null;
  return { field: 'perMinute', detail: `is outside the bounds of the autopilot, which is on; ${inForce}` };
}
