// The page's own check of a place, a third implementation, against the gateway's and the shared vectors.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drandQuicknet } from '../../../src/draw/drand-chain.ts';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { placeOf } from '../../../src/draw/permute.ts';
import { checkDraw, type DrawClaim, shuffledIndex } from '../../../src/page/browser/draw-check.ts';
import { linesOf } from '../../../src/page/browser/proof-lines.ts';
import { sha256 } from '../../../src/page/browser/sha256.ts';
import { wording } from '../../../src/page/languages/en.ts';
import { chainedFacts, factsOf, factsWith, figure, quicknetFacts } from '../../unit/draw/draw-facts.ts';
import { vectorRows } from './vector-rows.ts';

const late = { kind: 'none', announced: { kind: 'figure', named: 'the Nikkei close' } } as const;
/** With what the page can say of the randomness. */
const kinds = [
  ['drand quicknet', quicknetFacts(), [['drand', true]]],
  ['drand default', chainedFacts(), [['drand', true]]],
  ['figure', factsWith(figure), [['figure', null]]],
  ['none', factsWith({ kind: 'none' }), [['none', null]]],
  [
    'a fallback',
    factsWith(late),
    [
      ['late', null],
      ['none', null],
    ],
  ],
] as const;
const placeIn = ({ draw }: (typeof kinds)[number][1], number: number): number =>
  placeOf(number, draw.drawn, bytesOfHex(draw.proof.seed));

/** What a device that saw the commitment in the lobby holds the room to. */
const claimOf = (facts: (typeof kinds)[number][1], number: number, change: Partial<DrawClaim> = {}): DrawClaim => ({
  ...{ room: facts.room, number, place: placeIn(facts, number), commitmentSeen: facts.draw.commitment },
  ...change,
});

test('[PG75] the hash of the page is SHA-256', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      expect(Buffer.from(sha256(bytes)).toString('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    }),
  );
});

test('[PG75] the page computes the places of the shared vectors', () => {
  for (const { seed, drawn, input, output } of vectorRows()) {
    // The first, the last and one between: every hash is computed by hand here.
    for (const number of new Set([0, drawn >>> 1, drawn - 1].filter(each => each >= 0 && each < drawn))) {
      expect(output[shuffledIndex(number, drawn, seed)]).toBe(input[number]);
    }
  }
});

test.each(kinds)('[PG75] an honest draw with %s is right for every number', (_, facts, randomness) => {
  for (const number of [0, 1, facts.draw.drawn - 1]) {
    const check = checkDraw(JSON.parse(JSON.stringify(facts)), claimOf(facts, number));
    expect(check.kind === 'checked' && check.steps.map(({ step, holds }) => [step, holds])).toEqual([
      ['commitment', true],
      ...randomness,
      ['seed', true],
      ['place', true],
    ]);
  }
});

test('[PG106] [PG143] what the page cannot prove gets no tick, and then the place is not called right', () => {
  const linesFor = (facts: ReturnType<typeof factsWith>, change: Partial<DrawClaim> = {}) =>
    linesOf(checkDraw(facts, claimOf(facts, 7, change)), wording.proof);
  const [drand, chosen, none, fallback] = [
    quicknetFacts(),
    factsWith(figure),
    factsWith({ kind: 'none' }),
    factsWith(late),
  ];
  expect(linesFor(drand).map(({ mark }) => mark)).toEqual(['✓', '✓', '✓', '✓', '']);
  expect(linesFor(drand).at(-1)?.text).toBe(wording.proof.right);
  for (const facts of [chosen, none]) expect(linesFor(facts).map(({ mark }) => mark)).toEqual(['✓', '–', '✓', '✓', '']);
  expect(linesFor(drand, { commitmentSeen: null }).map(({ mark }) => mark)).toEqual(['–', '✓', '✓', '✓', '']);
  for (const lines of [linesFor(chosen), linesFor(none), linesFor(drand, { commitmentSeen: null })]) {
    expect(lines.at(-1)?.text).toBe('Your place follows from this data.');
  }
  expect(linesFor(fallback).map(({ mark }) => mark)).toEqual(['✓', '–', '–', '✓', '✓', '']);
  expect(linesFor(fallback)[1]?.text).toContain('announced beforehand (the Nikkei close) did not come in time');
});

test('[PG142] a drand round that the key of its chain did not sign, or that is not of this start, is found by the page', () => {
  const facts = quicknetFacts();
  const { randomness } = facts.draw.proof;
  if (randomness.kind !== 'drand') throw new Error('this draw is by drand');
  /** Everything else recomputed, as a forger would. */
  const holdsWith = (change: object, startMs = 0) => {
    const startsAtMs = Date.parse(facts.draw.proof.startsAt) + startMs;
    const forged = factsOf({ ...facts.draw.proof, startsAtMs, randomness: { ...randomness, ...change } });
    const check = checkDraw(forged, claimOf(forged, 7));
    return check.kind === 'checked' ? check.steps.map(step => step.holds) : check.kind;
  };
  expect(holdsWith({})).toEqual([true, true, true, true]);
  const { signature } = randomness;
  const flipped = (Number.parseInt(signature.slice(0, 1), 16) ^ 2).toString(16) + signature.slice(1);
  const refused = [true, false, true, true];
  expect(holdsWith({ signature: flipped })).toEqual(refused);
  expect(holdsWith({ signature: '' })).toEqual(refused);
  expect(holdsWith({ round: randomness.round + 1 })).toEqual(refused);
  expect(holdsWith({ previousSignature: 'ab'.repeat(48) })).toEqual(refused);
  expect(holdsWith({ chain: 'ab'.repeat(32) })).toEqual(refused);
  // Out before the start, and a later round than the first, which leaves a choice.
  expect(holdsWith({}, drandQuicknet.periodMs)).toEqual(refused);
  expect(holdsWith({}, -drandQuicknet.periodMs)).toEqual([true, null, true, true]);
});

test('[PG75] each step that is false is marked', () => {
  const facts = quicknetFacts();
  const place = placeIn(facts, 7);
  const falseIn = (given: unknown, number = 7, seen: string | null = null, at = place) => {
    const claim = { room: 'sale', number, place: at, commitmentSeen: seen };
    const check = checkDraw(given, claim);
    return check.kind === 'checked'
      ? check.steps.filter(step => step.holds === false).map(step => step.step)
      : check.kind;
  };
  const { draw } = facts;
  const withProof = (change: object) => ({ ...facts, draw: { ...draw, proof: { ...draw.proof, ...change } } });
  expect(falseIn(facts)).toEqual([]);
  expect(falseIn(facts, 7, '00'.repeat(32))).toEqual(['commitment']);
  expect(falseIn(withProof({ secret: '11'.repeat(32) }))).toEqual(expect.arrayContaining(['commitment', 'seed']));
  expect(falseIn(withProof({ seed: '22'.repeat(32) }))).toEqual(['seed']);
  expect(falseIn(facts, 7, null, place + 1)).toEqual(['place']);
  expect(falseIn({ ...facts, startsAt: undefined })).toEqual(['seed']);
  expect(falseIn({ ...facts, startsAt: '2027-05-09T01:00:00.001Z' })).toEqual(['seed']);
  expect(falseIn({ ...facts, draw: { ...draw, announced: { kind: 'none' } } })).toEqual(['commitment']);
  expect(falseIn({ ...facts, draw: { ...draw, announced: { kind: 'drand', chain: drandQuicknet.hash } } })).toEqual([]);
  const other = factsOf({ ...draw.proof, room: 'other', startsAtMs: Date.parse(facts.startsAt) });
  expect(falseIn(other)).toContain('commitment');
});

test('[PG75] before the reveal there is nothing to check, and who came after the draw stands at the own number', () => {
  const facts = factsWith({ kind: 'none' });
  const check = (given: unknown, number = 0, place = 0, commitmentSeen: string | null = null) =>
    checkDraw(given, { room: 'sale', number, place, commitmentSeen });
  expect(check({ ...facts, draw: { ...facts.draw, proof: null } })).toEqual({ kind: 'pending' });
  expect(check({ ...facts, draw: null })).toEqual({ kind: 'none' });
  expect(check({})).toEqual({ kind: 'none' });
  const { drawn } = facts.draw;
  expect(check(facts, drawn, drawn)).toEqual({ kind: 'after', holds: true });
  expect(check(facts, drawn, 3)).toEqual({ kind: 'after', holds: false });
});

test('[PG148] a device that was in the lobby and is told that it came after the draw gets no tick for that', () => {
  // A room that seals fewer than it handed out was given a tick by the very device that it left out.
  const facts = factsWith({ kind: 'none' });
  const { drawn, commitment } = facts.draw;
  const linesFor = (commitmentSeen: string | null) =>
    linesOf(checkDraw(facts, { room: 'sale', number: drawn, place: drawn, commitmentSeen }), wording.proof);
  expect(linesFor(commitment)).toEqual([
    { mark: '–', text: wording.proof.afterDraw },
    { mark: '', text: wording.proof.follows },
  ]);
  expect(linesFor(null)).toEqual([
    { mark: '✓', text: wording.proof.afterDraw },
    { mark: '', text: wording.proof.follows },
  ]);
  expect(linesFor('00'.repeat(32)).map(({ mark }) => mark)).toEqual(['✗', '']);
  expect(linesFor('00'.repeat(32)).at(-1)?.text).toBe(wording.proof.wrong);
});
