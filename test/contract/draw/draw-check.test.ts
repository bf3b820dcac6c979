// The page's own check of a place, a third implementation, against the gateway's and the shared vectors.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { placeOf } from '../../../src/draw/permute.ts';
import { checkDraw, shuffledIndex } from '../../../src/page/browser/draw-check.ts';
import { linesOf } from '../../../src/page/browser/proof-lines.ts';
import { sha256 } from '../../../src/page/browser/sha256.ts';
import { createFormats } from '../../../src/page/formats.ts';
import { wording } from '../../../src/page/languages/en.ts';
import { chainedFacts, factsWith, figure, quicknetFacts } from '../../unit/draw/draw-facts.ts';
import { vectorRows } from './vector-rows.ts';

const kinds = [
  ['drand quicknet', quicknetFacts()],
  ['drand default', chainedFacts()],
  ['figure', factsWith(figure)],
  ['none', factsWith({ kind: 'none' })],
  ['a fallback', factsWith({ kind: 'none', announced: { kind: 'figure', named: 'the Nikkei close' } })],
] as const;
const placeIn = ({ draw }: (typeof kinds)[number][1], number: number): number =>
  placeOf(number, draw.drawn, bytesOfHex(draw.proof.seed));

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

test.each(kinds)('[PG75] an honest draw with %s is right for every number', (_, facts) => {
  for (const number of [0, 1, facts.draw.drawn - 1]) {
    const check = checkDraw(JSON.parse(JSON.stringify(facts)), number, placeIn(facts, number), facts.draw.commitment);
    const { kind } = facts.draw.proof.randomness;
    expect(check.kind === 'checked' && check.steps.map(step => step.holds)).toEqual([
      true,
      kind === 'none' ? null : true,
      true,
      true,
    ]);
  }
});

test('[PG106] without public randomness no tick stands at that step, and the place is not called right', () => {
  const linesFor = (facts: ReturnType<typeof factsWith>) =>
    linesOf(checkDraw(facts, 7, placeIn(facts, 7), null), createFormats(wording));
  expect(linesFor(factsWith({ kind: 'none' })).map(line => line.mark)).toEqual(['✓', '–', '✓', '✓', '']);
  expect(linesFor(factsWith({ kind: 'none' })).at(-1)?.text).toBe('Your place follows from this data.');
  expect(linesFor(factsWith(figure)).at(-1)?.text).toBe(wording.proof.right);
});

test('[PG75] each step that is false is marked', () => {
  const facts = quicknetFacts();
  const place = placeIn(facts, 7);
  const falseIn = (given: unknown, number = 7, seen: string | null = null, at = place) => {
    const check = checkDraw(given, number, at, seen);
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
});

test('[PG75] before the reveal there is nothing to check, and who came after the draw stands at the own number', () => {
  const facts = factsWith({ kind: 'none' });
  expect(checkDraw({ ...facts, draw: { ...facts.draw, proof: null } }, 0, 0, null)).toEqual({ kind: 'pending' });
  expect(checkDraw({ ...facts, draw: null }, 0, 0, null)).toEqual({ kind: 'pending' });
  expect(checkDraw({}, 0, 0, null)).toEqual({ kind: 'pending' });
  const { drawn } = facts.draw;
  expect(checkDraw(facts, drawn, drawn, null)).toEqual({ kind: 'after', holds: true });
  expect(checkDraw(facts, drawn, 3, null)).toEqual({ kind: 'after', holds: false });
});
