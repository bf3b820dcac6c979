// Makes tokens that nobody should accept, and those that jose makes, for the token tests.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { CompactSign } from 'jose';
import { createKeyRing, type KeyRing } from '../../../src/tokens/key-ring.ts';
import { type Keys, openKeyRing } from '../../../src/tokens/key-set.ts';

export const nowMs = 1_800_000_000_000;
export const nowSeconds = nowMs / 1000;

export async function freshKeys(): Promise<{ readonly ring: KeyRing; readonly keys: Keys }> {
  const ring = await createKeyRing(nowMs);
  return { ring, keys: await openKeyRing(ring) };
}

export function ticketSecret(ring: KeyRing): Uint8Array {
  return Buffer.from(first(ring.ticketKeys).secret, 'base64url');
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** A token with exactly this header and payload text, signed with HMAC under this key. */
export function hmacToken(header: string, payload: string, secret: Uint8Array | KeyObject): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  const key = secret instanceof Uint8Array ? createSecretKey(secret) : secret;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

export async function es256Token(header: { alg: string; [name: string]: unknown }, payload: string, keys: Keys) {
  const signer = new CompactSign(Buffer.from(payload)).setProtectedHeader(header);
  return signer.sign(first(keys.passes).signer.key);
}

export function segmentsOf(token: string): [string, string, string] {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return [header, payload, signature];
}

export function decode(segment: string): unknown {
  return JSON.parse(Buffer.from(segment, 'base64url').toString());
}

/** Every text that differs from `text` in one character, at each place, changed to a neighbour of the alphabet. */
export function alterations(text: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return [...text].map((character, at) => {
    const other = alphabet[(alphabet.indexOf(character) ^ 1) & 63] ?? 'A';
    return text.slice(0, at) + other + text.slice(at + 1);
  });
}

export function first<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined) throw new Error('expected at least one');
  return item;
}
