// Tickets: what is signed, what jose says to it, and everything that must not pass.
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KeyRing } from '../../../src/tokens/key-ring.ts';
import { type Keys, ticketLengthMax } from '../../../src/tokens/key-set.ts';
import { signPass } from '../../../src/tokens/pass.ts';
import { signTicket, verifyTicket } from '../../../src/tokens/ticket.ts';
import {
  alterations,
  decode,
  encode,
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
const hourMs = 3_600_000;
const here = { room: 'sale', nowMs };
const joseNow = { currentDate: new Date(nowMs) };

beforeAll(async () => {
  ({ ring, keys } = await freshKeys());
});

function ticket(change: { room?: string; number?: number; nowMs?: number; lifetimeMs?: number } = {}): string {
  return signTicket(keys, { room: 'sale', number: 5420, nowMs, lifetimeMs: hourMs, ...change });
}

function header(change: object = {}): string {
  return JSON.stringify({ alg: 'HS256', typ: 'junban-ticket+jwt', kid: first(ring.ticketKeys).kid, ...change });
}

const claims = { iss: 'junban', aud: 'sale', n: 1, nbf: nowSeconds, iat: nowSeconds, exp: nowSeconds + 60, jti: 'a' };

function signed(payload: object | string, headerText = header()): string {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return hmacToken(headerText, text, ticketSecret(ring));
}

const refused = (reason: string) => ({ kind: 'invalid', code: 'ticket-invalid', reason });

test('[PS1] a ticket carries its claims and verifies here and in jose', async () => {
  const token = ticket();
  const { payload, protectedHeader } = await jwtVerify(token, ticketSecret(ring), {
    ...joseNow,
    algorithms: ['HS256'],
    typ: 'junban-ticket+jwt',
    issuer: 'junban',
    audience: 'sale',
    requiredClaims: ['n', 'nbf', 'iat', 'exp', 'jti'],
  });
  expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'junban-ticket+jwt', kid: first(ring.ticketKeys).kid });
  expect(payload).toMatchObject({ n: 5420, nbf: nowSeconds, iat: nowSeconds, exp: nowSeconds + 3600 });
  expect(verifyTicket(keys, token, here)).toEqual({
    kind: 'valid',
    number: 5420,
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + hourMs,
  });
});

test('[PS1] a ticket made by jose verifies here', async () => {
  const token = await new SignJWT({ n: 7 })
    .setProtectedHeader({ alg: 'HS256', typ: 'junban-ticket+jwt', kid: first(ring.ticketKeys).kid })
    .setIssuer('junban')
    .setAudience('sale')
    .setJti('made-by-jose')
    .setNotBefore(nowSeconds)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + 60)
    .sign(ticketSecret(ring));
  expect(verifyTicket(keys, token, here)).toMatchObject({ kind: 'valid', number: 7 });
});

test('[PS1] a room id is carried as it is, whatever its characters', () => {
  for (const room of ['a"b', 'a\\', '順番', '","n":0,"x":"']) {
    expect(verifyTicket(keys, ticket({ room, number: 9 }), { room, nowMs })).toMatchObject({
      kind: 'valid',
      number: 9,
    });
  }
});

test('[PS1] what no ticket may carry is not signed', () => {
  const wrong = [{ number: -1 }, { number: 0.5 }, { number: Number.NaN }, { number: 2 ** 53 }, { nowMs: Number.NaN }];
  for (const change of [...wrong, { lifetimeMs: Number.NaN }, { room: '' }, { room: 'r'.repeat(129) }]) {
    expect(() => ticket(change)).toThrow(expect.objectContaining({ code: 'claim-unsafe' }));
  }
  expect(() => ticket({ room: '順'.repeat(128) })).toThrow(expect.objectContaining({ code: 'claim-unsafe' }));
});

test('[PS1] the longest room id and the highest number fit a ticket', () => {
  const room = 'r'.repeat(128);
  const token = ticket({ room, number: Number.MAX_SAFE_INTEGER });
  expect(token.length).toBeLessThanOrEqual(ticketLengthMax);
  expect(verifyTicket(keys, token, { room, nowMs })).toMatchObject({ number: Number.MAX_SAFE_INTEGER });
});

test('[PS2] every ticket has an id of its own, also for one number', () => {
  const ids = Array.from({ length: 1000 }, () => decode(segmentsOf(ticket())[1])).map(
    payload => (payload as { jti: string }).jti,
  );
  expect(new Set(ids).size).toBe(1000);
});

test('[PS3] a ticket holds from 60 s before its first second until its end', () => {
  const token = ticket();
  const at = (ms: number) => verifyTicket(keys, token, { room: 'sale', nowMs: ms });
  expect(at(nowMs - 60_001)).toEqual(refused('not-yet-valid'));
  expect(at(nowMs - 60_000).kind).toBe('valid');
  expect(at(nowMs + hourMs - 1).kind).toBe('valid');
  expect(at(nowMs + hourMs)).toEqual(refused('expired'));
});

test('[PS3] rounding to seconds never shortens the life of a ticket', () => {
  const token = ticket({ nowMs: nowMs + 1, lifetimeMs: 1_500 });
  expect(verifyTicket(keys, token, { room: 'sale', nowMs: nowMs + 1_500 }).kind).toBe('valid');
  expect(verifyTicket(keys, token, { room: 'sale', nowMs: nowMs + 2_000 })).toEqual(refused('expired'));
});

test("[PS4] another room's ticket is told apart and names its room, and a forged one is not", () => {
  const token = ticket({ room: 'other' });
  expect(verifyTicket(keys, token, here)).toEqual({ kind: 'other-room', code: 'ticket-other-room', room: 'other' });
  expect(verifyTicket(keys, `${token.slice(0, -2)}AA`, here)).toEqual(refused('bad-signature'));
});

describe('[PS5] refuses', () => {
  test('[PS5] a ticket altered in any single character', () => {
    const token = ticket();
    for (const altered of alterations(token)) {
      if (altered === token) continue;
      expect(verifyTicket(keys, altered, here).kind).toBe('invalid');
    }
    expect(verifyTicket(keys, token, here).kind).toBe('valid');
  });

  test('[PS5] the right signature bits with other unused bits, in other alphabets, padded or blank', () => {
    const token = ticket();
    const [head, payload, signature] = segmentsOf(token);
    const last = alterations(signature).at(-1) ?? '';
    // The neighbour differs in the unused bits only: the same bytes in another spelling.
    expect(Buffer.from(last, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    const others = [last, `${signature}=`, `${signature}==`, ` ${signature}`, `${signature}\n`, `${signature}.`, ''];
    for (const other of others) expect(verifyTicket(keys, `${head}.${payload}.${other}`, here).kind).toBe('invalid');
    for (const body of [`${payload}=`, `${payload} `, `.${payload}`]) {
      expect(verifyTicket(keys, `${head}.${body}.${signature}`, here).kind).toBe('invalid');
    }
  });

  test('[PS5] characters whose low byte is the right one', () => {
    const token = ticket();
    for (const at of [0, token.indexOf('.') + 3, token.length - 1]) {
      const twin = String.fromCharCode(token.charCodeAt(at) + 0x100);
      expect(verifyTicket(keys, token.slice(0, at) + twin + token.slice(at + 1), here).kind).toBe('invalid');
    }
  });

  test('[PS5] every header that is not one of ours to the letter', () => {
    const heads = [
      header({ alg: 'none' }),
      header({ alg: 'None' }),
      header({ alg: 'HS512' }),
      header({ alg: 'ES256' }),
      header({ typ: 'JWT' }),
      header({ typ: 'junban-pass+jwt' }),
      header({ kid: 'other' }),
      header({ kid: 'k'.repeat(100) }),
      header({ kid: '../../etc/passwd' }),
      header({ crit: ['exp'] }),
      header({ crit: ['unknown'], unknown: true }),
      header({ b64: false, crit: ['b64'] }),
      header({ jku: 'http://127.0.0.1/keys' }),
      header().replace('{', '{"alg":"none",'),
      header().replace('}', ',"alg":"none"}'),
      `${header()} `,
      `${'{"a":'.repeat(24)}1${'}'.repeat(24)}`,
      '{}',
      '[]',
      'null',
      '',
    ];
    for (const head of heads) {
      expect(verifyTicket(keys, signed(claims, head), here)).toEqual(refused('foreign-header'));
    }
    const unsigned = `${encode(header({ alg: 'none' }))}.${encode(JSON.stringify(claims))}.`;
    expect(verifyTicket(keys, unsigned, here)).toEqual(refused('foreign-header'));
  });

  test('[PS5] the keys of another installation, and public pass keys used as a secret', async () => {
    const foreign = await freshKeys();
    expect(verifyTicket(foreign.keys, ticket(), here)).toEqual(refused('foreign-header'));
    expect(verifyTicket(keys, hmacToken(header(), JSON.stringify(claims), ticketSecret(foreign.ring)), here)).toEqual(
      refused('bad-signature'),
    );
    const { publicJwk } = first(keys.passes);
    for (const secret of [JSON.stringify(publicJwk), publicJwk.x, publicJwk.x + publicJwk.y]) {
      const token = hmacToken(header(), JSON.stringify(claims), Buffer.from(secret));
      expect(verifyTicket(keys, token, here)).toEqual(refused('bad-signature'));
    }
  });

  test('[PS5] what is no token at all', () => {
    const [head] = segmentsOf(ticket());
    const odd = [
      '',
      '.',
      '..',
      '...',
      'a',
      'a.b.c',
      '\0',
      '順番',
      '\ud800',
      `${head}.`,
      `${head}..`,
      `${head}...`,
      head,
    ];
    for (const token of odd) expect(verifyTicket(keys, token, here).kind).toBe('invalid');
    for (let length = 0; length < ticket().length; length += 1) {
      expect(verifyTicket(keys, ticket().slice(0, length), here).kind).toBe('invalid');
    }
  });
});

test('[PS6] a ticket of more than 512 characters is refused for its length alone, even with a genuine signature', () => {
  expect(verifyTicket(keys, 'a'.repeat(16_384), here)).toEqual(refused('too-long'));
  expect(verifyTicket(keys, signed({ ...claims, more: 'x'.repeat(400) }), here)).toEqual(refused('too-long'));
  expect(verifyTicket(keys, `${ticket()}${'.'.repeat(512)}`, here)).toEqual(refused('too-long'));
});

test('[PS7] a pass is no ticket', async () => {
  const pass = signPass(keys, { room: 'sale', passId: 'p', number: 1, nowMs, expiresAtMs: nowMs + hourMs });
  expect(decodeProtectedHeader(pass).typ).toBe('junban-pass+jwt');
  expect(verifyTicket(keys, pass, here)).toEqual(refused('foreign-header'));
});

test('[PS8] a genuine signature does not excuse a claim that is missing or of another type', () => {
  expect(verifyTicket(keys, signed(claims), here).kind).toBe('valid');
  for (const name of ['iss', 'aud', 'n', 'nbf', 'iat', 'exp', 'jti']) {
    for (const value of [undefined, null, true, {}, [], ['sale'], -1, 1.5, '', 1e300, 'x'.repeat(129)]) {
      expect(verifyTicket(keys, signed({ ...claims, [name]: value }), here).kind, `${name}: ${value}`).not.toBe(
        'valid',
      );
    }
  }
  for (const name of ['n', 'nbf', 'iat', 'exp']) {
    expect(verifyTicket(keys, signed({ ...claims, [name]: '1' }), here)).toEqual(refused('bad-claims'));
  }
  for (const payload of ['', 'null', '1', '"x"', '[]', '{', '{}', '['.repeat(200), `{"__proto__":{"n":1}}`]) {
    expect(verifyTicket(keys, signed(payload), here)).toEqual(refused('bad-claims'));
  }
  expect(verifyTicket(keys, signed({ ...claims, exp: nowSeconds }), here)).toEqual(refused('bad-claims'));
});

test('[PS8] of a claim that appears twice the last one counts, as in jose', async () => {
  const payload = `{"n":1,"aud":"other",${JSON.stringify({ ...claims, n: 2 }).slice(1)}`;
  const token = signed(payload);
  expect(verifyTicket(keys, token, here)).toMatchObject({ kind: 'valid', number: 2 });
  const read = await jwtVerify(token, ticketSecret(ring), { ...joseNow, audience: 'sale' });
  expect(read.payload.n).toBe(2);
});

test('[PS5] jose refuses what we refuse of an altered ticket', async () => {
  const token = ticket();
  const [head, payload, signature] = segmentsOf(token);
  const altered = `${head}.${encode(JSON.stringify({ ...claims, n: 0 }))}.${signature}`;
  expect(altered).not.toBe(`${head}.${payload}.${signature}`);
  await expect(jwtVerify(altered, ticketSecret(ring), joseNow)).rejects.toThrow(errors.JWSSignatureVerificationFailed);
  expect(verifyTicket(keys, altered, here)).toEqual(refused('bad-signature'));
});
