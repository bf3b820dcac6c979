// Whether a request carries a pass that is alive and belongs to its device.

import type { PassClaims, PassVerdict } from '../tokens/pass.ts';
import { passCookieName, readCookie } from './cookies.ts';
import type { Visit } from './visit.ts';

/** Whose pass is asked for. */
type Caller = Pick<Visit, 'exchange' | 'door' | 'found'>;

/** The pass that a request carries, if it is alive and belongs to this device. */
export function alivePass(visit: Caller): PassClaims | null | Promise<PassClaims | null> {
  const { exchange, door } = visit;
  const token = readCookie(exchange.accepted.cookie, passCookieName(door.id, exchange.client.secure));
  if (token === null) return null;
  const verdict = door.peekPass(token);
  return verdict === undefined
    ? door.readPass(token).then(read => aliveClaims(visit, read))
    : aliveClaims(visit, verdict);
}

/** The room's record decides whether a pass is alive; what the token says of its end is for those who cannot ask us. */
function aliveClaims({ door, found }: Caller, verdict: PassVerdict): PassClaims | null {
  if (verdict.kind !== 'valid' && verdict.kind !== 'expired') return null;
  const { claims } = verdict;
  if (!door.view.state.passes.has(claims.passId)) return null;
  // A pass beside another device's ticket was handed on. // PS21
  return found.kind === 'ticket' && found.number !== claims.number ? null : claims;
}
