// The claims that tickets and passes have in common: reading them out of a payload whose signature is already known
// to be ours. Whether they hold now and here is for ticket.ts and pass.ts to judge.

import { TokenError } from './token-error.ts';

export const issuer = 'junban';
/** How far another gateway's clock may run ahead of ours before its fresh tokens are refused. */
export const clockLeewayMs = 60_000;
const idLengthMax = 128;

export type Claims = {
  readonly room: string;
  /** The arrival number. */
  readonly number: number;
  readonly id: string;
  readonly notBeforeMs: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
};

/** What a token is checked against. */
export type HereAndNow = { readonly room: string; readonly nowMs: number };

/** Why a token is refused; for logs and metrics, a client needs the code only. */
export type InvalidReason =
  | 'too-long'
  | 'malformed'
  | 'foreign-header'
  | 'key-retired'
  | 'bad-signature'
  | 'bad-claims'
  | 'not-yet-valid'
  | 'expired';

/** Of a claim that appears twice the last one counts (RFC 7519, section 4). Undefined when any claim is missing or odd. */
export function readClaims(payload: string): Claims | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    // A payload that is no JSON has no claims; the caller answers with a verdict.
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  // Every field is checked below; the cast only gives them names.
  const { iss, aud, n, jti, nbf, iat, exp } = parsed as Record<string, unknown>;
  if (iss !== issuer || !isId(aud) || !isId(jti)) return undefined;
  if (!isWhole(n) || !isWhole(nbf) || !isWhole(iat) || !isWhole(exp)) return undefined;
  if (exp <= nbf) return undefined;
  return {
    room: aud,
    number: n,
    id: jti,
    notBeforeMs: nbf * 1000,
    issuedAtMs: iat * 1000,
    expiresAtMs: exp * 1000,
  };
}

/** JWT times are whole seconds; a life is never cut short by the rounding. Throws `claim-unsafe` for what is no time. */
export function secondsOf(nowMs: number, expiresAtMs: number): { readonly issued: number; readonly expires: number } {
  const issued = Math.floor(nowMs / 1000);
  const expires = Math.max(Math.ceil(expiresAtMs / 1000), issued + 1);
  if (!isWhole(issued) || !isWhole(expires)) {
    throw new TokenError('claim-unsafe', `No token can live from ${nowMs} to ${expiresAtMs}.`);
  }
  return { issued, expires };
}

export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= idLengthMax;
}

export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
