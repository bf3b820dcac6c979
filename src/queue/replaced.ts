// What an operator's request replaces: for the audit trail, from the caller's own state at the moment it decides, since
// what any gateway shows may be older by then. Pure.

import type { RoomRequest } from './answer-request.ts';
import type { Hold, OperatorSettings, Phase } from './room-change.ts';
import type { RoomState } from './room-state.ts';

/** Of the settings only what the request names; null: none was set. */
export type Replaced = {
  readonly settings?: OperatorSettings;
  readonly holds?: readonly Hold[];
  readonly phase?: Phase;
};

/** Null: the request sets nothing, or its asker does not want to know. */
export function replacedBy({ settings, holds, phase }: RoomState, request: RoomRequest): Replaced | null {
  if (!('tellsReplaced' in request) || request.tellsReplaced !== true) return null;
  if (request.kind === 'hold') return { holds: [...holds] };
  if (request.kind === 'phase') return { phase };
  if (request.kind !== 'settings') return null;
  const names = Object.keys(request.settings);
  const unset = Object.fromEntries(names.map(name => [name, emptyOf[name] ?? null]));
  const set = Object.fromEntries(Object.entries(settings).filter(([name]) => names.includes(name)));
  return { settings: { ...unset, ...set } };
}

/** What an unset setting comes to, where that is not null. */
const emptyOf: Readonly<Record<string, unknown>> = { draining: false, autopilot: {} };

/** The room as it was before: what the request did not touch is as it is now. */
export function asBefore(state: RoomState, { settings, holds, phase }: Replaced): RoomState {
  return {
    ...state,
    settings: { ...state.settings, ...settings },
    holds: holds === undefined ? state.holds : new Set(holds),
    phase: phase ?? state.phase,
  };
}
