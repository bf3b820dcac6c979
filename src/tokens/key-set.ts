// A key ring made ready for use: key objects, and the exact header that each key's tokens begin with. Which key signs
// and which still verifies is a question of time, asked at every use; nothing here keeps a clock.
import { createSecretKey, KeyObject, type SignKeyObjectInput } from 'node:crypto';
import { type CryptoKey, importJWK } from 'jose';
import { HmacSha256 } from './hmac.ts';
import { type KeyRing, type PassKeyEntry, parseKeyRing, type TicketKeyEntry } from './key-ring.ts';
import { TokenError } from './token-error.ts';

export const ticketType = 'junban-ticket+jwt';
export const passType = 'junban-pass+jwt';
/** Of a whole ticket; the room's id is what varies. */
export const ticketLengthMax = 512;

type KeyUse = {
  readonly kid: string;
  /** The encoded header with its dot. A token of this key starts with exactly this, so no header is ever parsed. */
  readonly head: string;
  readonly signsFromMs: number;
  /** Infinity when the key has no end yet. */
  readonly retiresAtMs: number;
};
export type TicketKey = KeyUse & { readonly secret: KeyObject; readonly hmac: HmacSha256 };
export type PassKey = KeyUse & {
  /** The private key for node:crypto, with signatures in the form of a JWS. */
  readonly signer: SignKeyObjectInput;
  readonly publicKey: CryptoKey;
  readonly publicJwk: PublicJwk;
};
export type PublicJwk = {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
};

/** Both lists hold the key that signs last first. */
export type Keys = { readonly tickets: readonly TicketKey[]; readonly passes: readonly PassKey[] };

/** Throws `key-ring-broken` also for keys that look well but do not work. */
export async function openKeyRing(ring: KeyRing): Promise<Keys> {
  const { ticketKeys, passKeys } = parseKeyRing(ring);
  const passes = await Promise.all(passKeys.map(openPassKey));
  return { tickets: latestFirst(ticketKeys.map(openTicketKey)), passes: latestFirst(passes) };
}

/** The key that began to sign last; while none has begun (another gateway's clock is ahead), the one that begins first. */
export function signerAt<Key extends KeyUse>(keys: readonly Key[], nowMs: number): Key {
  let signer: Key | undefined;
  for (const key of keys) {
    signer = key;
    if (key.signsFromMs <= nowMs) break;
  }
  if (signer === undefined) throw new TokenError('key-ring-broken', 'There is no key to sign with.');
  return signer;
}

/** The key whose tokens begin as this token does. */
export function keyOf<Key extends KeyUse>(keys: readonly Key[], token: string): Key | undefined {
  for (const key of keys) {
    if (token.startsWith(key.head)) return key;
  }
  return undefined;
}

/** What `jwks.json` answers: next, current and previous pass keys, public halves only; ticket keys are ours alone. */
export function publicJwks(keys: Keys, nowMs: number): { readonly keys: readonly PublicJwk[] } {
  return { keys: keys.passes.filter(key => nowMs < key.retiresAtMs).map(key => key.publicJwk) };
}

function openTicketKey(entry: TicketKeyEntry): TicketKey {
  const header = { alg: 'HS256', typ: ticketType, kid: entry.kid };
  const secret = Buffer.from(entry.secret, 'base64url');
  return { ...useOf(entry, header), secret: createSecretKey(secret), hmac: new HmacSha256(secret, ticketLengthMax) };
}

async function openPassKey(entry: PassKeyEntry, index: number): Promise<PassKey> {
  const { kid, jwk } = entry;
  const header = { alg: 'ES256', typ: passType, kid } as const;
  const publicJwk = { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, kid, alg: 'ES256', use: 'sig' } as const;
  try {
    // Importing the private key also checks that its halves belong together.
    const [privateKey, publicKey] = await Promise.all([importKey(jwk), importKey(publicJwk)]);
    const signer = { key: KeyObject.from(privateKey), dsaEncoding: 'ieee-p1363' } as const;
    return { ...useOf(entry, header), signer, publicKey, publicJwk };
  } catch (cause) {
    const message = `The key ring is broken. passKeys[${index}].jwk: x, y and d are not one P-256 key pair`;
    throw new TokenError('key-ring-broken', message, { cause });
  }
}

async function importKey(jwk: { readonly kty: string }): Promise<CryptoKey> {
  const key = await importJWK(jwk, 'ES256');
  if (key instanceof Uint8Array) throw new TypeError('not an asymmetric key');
  return key;
}

function useOf(entry: TicketKeyEntry | PassKeyEntry, header: object): KeyUse {
  return {
    kid: entry.kid,
    head: `${Buffer.from(JSON.stringify(header)).toString('base64url')}.`,
    signsFromMs: entry.signsFromMs,
    retiresAtMs: entry.retiresAtMs ?? Number.POSITIVE_INFINITY,
  };
}

/** Of two that begin in one millisecond the one added later comes first. */
function latestFirst<Key extends KeyUse>(keys: readonly Key[]): Key[] {
  return keys.toReversed().sort((one, other) => other.signsFromMs - one.signsFromMs);
}
