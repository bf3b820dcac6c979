// Lets go of what is known about tickets that are too old to come back, so that a room that stands open all year costs
// what its present line costs. Pure: it looks at the turn only and records changes on it.

import { checkpointPeriodMs, type RoomRules } from './room-rules.ts';
import { type RoomState, trimmedBelow } from './room-state.ts';
import type { Turn } from './turn.ts';

/** Whether the count of numbers handed out should be noted now. */
export function isCheckpointDue(state: RoomState, rules: RoomRules, nowMs: number): boolean {
  const last = state.checkpoints.at(-1);
  return last === undefined || nowMs - last.atMs >= checkpointPeriodMs(rules);
}

/** Notes how many numbers were handed out, and drops the places of all numbers that are older than a ticket can be. */
export function checkpointAndTrim(turn: Turn, handedOut: number): void {
  const { state, nowMs } = turn;
  turn.record({ kind: 'checkpoint', handedOut, atMs: nowMs });
  const below = placesTooOld(turn);
  // Sets of places keep whole words of 32: less than that frees nothing.
  if (below >= trimmedBelow(state) + 32) turn.record({ kind: 'trimmed', below });
}

/** Every place below this one belongs to a ticket that cannot come back, and to no device that is in line or inside. */
function placesTooOld(turn: Turn): number {
  const { state, rules, nowMs } = turn;
  const { draw } = state;
  const tooOld = state.checkpoints.findLast(({ atMs }) => atMs <= nowMs - rules.ticketLifetimeMs);
  if (tooOld === undefined) return 0;
  // Before the seal no number has its place yet; and drawn places mix numbers of all ages before it.
  const isUnsealed = draw !== null && draw.drawn === null && state.phase !== 'open' && state.phase !== 'ended';
  if (isUnsealed || (draw?.drawn ?? 0) > tooOld.handedOut) return 0;
  let below = tooOld.handedOut;
  for (const place of state.calls.keys()) below = Math.min(below, place);
  for (const place of state.passOfPlace.keys()) below = Math.min(below, place);
  for (const place of turn.line().lowest(1)) below = Math.min(below, place);
  return below;
}
