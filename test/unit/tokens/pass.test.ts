// Passes: what is signed, what anybody with the JWKS says to it, and everything that must not pass.
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import type { KeyRing } from '../../../src/tokens/key-ring.ts';
import { type Keys, publicJwks } from '../../../src/tokens/key-set.ts';
import { passLengthMax, signPass, verifyPass } from '../../../src/tokens/pass.ts';
import { signTicket } from '../../../src/tokens/ticket.ts';
import {
  alterations,
  encode,
  es256Token,
  first,
  freshKeys,
  hmacToken,
  nowMs,
  nowSeconds,
  segmentsOf,
  ticketSecret,
} from './forge.ts';

let ring: KeyRing;
let keys: Keys;
const here = { room: 'sale', nowMs };
const endMs = nowMs + 600_000;
const claims = { iss: 'junban', aud: 'sale', n: 1, nbf: nowSeconds, iat: nowSeconds, exp: nowSeconds + 60, jti: 'a' };

beforeAll(async () => {
  ({ ring, keys } = await freshKeys());
});

function pass(change: { room?: string; passId?: string; number?: number } = {}): string {
  return signPass(keys, { room: 'sale', passId: 'pass-1', number: 17, nowMs, expiresAtMs: endMs, ...change });
}

function header(change: object = {}): { alg: string; [name: string]: unknown } {
  return { alg: 'ES256', typ: 'junban-pass+jwt', kid: first(ring.passKeys).kid, ...change };
}

const refused = (reason: string) => ({ kind: 'invalid', code: 'pass-invalid', reason });
const held = { room: 'sale', passId: 'pass-1', number: 17, issuedAtMs: nowMs, expiresAtMs: endMs };

test('[PS9] a pass verifies here, and with the published keys for anybody', async () => {
  const token = pass();
  expect(await verifyPass(keys, token, here)).toEqual({ kind: 'valid', claims: held });
  // Through JSON, as a verifier elsewhere gets it.
  const published = JSON.parse(JSON.stringify(publicJwks(keys, nowMs))) as JSONWebKeySet;
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(published), {
    currentDate: new Date(nowMs),
    algorithms: ['ES256'],
    typ: 'junban-pass+jwt',
    issuer: 'junban',
    audience: 'sale',
  });
  expect(protectedHeader).toEqual(header());
  const end = nowSeconds + 600;
  expect(payload).toEqual({ ...claims, n: 17, jti: 'pass-1', exp: end });
});

test('[PS9] a pass made by jose verifies here', async () => {
  const token = await new SignJWT({ n: 3 })
    .setProtectedHeader(header())
    .setIssuer('junban')
    .setAudience('sale')
    .setJti('made-by-jose')
    .setNotBefore(nowSeconds)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + 60)
    .sign(first(keys.passes).signer.key);
  expect(await verifyPass(keys, token, here)).toMatchObject({ kind: 'valid', claims: { passId: 'made-by-jose' } });
});

test('[PS9] what no pass may carry is not signed', () => {
  for (const change of [
    { number: -1 },
    { number: Number.NaN },
    { passId: '' },
    { room: '' },
    { room: 'r'.repeat(129) },
  ]) {
    expect(() => pass(change)).toThrow(expect.objectContaining({ code: 'claim-unsafe' }));
  }
});

test('[PS10] an expired pass is told apart from an invalid one and keeps its claims', async () => {
  const token = pass();
  const at = (ms: number) => verifyPass(keys, token, { room: 'sale', nowMs: ms });
  expect((await at(endMs - 1)).kind).toBe('valid');
  expect(await at(endMs)).toEqual({ kind: 'expired', claims: held });
  expect((await at(nowMs - 60_000)).kind).toBe('valid');
  expect(await at(nowMs - 60_001)).toEqual(refused('not-yet-valid'));
  const altered = `${token.slice(0, -6)}AAAAAA`;
  expect((await verifyPass(keys, altered, { room: 'sale', nowMs: endMs })).kind).toBe('invalid');
});

test("[PS4] another room's pass is told apart and names its room", async () => {
  const token = pass({ room: 'other' });
  expect(await verifyPass(keys, token, here)).toEqual({ kind: 'other-room', code: 'pass-other-room', room: 'other' });
});

test('[PS5] a pass altered in any single character is refused', async () => {
  const token = pass();
  for (const altered of alterations(token)) {
    if (altered === token) continue;
    expect((await verifyPass(keys, altered, here)).kind).toBe('invalid');
  }
});

test('[PS5] the right signature bytes in another spelling are refused', async () => {
  const token = pass();
  const [head, payload, signature] = segmentsOf(token);
  const last = alterations(signature).at(-1) ?? '';
  expect(Buffer.from(last, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
  for (const other of [last, `${signature}=`, `${signature}==`, `${signature}\n`, `${signature}.`, '']) {
    expect(await verifyPass(keys, `${head}.${payload}.${other}`, here)).toEqual(refused('malformed'));
  }
  const twin = String.fromCharCode(token.charCodeAt(3) + 0x100);
  expect(await verifyPass(keys, token.slice(0, 3) + twin + token.slice(4), here)).toEqual(refused('malformed'));
});

test('[PS5] every pass header that is not one of ours to the letter is refused', async () => {
  const payload = JSON.stringify(claims);
  const changes = [{ typ: 'JWT' }, { kid: 'other' }, { kid: 'k'.repeat(300) }, { jku: 'http://127.0.0.1/' }];
  for (const change of changes) {
    const token = await es256Token(header(change), payload, keys);
    expect(await verifyPass(keys, token, here)).toEqual(refused('foreign-header'));
  }
  // HS256 under the public key, the classic confusion, in the three spellings that libraries have fallen for.
  const { publicJwk } = first(keys.passes);
  for (const secret of [JSON.stringify(publicJwk), publicJwk.x, publicJwk.x + publicJwk.y]) {
    const confused = hmacToken(JSON.stringify(header({ alg: 'HS256' })), payload, Buffer.from(secret));
    expect(await verifyPass(keys, confused, here)).toEqual(refused('foreign-header'));
    const mislabelled = hmacToken(JSON.stringify(header()), payload, Buffer.from(secret));
    expect(await verifyPass(keys, mislabelled, here)).toEqual(refused('malformed'));
  }
  for (const head of [header({ alg: 'none' }), header({ crit: ['unknown'], unknown: 1 }), {}, []]) {
    const token = `${encode(JSON.stringify(head))}.${encode(payload)}.`;
    expect(await verifyPass(keys, token, here)).toEqual(refused('foreign-header'));
  }
  const zero = `${encode(JSON.stringify(header()))}.${encode(payload)}.${Buffer.alloc(64).toString('base64url')}`;
  expect(await verifyPass(keys, zero, here)).toEqual(refused('bad-signature'));
});

test('[PS5] a pass of another installation is refused, also under our key id', async () => {
  const foreign = await freshKeys();
  expect(await verifyPass(foreign.keys, pass(), here)).toEqual(refused('foreign-header'));
  const borrowed = await es256Token(header(), JSON.stringify(claims), foreign.keys);
  expect(await verifyPass(keys, borrowed, here)).toEqual(refused('bad-signature'));
});

test('[PS5] what is no pass at all is refused', async () => {
  const [head] = segmentsOf(pass());
  for (const token of ['', '.', '..', 'a.b.c', '\0', '順番', '\ud800', head, `${head}.`, `${head}..`, `${head}...`]) {
    expect((await verifyPass(keys, token, here)).kind).toBe('invalid');
  }
});

test('[PS6] a pass of more than 1024 characters is refused for its length alone, even with a genuine signature', async () => {
  const long = await es256Token(header(), JSON.stringify({ ...claims, more: 'x'.repeat(800) }), keys);
  expect(long.length).toBeGreaterThan(passLengthMax);
  expect(await verifyPass(keys, long, here)).toEqual(refused('too-long'));
  expect(await verifyPass(keys, 'a'.repeat(16_384), here)).toEqual(refused('too-long'));
});

test('[PS7] a ticket is no pass, also when it is called one', async () => {
  const ticket = signTicket(keys, { room: 'sale', number: 1, nowMs, lifetimeMs: 60_000 });
  expect(await verifyPass(keys, ticket, here)).toEqual(refused('foreign-header'));
  const renamed = hmacToken(JSON.stringify(header()), JSON.stringify(claims), ticketSecret(ring));
  expect(await verifyPass(keys, renamed, here)).toEqual(refused('malformed'));
});

test('[PS8] a genuine signature does not excuse a claim of a pass that is missing or of another type', async () => {
  for (const name of ['iss', 'aud', 'n', 'nbf', 'iat', 'exp', 'jti']) {
    for (const value of [undefined, null, {}, ['sale'], -1, 1.5, '']) {
      const token = await es256Token(header(), JSON.stringify({ ...claims, [name]: value }), keys);
      expect((await verifyPass(keys, token, here)).kind, `${name}: ${value}`).not.toBe('valid');
    }
  }
  for (const payload of ['', 'null', '[]', '{', '['.repeat(400)]) {
    expect(await verifyPass(keys, await es256Token(header(), payload, keys), here)).toEqual(refused('bad-claims'));
  }
});
