// Tickets: the signed arrival number of a device in a room, JWS HS256. They are made and read at the rate of the rush,
// so node:crypto signs them synchronously; jose does the same in the tests and must agree. Rules PS1 to PS8.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
  clockLeewayMs,
  type HereAndNow,
  type InvalidReason,
  isId,
  issuer,
  isWhole,
  readClaims,
  secondsOf,
} from './claims.ts';
import { type Keys, keyOf, signerAt, type TicketKey, ticketLengthMax } from './key-set.ts';
import { TokenError } from './token-error.ts';

/** 32 bytes in base64url. */
const signatureLength = 43;

export type TicketVerdict =
  | { readonly kind: 'valid'; readonly number: number; readonly issuedAtMs: number; readonly expiresAtMs: number }
  | { readonly kind: 'invalid'; readonly code: 'ticket-invalid'; readonly reason: InvalidReason }
  | { readonly kind: 'other-room'; readonly code: 'ticket-other-room'; readonly room: string };

export type NewTicket = {
  readonly room: string;
  readonly number: number;
  readonly nowMs: number;
  readonly lifetimeMs: number;
};

// A random prefix for each process and a count make ids that are unique and cost nothing.
const idPrefix = randomBytes(8).toString('base64url');
let idsGiven = 0;

/** What the tickets of a room have in common for as long as its second lasts. */
type Front = { readonly key: TicketKey; readonly issued: number; readonly expires: number; readonly text: string };
const fronts = new Map<string, Front>();
const frontsMax = 1_000;

/** Long enough for what of a payload is not in the front: a number, an id. */
const scratch = Buffer.alloc(128);
const presented = Buffer.alloc(signatureLength);
const expected = Buffer.alloc(signatureLength);

export function signTicket(keys: Pick<Keys, 'tickets'>, ticket: NewTicket): string {
  const { room, number, nowMs, lifetimeMs } = ticket;
  if (!isId(room) || !isWhole(number)) {
    throw new TokenError('claim-unsafe', `No ticket can carry the room ${room} and the number ${number}.`);
  }
  const key = signerAt(keys.tickets, nowMs);
  const { issued, expires } = secondsOf(nowMs, nowMs + lifetimeMs);
  idsGiven += 1;
  const rest = `"n":${number},"jti":"${idPrefix}-${idsGiven}"}`;
  const signed = frontOf(key, room, issued, expires) + scratch.toString('base64url', 0, scratch.write(rest, 'latin1'));
  // What could not be verified later must not be handed out.
  if (signed.length + 1 + signatureLength > ticketLengthMax) {
    throw new TokenError('claim-unsafe', `The room id ${room} is too long.`);
  }
  return `${signed}.${key.hmac.sign(signed)}`;
}

/**
 * Header and common claims, encoded. Base64 goes by three bytes, so they are filled up with blanks, which JSON allows:
 * the rest of the payload can then be encoded apart from them.
 */
function frontOf(key: TicketKey, room: string, issued: number, expires: number): string {
  const known = fronts.get(room);
  if (known?.key === key && known.issued === issued && known.expires === expires) return known.text;
  const claims = `{"iss":"${issuer}","aud":${JSON.stringify(room)},"nbf":${issued},"iat":${issued},"exp":${expires},`;
  const blanks = ' '.repeat((3 - (Buffer.byteLength(claims) % 3)) % 3);
  const text = key.head + Buffer.from(claims + blanks).toString('base64url');
  if (fronts.size >= frontsMax) fronts.clear();
  fronts.set(room, { key, issued, expires, text });
  return text;
}

/** Never throws, whatever the token. Costs one HMAC, and less for a token that does not begin as ours do. */
export function verifyTicket(keys: Pick<Keys, 'tickets'>, token: string, at: HereAndNow): TicketVerdict {
  if (token.length > ticketLengthMax) return invalid('too-long');
  // Only ASCII can be ours; the comparison below relies on one byte a character.
  if (Buffer.byteLength(token) !== token.length) return invalid('malformed');
  const key = keyOf(keys.tickets, token);
  if (key === undefined) return invalid('foreign-header');
  if (at.nowMs >= key.retiresAtMs) return invalid('key-retired');
  const payloadEnd = token.length - signatureLength - 1;
  if (token.indexOf('.', key.head.length) !== payloadEnd) return invalid('malformed');

  // The texts are compared, so an encoding of the right bytes in another way is refused too.
  presented.write(token.slice(payloadEnd + 1), 'latin1');
  expected.write(key.hmac.sign(token.slice(0, payloadEnd)), 'latin1');
  if (!timingSafeEqual(presented, expected)) return invalid('bad-signature');

  const claims = readClaims(Buffer.from(token.slice(key.head.length, payloadEnd), 'base64url').toString());
  if (claims === undefined) return invalid('bad-claims');
  if (claims.room !== at.room) return { kind: 'other-room', code: 'ticket-other-room', room: claims.room };
  if (at.nowMs < claims.notBeforeMs - clockLeewayMs) return invalid('not-yet-valid');
  if (at.nowMs >= claims.expiresAtMs) return invalid('expired');
  return { kind: 'valid', number: claims.number, issuedAtMs: claims.issuedAtMs, expiresAtMs: claims.expiresAtMs };
}

function invalid(reason: InvalidReason): TicketVerdict {
  return { kind: 'invalid', code: 'ticket-invalid', reason };
}
