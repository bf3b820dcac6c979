// Refuses bounds of the autopilot that are crossed, and a pace outside the bounds while the autopilot holds it inside them:
// both would be answered as done and come to nothing.
import type { RoomRequest } from '../../queue/answer-request.ts';
import { type OpsAnswer, opsProblem } from '../ops-problem.ts';
import type { RoomReport } from '../room-report.ts';

/** AP84 */
export function boundsProblem({ autopilot }: RoomReport, request: RoomRequest): OpsAnswer | null {
  if (request.kind !== 'settings') return null;
  const { autopilot: set, pacePerMinute } = request.settings;
  const { mode, minPerMinute, maxPerMinute } = { ...autopilot, ...set };
  const inForce = `in force are ${autopilot.minPerMinute} to ${autopilot.maxPerMinute} a minute`;
  if (set !== undefined && minPerMinute > maxPerMinute) {
    const field = set.minPerMinute === undefined ? 'maxPerMinute' : 'minPerMinute';
    return problem(field, `would make the least pace ${minPerMinute} and the greatest ${maxPerMinute}; ${inForce}`);
  }
  if (pacePerMinute == null || mode !== 'on') return null;
  if (pacePerMinute >= minPerMinute && pacePerMinute <= maxPerMinute) return null;
  return problem('perMinute', `is outside the bounds of the autopilot, which is on; ${inForce}`);
}

function problem(field: string, detail: string): OpsAnswer {
  return opsProblem('invalid-value', `${field} ${detail}.`, { problems: [{ field, detail }] });
}
