// The autopilot of a room as operators see it: what it may do, what it did last, and why in words.

import type { AutopilotCause, AutopilotMode, AutopilotRules } from '../queue/autopilot-rules.ts';
import { autopilotRules } from '../queue/pace-in-force.ts';
import type { RoomRules } from '../queue/room-rules.ts';
import type { RoomState } from '../queue/room-state.ts';

export type AutopilotReport = AutopilotRules & {
  readonly mode: AutopilotMode;
  /** The pace it set, or in shadow would set; null while it has none. */
  readonly pacePerMinute: number | null;
  /** Null while it has decided nothing. */
  readonly cause: AutopilotCause | null;
  readonly reason: string;
  /** Nearly every answer carries an error signature, and always did: the signature is left out of account. */
  readonly signatureUseless: boolean;
};

export function reportAutopilot(
  state: Pick<RoomState, 'settings' | 'autopilot'>,
  rules: RoomRules,
  signatureUseless: boolean,
): AutopilotReport {
  const { mode, minPerMinute, maxPerMinute, stepPercent, latencyTargetMs } = autopilotRules(state, rules);
  const bounds = { mode, minPerMinute, maxPerMinute, stepPercent, latencyTargetMs };
  const { pacePerMinute, cause, reason } = state.autopilot;
  const warning = signatureUseless ? 'an error signature matches nearly every page and is left out of account; ' : '';
  if (mode === 'off') {
    const off = `${warning}off: the pace is the one set by the operator`;
    return { ...bounds, pacePerMinute: null, cause: null, reason: off, signatureUseless };
  }
  const advice = mode === 'shadow' ? 'advice only: ' : '';
  return {
    ...bounds,
    pacePerMinute,
    cause: pacePerMinute === null ? null : cause,
    reason: `${warning}${advice}${reason}`,
    signatureUseless,
  };
}
