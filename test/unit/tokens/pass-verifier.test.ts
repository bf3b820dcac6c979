// What the verifier remembers, what it must not, and how much.
import { beforeAll, expect, test } from 'vitest';
import { type KeyRing, rotateKeyRing } from '../../../src/tokens/key-ring.ts';
import { type Keys, openKeyRing, type PassKey } from '../../../src/tokens/key-set.ts';
import { signPass } from '../../../src/tokens/pass.ts';
import { PassVerifier } from '../../../src/tokens/pass-verifier.ts';
import { RecentMap } from '../../../src/tokens/recent-map.ts';
import { alterations, first, freshKeys, nowMs } from './forge.ts';

let ring: KeyRing;
let keys: Keys;
const here = { room: 'sale', nowMs };
const endMs = nowMs + 600_000;

beforeAll(async () => {
  ({ ring, keys } = await freshKeys());
});

function pass(passId = 'p', from: Keys = keys): string {
  return signPass(from, { room: 'sale', passId, number: 1, nowMs, expiresAtMs: endMs });
}

/** The same keys, counting how often a signature is really checked: a check reads the public key once. */
function counted(from: Keys): { readonly keys: Keys; readonly checks: () => number } {
  const [key] = from.passes;
  if (key === undefined) throw new Error('no pass key');
  let count = 0;
  const watched: PassKey = {
    ...key,
    get publicKey() {
      count += 1;
      return key.publicKey;
    },
  };
  return { keys: { ...from, passes: [watched] }, checks: () => count };
}

/** The last characters changed, so that the form is right and only the signature tells. */
function forged(token: string): string[] {
  return alterations(token).slice(-80, -4);
}

test('[PS11] a pass that was checked once is answered at once, for its time and its room', async () => {
  const verifier = new PassVerifier(keys);
  const token = pass();
  expect(verifier.peek(token, here)).toBeUndefined();
  expect((await verifier.verify(token, here)).kind).toBe('valid');
  expect(verifier.peek(token, here)).toMatchObject({ kind: 'valid', claims: { passId: 'p' } });
  expect(verifier.peek(token, { room: 'other', nowMs })).toMatchObject({ kind: 'other-room', room: 'sale' });
  expect(verifier.peek(token, { room: 'sale', nowMs: endMs })).toMatchObject({ kind: 'expired' });
  expect(verifier.peek(token, { room: 'sale', nowMs: 0 })).toMatchObject({ reason: 'not-yet-valid' });
});

test('[PS11] first checks of one pass that come together share one verification', async () => {
  const { keys: watched, checks } = counted(keys);
  const verifier = new PassVerifier(watched);
  const token = pass();
  const verdicts = await Promise.all(Array.from({ length: 100 }, () => verifier.verify(token, here)));
  expect(verdicts.every(verdict => verdict.kind === 'valid')).toBe(true);
  await verifier.verify(token, here);
  expect(checks()).toBe(1);
});

test('[PS11] what needs no cryptography is refused at once, and a forged pass is checked once', async () => {
  const { keys: watched, checks } = counted(keys);
  const verifier = new PassVerifier(watched);
  const token = pass();
  for (const odd of ['', 'a.b.c', 'x'.repeat(2_000), `${token}=`]) {
    expect(verifier.peek(odd, here)).toMatchObject({ kind: 'invalid', code: 'pass-invalid' });
  }
  const forgery = forged(token)[0] ?? '';
  expect(verifier.peek(forgery, here)).toBeUndefined();
  for (let time = 0; time < 3; time += 1) {
    expect(await verifier.verify(forgery, here)).toMatchObject({ kind: 'invalid', reason: 'bad-signature' });
  }
  expect(checks()).toBe(1);
  expect(verifier.remembered).toBe(1);
});

test('[PS12] the verifier remembers no more than it may, and those in use stay', async () => {
  const verifier = new PassVerifier(keys, 8);
  const used = pass('used');
  await verifier.verify(used, here);
  for (let count = 0; count < 40; count += 1) {
    await verifier.verify(pass(`p${count}`), here);
    expect(verifier.peek(used, here)?.kind).toBe('valid');
    expect(verifier.remembered).toBeLessThanOrEqual(8);
  }
  expect(verifier.peek(pass('p0'), here)).toBeUndefined();
});

test('[PS12] forged passes do not push genuine ones out', async () => {
  const verifier = new PassVerifier(keys, 2);
  const token = pass();
  await verifier.verify(token, here);
  for (const forgery of forged(token)) expect((await verifier.verify(forgery, here)).kind).toBe('invalid');
  expect(verifier.peek(token, here)?.kind).toBe('valid');
});

test('[PS13] a pass is refused from the instant its key has ended, remembered or not', async () => {
  const rotated = await openKeyRing(await rotateKeyRing(ring, { nowMs, announceMs: 1_000, overlapMs: 4_000 }));
  const verifier = new PassVerifier(rotated);
  const token = pass('p', rotated);
  await verifier.verify(token, here);
  expect(verifier.peek(token, { room: 'sale', nowMs: nowMs + 4_999 })?.kind).toBe('valid');
  expect(verifier.peek(token, { room: 'sale', nowMs: nowMs + 5_000 })).toMatchObject({ reason: 'key-retired' });
});

test('[PS13] when a key is removed its passes are refused, and no verification under way brings them back', async () => {
  const others = (await freshKeys()).keys;
  const verifier = new PassVerifier(keys);
  const token = pass();
  await verifier.verify(token, here);
  const late = pass('late');
  await verifier.verify(forged(token)[0] ?? '', here);
  expect(verifier.remembered).toBe(2);
  const underWay = verifier.verify(late, here);
  verifier.useKeys(others);
  expect(verifier.peek(token, here)).toMatchObject({ kind: 'invalid', reason: 'foreign-header' });
  expect(await underWay).toMatchObject({ kind: 'invalid', reason: 'foreign-header' });
  expect(verifier.peek(late, here)).toMatchObject({ kind: 'invalid' });
  expect(verifier.remembered).toBe(0);
});

test('[PS13] a key added beside the old ones refuses nothing that was genuine', async () => {
  const verifier = new PassVerifier(keys);
  const token = pass();
  const underWay = verifier.verify(token, here);
  verifier.useKeys(await openKeyRing(await rotateKeyRing(ring, { nowMs, overlapMs: 3_600_000 })));
  expect((await underWay).kind).toBe('valid');
  expect((await verifier.verify(token, here)).kind).toBe('valid');
  expect(first(keys.passes).retiresAtMs).toBe(Number.POSITIVE_INFINITY);
});

test('[PS12] a two-generation map forgets the least recently used first and never exceeds its bound', () => {
  const map = new RecentMap<number>(4);
  for (let count = 0; count < 100; count += 1) {
    map.set(`k${count}`, count);
    map.set('kept', -1);
    expect(map.get('kept')).toBe(-1);
    expect(map.size).toBeLessThanOrEqual(4);
  }
  expect(map.get('k99')).toBe(99);
  expect(map.get('k0')).toBeUndefined();
  map.clear();
  expect(map.size).toBe(0);
  for (const key of ['a', 'b', 'c']) map.set(key, 1);
  map.get('a');
  expect(map.size).toBe(3);
});
