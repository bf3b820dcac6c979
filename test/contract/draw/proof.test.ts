// An honest proof passes, each step that can be false is named, and no changed bit goes unnoticed.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DrandRound, drandDefault, drandQuicknet, firstRoundAfter } from '../../../src/draw/drand-chain.ts';
import { verifyRound } from '../../../src/draw/drand-round.ts';
import { checkProof, proofOf } from '../../../src/draw/proof.ts';
import { commitmentTo } from '../../../src/draw/seed.ts';
import {
  chainedFacts,
  factsOf,
  factsWith,
  figure,
  quicknetFacts,
  secret,
  startsAtMs,
} from '../../unit/draw/draw-facts.ts';

const needs = { verifyRound };
const kinds = [
  ['drand quicknet', quicknetFacts()],
  ['drand default', chainedFacts()],
  ['figure', factsWith(figure)],
  ['none', factsWith({ kind: 'none' })],
  ['a fallback', factsWith({ kind: 'none', announced: { kind: 'drand', chain: drandQuicknet.hash } })],
] as const;

test.each(kinds)('[DR10] an honest draw with %s passes', (_, facts) => {
  expect(checkProof(JSON.parse(JSON.stringify(facts)), needs)).toMatchObject({ kind: 'honest' });
});

test('[DR11] only a draw by the announced drand round leaves nothing unproved', () => {
  const unprovedOf = (facts: unknown) => {
    const checked = checkProof(facts, needs);
    return checked.kind === 'honest' ? checked.unproved : null;
  };
  expect(unprovedOf(quicknetFacts())).toEqual([]);
  expect(unprovedOf(factsWith(figure))).toEqual([expect.stringContaining(figure.value)]);
  expect(unprovedOf(factsWith({ kind: 'none' }))).toEqual([expect.stringContaining('only as honest as its operator')]);
  const announced = { kind: 'drand', chain: drandQuicknet.hash } as const;
  expect(unprovedOf(factsWith({ kind: 'none', announced }))).toEqual([
    expect.stringContaining('fell back to none'),
    expect.stringContaining('only as honest as its operator'),
  ]);
});

test('[DR12] a sealed draw without its reveal is not honest, and one that has not taken place is no proof', () => {
  const { draw, ...room } = factsWith({ kind: 'none' });
  expect(checkProof({ ...room, draw: { ...draw, proof: null } }, needs)).toMatchObject({
    kind: 'false',
    step: 'reveal',
  });
  const notYet = { ...room, draw: { ...draw, drawn: null, proof: null } };
  expect(checkProof(notYet, needs)).toMatchObject({ kind: 'unreadable' });
  expect(checkProof({ ...room, draw: null }, needs)).toMatchObject({ kind: 'unreadable' });
});

test('[DR13] the step that fails is named, also when the forger recomputed all that follows', () => {
  const honest = quicknetFacts();
  const { proof } = honest.draw;
  const parts = { ...proof, startsAtMs: Date.parse(proof.startsAt) };
  const stepOf = (forged: Partial<typeof parts>, draw: object = {}) => {
    const facts = { ...honest, draw: { ...honest.draw, proof: proofOf({ ...parts, ...forged }), ...draw } };
    const checked = checkProof(facts, needs);
    return checked.kind === 'false' ? checked.step : checked.kind;
  };
  expect(stepOf({})).toBe('honest');
  expect(stepOf({ room: 'other' })).toBe('room');
  expect(stepOf({ startsAtMs: parts.startsAtMs + 1 })).toBe('start');
  expect(stepOf({ secret: `01${secret.slice(2)}` })).toBe('commitment');
  expect(stepOf({ randomness: { kind: 'none' } })).toBe('commitment');
  expect(stepOf({ drawn: 999 })).toBe('drawn');
  expect(stepOf({}, { drawn: 999 })).toBe('drawn');
  expect(stepOf({}, { announced: { kind: 'drand', chain: drandQuicknet.hash } })).toBe('honest');
  expect(stepOf({}, { announced: { kind: 'drand', chain: drandDefault.hash } })).toBe('randomness');
  expect(stepOf({}, { proof: { ...proof, seed: '00'.repeat(32) } })).toBe('seed');
  const { randomness } = proof;
  if (randomness.kind !== 'drand') throw new Error('this draw is by drand');
  const otherSign =
    (Number.parseInt(randomness.signature.slice(0, 1), 16) ^ 2).toString(16) + randomness.signature.slice(1);
  expect(stepOf({ randomness: { ...randomness, signature: otherSign } })).toBe('randomness');
  expect(stepOf({ randomness: { ...randomness, round: randomness.round + 1 } })).toBe('randomness');
});

test('[DR13] a commitment that does not belong to the revealed secret is not honest', () => {
  const facts = factsWith({ kind: 'none' });
  const commitment = commitmentTo('sale', `01${secret.slice(2)}`, { kind: 'none' });
  const { proof } = facts.draw;
  const checked = checkProof({ ...facts, draw: { ...facts.draw, commitment, proof: { ...proof, commitment } } }, needs);
  expect(checked).toMatchObject({ kind: 'false', step: 'commitment' });
});

test('[DR14] a round that was out before the seal is not honest, and a later one than the first is remarked', () => {
  const first = firstRoundAfter(drandQuicknet, startsAtMs);
  const checkedWith = (round: number, chain = drandQuicknet.hash) =>
    checkProof(factsWith({ kind: 'drand', chain, round, signature: 'ab'.repeat(48) }), { verifyRound: () => true });
  expect(checkedWith(first - 1)).toMatchObject({ kind: 'false', step: 'randomness' });
  expect(checkedWith(first)).toMatchObject({ kind: 'honest', unproved: [] });
  const late = checkedWith(first + 1);
  expect(late).toMatchObject({ kind: 'honest', unproved: [expect.stringContaining('may choose among rounds')] });
  expect(checkedWith(first, 'ab'.repeat(32))).toMatchObject({ kind: 'false', step: 'randomness' });
});

test('[DR15] facts that are not exactly of the known form are unreadable, with the place and what was expected', () => {
  const facts = factsWith(figure);
  const { draw } = facts;
  const { proof } = draw;
  const detailOf = (body: unknown) => {
    const checked = checkProof(body, needs);
    return checked.kind === 'unreadable' ? checked.detail : checked.kind;
  };
  const withProof = (change: object) => detailOf({ ...facts, draw: { ...draw, proof: { ...proof, ...change } } });
  expect(detailOf(null)).toBe('the room facts must be an object, not null');
  expect(detailOf([])).toBe('the room facts must be an object, not a list');
  expect(detailOf({ room: 'sale' })).toBe('draw must be an object, not missing');
  expect(detailOf({ ...facts, draw: { ...draw, extra: 1 } })).toBe('draw must not have the key "extra"');
  expect(detailOf({ ...facts, room: '' })).toContain('room must be a text');
  expect(withProof({ v: 2 })).toBe('draw.proof.v must be 1, not 2');
  expect(withProof({ secret: secret.toUpperCase() })).toContain(
    'draw.proof.secret must be 64 hex digits in lower case',
  );
  expect(withProof({ seed: undefined })).toContain('draw.proof.seed must be 64 hex digits in lower case, not missing');
  expect(withProof({ drawn: 1.5 })).toContain('draw.proof.drawn must be a whole number');
  expect(withProof({ drawn: -0 })).toContain('draw.proof.drawn must be a whole number');
  expect(withProof({ startsAt: '2027-05-09T10:00:00+09:00' })).toContain('draw.proof.startsAt must be as in');
  expect(withProof({ startsAt: '2027-02-30T01:00:00.000Z' })).toContain('draw.proof.startsAt must be as in');
  expect(withProof({ extra: 1 })).toBe('draw.proof must not have the key "extra"');
  expect(withProof({ randomness: { kind: 'dice' } })).toContain('kind must be "drand", "figure" or "none", not "dice"');
  expect(withProof({ randomness: { ...figure, named: '\ud800' } })).toContain(
    'draw.proof.randomness.named must be a text',
  );
  expect(withProof({ randomness: { ...figure, value: '' } })).toContain('draw.proof.randomness.value must be a text');
});

/** Genuine pairings cost 25 ms; what was asked before is answered from memory. */
function rememberingVerifier() {
  const known = new Map<string, boolean>();
  return (chain: typeof drandQuicknet, round: DrandRound) => {
    const key = JSON.stringify([chain.hash, round]);
    const answer = known.get(key) ?? verifyRound(chain, round);
    known.set(key, answer);
    return answer;
  };
}

/** The checked part of the facts as bytes; what a room says beside it is not the proof's. */
function checkedBytes({ room, startsAt, draw }: ReturnType<typeof factsWith>): Buffer {
  return Buffer.from(JSON.stringify({ draw, room, startsAt }, null, 1));
}

function isHonest(bytes: Buffer, verify: ReturnType<typeof rememberingVerifier>): boolean {
  try {
    return checkProof(JSON.parse(bytes.toString()), { verifyRound: verify }).kind === 'honest';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

test.each(kinds.filter(([name]) => name !== 'drand default'))(
  '[DR16] no bit of a draw with %s can be changed unnoticed',
  { timeout: 60_000 },
  (_, facts) => {
    const verify = rememberingVerifier();
    const bytes = checkedBytes(facts);
    expect(isHonest(bytes, verify)).toBe(true);
    const unnoticed: string[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        if (isHonest(changed, verify)) unnoticed.push(`byte ${at} bit ${bit}: ${changed.subarray(at - 20, at + 20)}`);
      }
    }
    expect(unnoticed).toEqual([]);
  },
);

test('[DR16] no digit of the previous signature of a chained round can be changed unnoticed', {
  timeout: 60_000,
}, () => {
  const facts = chainedFacts();
  const text = JSON.stringify(facts);
  const start = text.indexOf('"previousSignature":"') + '"previousSignature":"'.length;
  const verify = rememberingVerifier();
  expect(isHonest(Buffer.from(text), verify)).toBe(true);
  for (let at = start; at < start + 192; at += 13) {
    const digit = (Number.parseInt(text.slice(at, at + 1), 16) ^ 1).toString(16);
    expect(isHonest(Buffer.from(text.slice(0, at) + digit + text.slice(at + 1)), verify)).toBe(false);
  }
});

test('[DR17] the same parts always give the same proof, so a crash between seal and reveal ends in the same draw', () => {
  const parts = { room: 'sale', startsAtMs, secret, randomness: figure, drawn: 1_000 };
  expect(factsOf(parts)).toEqual(factsOf({ ...parts }));
  expect(proofOf(parts)).toEqual({
    v: 1,
    room: 'sale',
    startsAt: '2027-05-09T01:00:00.000Z',
    commitment: commitmentTo('sale', secret, { kind: 'figure', named: figure.named }),
    secret,
    randomness: figure,
    drawn: 1_000,
    seed: proofOf(parts).seed,
  });
});

/** Another well-formed value of the same form: what a forger would write. */
const otherHex = (hex: string): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: hex.length / 2, maxLength: hex.length / 2 })
    .map(bytes => Buffer.from(bytes).toString('hex'))
    .filter(other => other !== hex);
const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const hex32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => Buffer.from(bytes).toString('hex'));
const chosen = fc.record({ kind: fc.constant('figure' as const), named: text, value: text });
const anyRandomness = fc.oneof(
  chosen,
  fc.constant({ kind: 'none' as const }),
  text.map(named => ({ kind: 'none' as const, announced: { kind: 'figure' as const, named } })),
);
const anyParts = fc.record({
  room: text,
  startsAtMs: fc.integer({ min: 0, max: 4e12 }),
  secret: hex32,
  randomness: anyRandomness,
  drawn: fc.integer({ min: 0, max: 2 ** 30 }),
});

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** The paths of all values in the facts. */
const leavesOf = (value: unknown, path: readonly string[] = []): readonly (readonly string[])[] =>
  isFields(value) ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key])) : [path];

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((at: unknown, key) => (isFields(at) ? at[key] : undefined), value);

const withValue = (value: unknown, [key, ...rest]: readonly string[], next: unknown): unknown =>
  key === undefined ? next : { ...(isFields(value) ? value : {}), [key]: withValue(valueAt(value, [key]), rest, next) };

/** Another value of the form that stands there. */
function another(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value === 'number') return fc.integer({ min: 0, max: 2 ** 30 }).filter(other => other !== value);
  const given = String(value);
  if (/^([0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{192})$/.test(given)) return otherHex(given);
  if (/^\d{4}-.*Z$/.test(given)) {
    const instants = fc.integer({ min: 0, max: 4e12 }).map(atMs => new Date(atMs).toISOString());
    return instants.filter(other => other !== given);
  }
  return fc.oneof(text, fc.constantFrom('none', 'figure', 'drand', 'sale')).filter(other => other !== given);
}

test('[DR16] whatever the draw, no value of its proof can be another one unnoticed, and none can be missing', () => {
  const verify = rememberingVerifier();
  const drand = fc.constantFrom(quicknetFacts(), chainedFacts());
  const facts = fc.oneof({ weight: 6, arbitrary: anyParts.map(factsOf) }, { weight: 1, arbitrary: drand });
  const forged = facts
    .map(({ phase: _, ...checked }) => checked)
    .chain(honest =>
      fc
        .constantFrom(...leavesOf(honest))
        .chain(path => another(valueAt(honest, path)).map(value => ({ honest, path, value }))),
    );
  const kindOf = (body: unknown) => checkProof(JSON.parse(JSON.stringify(body)), { verifyRound: verify }).kind;
  fc.assert(
    fc.property(forged, ({ honest, path, value }) => {
      expect(kindOf(honest)).toBe('honest');
      expect(kindOf(withValue(honest, path, value))).not.toBe('honest');
      expect(kindOf(withValue(honest, path, undefined))).not.toBe('honest');
    }),
    { numRuns: 400 },
  );
});
