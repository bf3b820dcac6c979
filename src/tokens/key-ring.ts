// The key ring as a plain JSON document: created, rotated and checked here, opened for use in key-set.ts. Where it is
// kept (the store, or a folder by key-folder.ts) is not its business.
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import { TokenError } from './token-error.ts';

/** More rotations than this within the life of a token are a mistake. */
export const keysMax = 16;
/** How long a new key stands in the JWKS before it signs: longer than verifiers cache the JWKS. */
export const announceMsDefault = 10 * 60_000;

const segment = /^[A-Za-z0-9_-]+$/;
const instant = z.int().min(0);
const life = {
  kid: z.string().regex(segment).max(64),
  createdAtMs: instant,
  /** Until then the key is published, but does not sign. */
  signsFromMs: instant,
  /** From then on nothing signed by the key is accepted; null: no successor yet. */
  retiresAtMs: instant.nullable(),
};
const coordinate = z.string().regex(segment).length(43);
const ticketKey = z.strictObject({ ...life, secret: coordinate });
const passKey = z.strictObject({
  ...life,
  jwk: z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
    d: coordinate,
  }),
});
const keyRing = z.strictObject({
  version: z.literal(1),
  ticketKeys: z.array(ticketKey).min(1).max(keysMax).superRefine(refuseUnusable),
  passKeys: z.array(passKey).min(1).max(keysMax).superRefine(refuseUnusable),
});

export type TicketKeyEntry = Readonly<z.infer<typeof ticketKey>>;
export type PassKeyEntry = Readonly<z.infer<typeof passKey>>;
export type KeyRing = {
  readonly version: 1;
  readonly ticketKeys: readonly TicketKeyEntry[];
  readonly passKeys: readonly PassKeyEntry[];
};
type KeyLife = { readonly kid: string; readonly signsFromMs: number; readonly retiresAtMs: number | null };

export type Rotation = {
  readonly nowMs: number;
  /**
   * How long the keys of before are accepted after the new ones begin to sign: the longest life of a token, and how
   * late a gateway may learn of the rotation. 0 (with `announceMs: 0`) ends all tokens at once, for a key that leaked.
   */
  readonly overlapMs: number;
  /** How long the new keys are published before they sign; default 10 minutes; 0: they sign at once. */
  readonly announceMs?: number;
};

export async function createKeyRing(nowMs: number): Promise<KeyRing> {
  const life = { createdAtMs: nowMs, signsFromMs: nowMs, retiresAtMs: null };
  return { version: 1, ticketKeys: [newTicketKey(life)], passKeys: [await newPassKey(life)] };
}

/** The ring with new keys added, the keys of before given an end, and those that have ended left out. */
export async function rotateKeyRing(ring: KeyRing, rotation: Rotation): Promise<KeyRing> {
  const { nowMs, overlapMs, announceMs = announceMsDefault } = rotation;
  const signsFromMs = nowMs + announceMs;
  const life = { createdAtMs: nowMs, signsFromMs, retiresAtMs: null };
  const rotated = {
    version: 1,
    ticketKeys: [...settleEarlier(ring.ticketKeys, nowMs, signsFromMs, overlapMs), newTicketKey(life)],
    passKeys: [...settleEarlier(ring.passKeys, nowMs, signsFromMs, overlapMs), await newPassKey(life)],
  };
  return parseKeyRing(rotated);
}

/** Throws `key-ring-broken` with all problems and their paths; never with a secret. */
export function parseKeyRing(document: unknown): KeyRing {
  const result = keyRing.safeParse(document);
  if (result.success) return result.data;
  const problems = result.error.issues.map(issue => `${pathText(issue.path)}: ${issue.message}`);
  throw new TokenError('key-ring-broken', `The key ring is broken. ${problems.join('; ')}`);
}

function settleEarlier<Key extends KeyLife>(
  keys: readonly Key[],
  nowMs: number,
  signsFromMs: number,
  overlapMs: number,
): Key[] {
  const endsAtMs = signsFromMs + overlapMs;
  return keys
    .map(key => ({ ...key, retiresAtMs: Math.min(key.retiresAtMs ?? endsAtMs, endsAtMs) }))
    .filter(key => key.retiresAtMs > nowMs)
    .filter(key => key.signsFromMs <= nowMs || key.signsFromMs < signsFromMs); // Others would begin later: not needed.
}

function newTicketKey(life: Omit<TicketKeyEntry, 'kid' | 'secret'>): TicketKeyEntry {
  return { kid: newKid(), secret: randomBytes(32).toString('base64url'), ...life };
}

async function newPassKey(life: Omit<PassKeyEntry, 'kid' | 'jwk'>): Promise<PassKeyEntry> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty, crv, x, y, d } = await exportJWK(privateKey);
  return { kid: newKid(), jwk: passKey.shape.jwk.parse({ kty, crv, x, y, d }), ...life };
}

function newKid(): string {
  return randomBytes(6).toString('base64url');
}

function refuseUnusable(keys: readonly KeyLife[], context: z.RefinementCtx): void {
  const kids = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (kids.has(key.kid)) context.addIssue({ code: 'custom', path: [index, 'kid'], message: 'used twice' });
    if (key.retiresAtMs !== null && key.retiresAtMs < key.signsFromMs) {
      context.addIssue({ code: 'custom', path: [index, 'retiresAtMs'], message: 'lies before signsFromMs' });
    }
    kids.add(key.kid);
  }
  if (!keys.some(key => key.retiresAtMs === null)) {
    context.addIssue({ code: 'custom', message: 'every key ends, at least one must have retiresAtMs null' });
  }
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text.replace(/^\./, '') || 'document';
}
