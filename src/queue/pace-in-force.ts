// Which pace and cap hold now: the file's, the operator's, or the autopilot's within the operator's bounds.

import { callPaceOf } from '../admission/plan-calls.ts';
import type { AutopilotMode, AutopilotRules } from './autopilot-rules.ts';
import { type RoomRules, walkInHoldMs } from './room-rules.ts';
import type { RoomState } from './room-state.ts';

type Steered = Pick<RoomState, 'settings' | 'autopilot'>;

/** The pace in force. */
export function paceOf(state: Steered, rules: RoomRules): number {
  const setPerMinute = setPaceOf(state, rules);
  if (autopilotMode(state, rules) !== 'on') return setPerMinute;
  const { minPerMinute, maxPerMinute } = autopilotRules(state, rules);
  return Math.min(maxPerMinute, Math.max(minPerMinute, state.autopilot.pacePerMinute ?? setPerMinute));
}

/** The pace that was set by hand: the operator's, or the file's. */
export function setPaceOf({ settings }: Pick<RoomState, 'settings'>, rules: RoomRules): number {
  return settings.pacePerMinute ?? rules.pacePerMinute;
}

/** The pace of the calls: above the pace by what no-shows take away. */
export function callPaceIn(state: Steered & Pick<RoomState, 'noShowShare'>, rules: RoomRules): number {
  return callPaceOf(paceOf(state, rules), state.noShowShare);
}

/** How many calls a minute bring as many claims as the pace, as far as no-shows are known. // CL130 */
export function callsExpectedPerMinute(state: Steered & Pick<RoomState, 'noShowShare'>, rules: RoomRules): number {
  return paceOf(state, rules) / (1 - state.noShowShare);
}

/** How many devices may be held at the door at once: as many as the pace lets in meanwhile. */
export function walkInsMax(state: Steered, rules: RoomRules): number {
  const pacePerMinute = paceOf(state, rules);
  return Math.max(1, Math.floor((pacePerMinute * walkInHoldMs(pacePerMinute)) / 60_000));
}

/** The active cap in force: the operator's, or the file's. */
export function capOf(state: Pick<RoomState, 'settings'>, rules: RoomRules): number {
  return state.settings.activeCap ?? rules.activeCap;
}

/**
 * Nobody new is let in, by somebody's word or for the shop's sake, and nobody can know for how long: a hold, draining, no
 * pace, or a cap that was lowered below those inside. // LN32
 */
export function isStanding(state: Steered & Pick<RoomState, 'holds' | 'passes'>, rules: RoomRules): boolean {
  if (state.holds.size > 0 || state.settings.draining === true) return true;
  const activeCap = capOf(state, rules);
  return activeCap <= 0 || state.passes.size > activeCap || paceOf(state, rules) <= 0;
}

/** Everybody for whom there is room is inside or called: the next is called when a pass ends, or a call. // LN140 */
export function isFull(
  { settings, passes, calls, noShowShare }: Pick<RoomState, 'settings' | 'passes' | 'calls' | 'noShowShare'>,
  rules: RoomRules,
): boolean {
  const claimed = 1 - noShowShare;
  return capOf({ settings }, rules) - passes.size - calls.size * claimed < claimed - roundingError;
}

/** The cap holds it back, and nothing else does: as soon as somebody leaves, or soon after, it goes on by itself. // WR180 */
export function waitsForRoom(state: Steered, rules: RoomRules, isCapped: boolean): boolean {
  return isCapped && state.settings.draining !== true && paceOf(state, rules) > 0 && capOf(state, rules) > 0;
}

const roundingError = 1e-6;

/** Bounds and step of the autopilot: the operator's, else the file's. */
export function autopilotRules({ settings }: Pick<RoomState, 'settings'>, rules: RoomRules): AutopilotRules {
  return { ...(rules.autopilot ?? noAutopilot), ...settings.autopilot };
}

export function autopilotMode(state: Pick<RoomState, 'settings'>, rules: RoomRules): AutopilotMode {
  return autopilotRules(state, rules).mode;
}

const noAutopilot: AutopilotRules = {
  mode: 'off',
  minPerMinute: 60,
  maxPerMinute: 6_000,
  stepPercent: 10,
  latencyTargetMs: null,
};
