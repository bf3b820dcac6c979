// Passes: what the shop accepts, JWS ES256, so that anybody can verify one with the JWKS. Making and reading them one
// by one; pass-verifier.ts remembers the answers. Rules PS6 to PS10.
import { sign } from 'node:crypto';
import { compactVerify } from 'jose';
import {
  type Claims,
  clockLeewayMs,
  type HereAndNow,
  type InvalidReason,
  issuer,
  readClaims,
  secondsOf,
} from './claims.ts';
import { type Keys, keyOf, type PassKey, signerAt } from './key-set.ts';
import { TokenError } from './token-error.ts';

export const passLengthMax = 1024;
/** Two numbers of 32 bytes in base64url. */
const signatureLength = 86;

export type NewPass = {
  readonly room: string;
  readonly passId: string;
  readonly number: number;
  readonly nowMs: number;
  readonly expiresAtMs: number;
};

export type PassClaims = {
  readonly room: string;
  readonly passId: string;
  readonly number: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
};

/** `expired` is genuine: the room's record of alive passes decides whether it still holds. */
export type PassVerdict =
  | { readonly kind: 'valid'; readonly claims: PassClaims }
  | { readonly kind: 'expired'; readonly claims: PassClaims }
  | { readonly kind: 'invalid'; readonly code: 'pass-invalid'; readonly reason: InvalidReason }
  | { readonly kind: 'other-room'; readonly code: 'pass-other-room'; readonly room: string };

/** What holds of a token in any room at any time; `judgePass` adds the two. */
export type PassReading =
  | {
      readonly kind: 'genuine';
      readonly notBeforeMs: number;
      readonly key: PassKey;
      readonly valid: Extract<PassVerdict, { readonly kind: 'valid' }>;
      readonly expired: Extract<PassVerdict, { readonly kind: 'expired' }>;
    }
  | { readonly kind: 'refused'; readonly verdict: Extract<PassVerdict, { readonly kind: 'invalid' }> };

/**
 * By node:crypto and at once, as tickets are: less work than the way to WebCrypto's thread and back, in loadtest/'s
 * bench-tokens. jose must agree in the tests.
 */
export function signPass(keys: Pick<Keys, 'passes'>, pass: NewPass): string {
  const { room, passId, number, nowMs, expiresAtMs } = pass;
  const key = signerAt(keys.passes, nowMs);
  const { issued, expires } = secondsOf(nowMs, expiresAtMs);
  const claims = { iss: issuer, aud: room, n: number, jti: passId, nbf: issued, iat: issued, exp: expires };
  const payload = JSON.stringify(claims);
  // What could not be verified later must not be handed out.
  if (readClaims(payload) === undefined) throw new TokenError('claim-unsafe', `No pass can carry ${payload}.`);
  const signed = key.head + Buffer.from(payload).toString('base64url');
  return `${signed}.${sign('sha256', Buffer.from(signed), key.signer).toString('base64url')}`;
}

/** Never rejects, whatever the token. */
export async function verifyPass(keys: Pick<Keys, 'passes'>, token: string, at: HereAndNow): Promise<PassVerdict> {
  const refusal = refuseByForm(keys, token);
  return refusal ?? judgePass(await readPass(keys, token), at);
}

/** What can be refused without any cryptography; undefined when the signature must decide. */
export function refuseByForm(keys: Pick<Keys, 'passes'>, token: string): PassVerdict | undefined {
  if (token.length > passLengthMax) return invalid('too-long');
  if (Buffer.byteLength(token) !== token.length) return invalid('malformed');
  const key = keyOf(keys.passes, token);
  if (key === undefined) return invalid('foreign-header');
  if (token.indexOf('.', key.head.length) !== token.length - signatureLength - 1) return invalid('malformed');
  // One pass has one text: the unused last bits of the signature are zero.
  const signature = token.slice(-signatureLength);
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return invalid('malformed');
  return undefined;
}

export async function readPass(keys: Pick<Keys, 'passes'>, token: string): Promise<PassReading> {
  const key = keyOf(keys.passes, token);
  if (key === undefined) return { kind: 'refused', verdict: invalid('foreign-header') };
  let payload: string;
  try {
    payload = Buffer.from((await compactVerify(token, key.publicKey, { algorithms: ['ES256'] })).payload).toString();
  } catch {
    // jose throws for every token that it does not accept; a verdict says so here.
    return { kind: 'refused', verdict: invalid('bad-signature') };
  }
  const claims = readClaims(payload);
  if (claims === undefined) return { kind: 'refused', verdict: invalid('bad-claims') };
  const passClaims = passClaimsOf(claims);
  return {
    kind: 'genuine',
    notBeforeMs: claims.notBeforeMs,
    key,
    valid: { kind: 'valid', claims: passClaims },
    expired: { kind: 'expired', claims: passClaims },
  };
}

export function judgePass(reading: PassReading, at: HereAndNow): PassVerdict {
  if (reading.kind === 'refused') return reading.verdict;
  const { claims } = reading.valid;
  if (at.nowMs >= reading.key.retiresAtMs) return invalid('key-retired');
  if (claims.room !== at.room) return { kind: 'other-room', code: 'pass-other-room', room: claims.room };
  if (at.nowMs < reading.notBeforeMs - clockLeewayMs) return invalid('not-yet-valid');
  return at.nowMs < claims.expiresAtMs ? reading.valid : reading.expired;
}

function passClaimsOf(claims: Claims): PassClaims {
  const { room, id, number, issuedAtMs, expiresAtMs } = claims;
  return { room, passId: id, number, issuedAtMs, expiresAtMs };
}

function invalid(reason: InvalidReason): Extract<PassVerdict, { readonly kind: 'invalid' }> {
  return { kind: 'invalid', code: 'pass-invalid', reason };
}
