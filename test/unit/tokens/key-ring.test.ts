// The key ring: what is created, how a rotation goes minute by minute, and what a broken document is told.
import { expect, test } from 'vitest';
import { createKeyRing, type KeyRing, keysMax, parseKeyRing, rotateKeyRing } from '../../../src/tokens/key-ring.ts';
import { type Keys, openKeyRing, publicJwks, signerAt } from '../../../src/tokens/key-set.ts';
import { signPass, verifyPass } from '../../../src/tokens/pass.ts';
import { signTicket, verifyTicket } from '../../../src/tokens/ticket.ts';
import { first, freshKeys, nowMs } from './forge.ts';

const lifetimeMs = 3_600_000;
const announceMs = 600_000;

function ticketAt(keys: Keys, atMs: number): string {
  return signTicket(keys, { room: 'sale', number: 1, nowMs: atMs, lifetimeMs });
}

function passAt(keys: Keys, atMs: number): string {
  return signPass(keys, { room: 'sale', passId: 'p', number: 1, nowMs: atMs, expiresAtMs: atMs + lifetimeMs });
}

async function kindsAt(keys: Keys, ticket: string, pass: string, atMs: number): Promise<string[]> {
  const at = { room: 'sale', nowMs: atMs };
  return [verifyTicket(keys, ticket, at).kind, (await verifyPass(keys, pass, at)).kind];
}

function kids(keys: Keys, atMs: number): string[] {
  return publicJwks(keys, atMs).keys.map(key => key.kid);
}

test('[PS14] a ring is plain JSON and the same after a round trip', async () => {
  const { ring, keys } = await freshKeys();
  const copy = JSON.parse(JSON.stringify(ring));
  expect(parseKeyRing(copy)).toEqual(ring);
  const reopened = await openKeyRing(copy);
  expect(await kindsAt(reopened, ticketAt(keys, nowMs), passAt(keys, nowMs), nowMs)).toEqual(['valid', 'valid']);
  expect((await createKeyRing(nowMs)).ticketKeys).not.toEqual(ring.ticketKeys);
});

test('[PS14] the next key is published before it signs, and signs from its time on', async () => {
  const { ring, keys: before } = await freshKeys();
  const rotated = await rotateKeyRing(ring, { nowMs, announceMs, overlapMs: lifetimeMs });
  const keys = await openKeyRing(rotated);
  const [oldKid, newKid] = [first(ring.passKeys).kid, rotated.passKeys[1]?.kid];
  expect(kids(keys, nowMs)).toEqual([newKid, oldKid]);
  const switchMs = nowMs + announceMs;
  const oldTicketKid = first(before.tickets).kid;
  expect(signerAt(keys.passes, switchMs - 1).kid).toBe(oldKid);
  expect(signerAt(keys.passes, switchMs).kid).toBe(newKid);
  expect(signerAt(keys.tickets, switchMs - 1).kid).toBe(oldTicketKid);
  expect(signerAt(keys.tickets, switchMs).kid).not.toBe(oldTicketKid);
});

test('[PS15] no token of the key before is refused until the last of them can have expired, then its key goes', async () => {
  const { ring } = await freshKeys();
  const keys = await openKeyRing(await rotateKeyRing(ring, { nowMs, announceMs, overlapMs: lifetimeMs }));
  const switchMs = nowMs + announceMs;
  const [ticket, pass] = [ticketAt(keys, switchMs - 1), passAt(keys, switchMs - 1)];
  expect(await kindsAt(keys, ticket, pass, switchMs + lifetimeMs - 1000)).toEqual(['valid', 'valid']);
  expect(await kindsAt(keys, ticket, pass, switchMs + lifetimeMs)).toEqual(['invalid', 'invalid']);
  expect(kids(keys, switchMs + lifetimeMs)).toHaveLength(1);
});

test('[PS15] gateways that learn of a rotation at different times accept the tokens of each other', async () => {
  const { ring, keys: before } = await freshKeys();
  const after = await openKeyRing(await rotateKeyRing(ring, { nowMs, announceMs, overlapMs: lifetimeMs }));
  for (const atMs of [nowMs, nowMs + announceMs - 1]) {
    expect(await kindsAt(before, ticketAt(after, atMs), passAt(after, atMs), atMs)).toEqual(['valid', 'valid']);
    expect(await kindsAt(after, ticketAt(before, atMs), passAt(before, atMs), atMs)).toEqual(['valid', 'valid']);
  }
});

test('[PS15] an emergency rotation ends every token at once', async () => {
  const { ring, keys: before } = await freshKeys();
  const [ticket, pass] = [ticketAt(before, nowMs), passAt(before, nowMs)];
  const atMs = nowMs + 1;
  const keys = await openKeyRing(await rotateKeyRing(ring, { nowMs: atMs, announceMs: 0, overlapMs: 0 }));
  expect(await kindsAt(keys, ticket, pass, atMs)).toEqual(['invalid', 'invalid']);
  expect(await kindsAt(keys, ticketAt(keys, atMs), passAt(keys, atMs), atMs)).toEqual(['valid', 'valid']);
  expect(kids(keys, atMs)).toHaveLength(1);
});

test('[PS15] an emergency rotation also withdraws a next key that has not signed yet', async () => {
  const { ring } = await freshKeys();
  const waiting = await rotateKeyRing(ring, { nowMs, announceMs, overlapMs: lifetimeMs });
  const rotated = await rotateKeyRing(waiting, { nowMs: nowMs + 1, announceMs: 0, overlapMs: 0 });
  expect(rotated.passKeys).toHaveLength(1);
  expect(rotated.ticketKeys).toHaveLength(1);
});

test('[PS15] a rotation that is sooner than the one before it withdraws the next key of that one', async () => {
  const { ring } = await freshKeys();
  const waiting = await rotateKeyRing(ring, { nowMs, announceMs, overlapMs: lifetimeMs });
  const rotated = await rotateKeyRing(waiting, { nowMs, announceMs: 0, overlapMs: lifetimeMs });
  expect(rotated.passKeys.map(key => key.signsFromMs)).toEqual([nowMs, nowMs]);
  expect(rotated.passKeys[0]?.kid).toBe(first(ring.passKeys).kid);
  const keys = await openKeyRing(rotated);
  expect(signerAt(keys.passes, nowMs).kid).toBe(rotated.passKeys[1]?.kid);
  expect(signerAt(keys.tickets, nowMs).kid).toBe(rotated.ticketKeys[1]?.kid);
});

test('[PS15] a token that outlives its key is refused from the end of the key', async () => {
  const { ring } = await freshKeys();
  const keys = await openKeyRing(await rotateKeyRing(ring, { nowMs, announceMs, overlapMs: 1_000 }));
  const ticket = ticketAt(keys, nowMs);
  const endMs = nowMs + announceMs + 1_000;
  expect(verifyTicket(keys, ticket, { room: 'sale', nowMs: endMs - 1 }).kind).toBe('valid');
  expect(verifyTicket(keys, ticket, { room: 'sale', nowMs: endMs })).toMatchObject({ reason: 'key-retired' });
});

test('[PS15] a ring rotated again and again stays small, and rotation without end is refused', async () => {
  let ring: KeyRing = await createKeyRing(nowMs);
  const weekMs = 7 * 24 * lifetimeMs;
  for (let week = 1; week <= 30; week += 1) {
    ring = await rotateKeyRing(ring, { nowMs: nowMs + week * weekMs, announceMs, overlapMs: lifetimeMs });
    expect(ring.passKeys.length).toBe(2);
  }
  const many = async () => {
    for (let count = 0; count <= keysMax; count += 1) {
      ring = await rotateKeyRing(ring, { nowMs: nowMs + 31 * weekMs + count, announceMs, overlapMs: lifetimeMs });
    }
  };
  await expect(many()).rejects.toMatchObject({ code: 'key-ring-broken' });
});

test('[PS14] a gateway whose clock is behind the creation of the keys signs with them nevertheless', async () => {
  const { keys } = await freshKeys();
  expect(verifyTicket(keys, ticketAt(keys, nowMs - 5_000), { room: 'sale', nowMs }).kind).toBe('valid');
});

test('[PS16] the published keys hold public halves of pass keys only', async () => {
  const { ring, keys } = await freshKeys();
  const published = publicJwks(keys, nowMs);
  expect(Object.keys(first(published.keys)).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  const text = JSON.stringify(published);
  for (const secret of [first(ring.passKeys).jwk.d, first(ring.ticketKeys).secret, first(ring.ticketKeys).kid]) {
    expect(text).not.toContain(secret);
  }
});

test('[PS17] a broken ring is told every problem with its path, and no secret', async () => {
  const ring = await createKeyRing(nowMs);
  const [ticketKey, passKey] = [first(ring.ticketKeys), first(ring.passKeys)];
  const broken: [unknown, string[]][] = [
    [undefined, ['document']],
    [[], ['document']],
    [{}, ['version', 'ticketKeys', 'passKeys']],
    [{ ...ring, version: 2 }, ['version']],
    [{ ...ring, extra: 1 }, ['extra']],
    [{ ...ring, ticketKeys: [] }, ['ticketKeys']],
    [{ ...ring, ticketKeys: [{ ...ticketKey, secret: 'c2hvcnQ' }] }, ['ticketKeys[0].secret']],
    [{ ...ring, ticketKeys: [{ ...ticketKey, kid: 'a b' }] }, ['ticketKeys[0].kid']],
    [{ ...ring, ticketKeys: [{ ...ticketKey, signsFromMs: '1' }] }, ['ticketKeys[0].signsFromMs']],
    [{ ...ring, ticketKeys: [ticketKey, ticketKey] }, ['ticketKeys[1].kid: used twice']],
    [{ ...ring, passKeys: [{ ...passKey, retiresAtMs: nowMs }] }, ['passKeys', 'retiresAtMs null']],
    [{ ...ring, passKeys: [{ ...passKey, retiresAtMs: 1 }] }, ['passKeys[0].retiresAtMs']],
    [{ ...ring, passKeys: [{ ...passKey, jwk: { ...passKey.jwk, crv: 'P-384' } }] }, ['passKeys[0].jwk.crv']],
    [
      { ...ring, ticketKeys: [{ ...ticketKey, secret: 1 }], passKeys: [{ ...passKey, kid: 1 }] },
      ['ticketKeys[0].secret', 'passKeys[0].kid'],
    ],
  ];
  for (const [document, parts] of broken) {
    const problem = thrownBy(() => parseKeyRing(document));
    expect(problem).toMatchObject({ name: 'TokenError', code: 'key-ring-broken' });
    for (const part of parts) expect(problem.message).toContain(part);
    for (const secret of [ticketKey.secret, passKey.jwk.d, 'c2hvcnQ']) expect(problem.message).not.toContain(secret);
  }
});

test('[PS17] a pass key whose halves do not belong together is refused when it is opened', async () => {
  const [ring, other] = [await createKeyRing(nowMs), await createKeyRing(nowMs)];
  const passKey = first(ring.passKeys);
  const { x, y } = first(other.passKeys).jwk;
  for (const jwk of [
    { ...passKey.jwk, x, y },
    { ...passKey.jwk, x },
    { ...passKey.jwk, d: 'A'.repeat(43) },
  ]) {
    await expect(openKeyRing({ ...ring, passKeys: [{ ...passKey, jwk }] })).rejects.toMatchObject({
      code: 'key-ring-broken',
      message: expect.stringContaining('passKeys[0].jwk'),
    });
  }
});

function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('expected it to throw');
}
