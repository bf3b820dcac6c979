// What the configuration fixes for a room. The operator's later settings live in the room state and win over these.

import type { AutopilotRules } from './autopilot-rules.ts';

/** The part of a room's settings that decides about its line. Instants are epoch milliseconds, `null` means not set. */
export type RoomRules = {
  readonly id: string;
  readonly opensAtMs: number | null;
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  /** Calls and admissions per minute. */
  readonly pacePerMinute: number;
  /** How many passes may be alive at once. */
  readonly activeCap: number;
  readonly claimWindowMs: number;
  /** How often a called device may ask for more time; absent: never. */
  readonly claimExtensions?: number;
  readonly graceTimeMs: number;
  readonly passIdleMs: number;
  readonly passMaxMs: number;
  /** So much longer may a pass last that was used at the checkout; absent: 0. */
  readonly checkoutExtraMs?: number;
  /** So long after the end of its time may an active device come back ahead of the line; absent: not at all. */
  readonly comebackMs?: number;
  /** Absent: off. */
  readonly autopilot?: AutopilotRules;
  readonly ticketLifetimeMs: number;
};

/** Room for a late tick: so much of the pace may be caught up at once (0.75 % of any ten seconds). */
export const paceBurstMs = 75;

/** So much more time each extension of a call gives: a minute, or the claim window where that is shorter. */
export function claimExtensionMs(rules: RoomRules): number {
  return Math.min(60_000, rules.claimWindowMs);
}

/** How long the claim gate holds a request before it answers "entering". */
export const claimHoldMs = 2_000;

/** Where devices come at random at half the pace, hardly one in 500 has to wait for more of the pace than this many. */
const walkInIntervals = 5;
const walkInHoldMsMin = 1_000;
/** A gateway asks another for so long at most, and a little more. */
const walkInHoldMsMax = 4_000;

/**
 * A device that may walk straight in as soon as the pace allows one more is held so long before it waits in line: some
 * intervals of the pace, from 75 a minute on. // CL80
 */
export function walkInHoldMs(pacePerMinute: number): number {
  return Math.min(walkInHoldMsMax, Math.max(walkInHoldMsMin, (walkInIntervals * 60_000) / pacePerMinute));
}

/** A device that is entering keeps its turn while it asks again within this time after the gate's answer. */
export const claimTurnMs = 6_000;

/** Uses of passes reach the caller in batches, at most so long after the use: no pass is idle before that is over. */
export function useReportMs(rules: RoomRules): number {
  return Math.min(2_000, rules.passIdleMs / 4);
}

/** How often the count of numbers handed out is noted: some two dozen notes cover a ticket's lifetime. */
export function checkpointPeriodMs(rules: RoomRules): number {
  return Math.max(3_600_000, rules.ticketLifetimeMs / 24);
}
