// What of a room's facts is no proof at all.
import { expect, test } from 'vitest';
import { readDrawFacts } from '../../../src/draw/draw-proof.ts';
import { factsWith, figure } from './draw-facts.ts';

test('[DR60] a fallback from nothing is unreadable, one from what was announced is not', () => {
  const { kind, named } = figure;
  const facts = factsWith({ kind: 'none', announced: { kind, named } });
  const { draw } = JSON.parse(JSON.stringify(facts));
  expect(readDrawFacts({ ...facts, draw }).kind).toBe('read');
  draw.proof.randomness.announced = { kind: 'none' };
  expect(readDrawFacts({ ...facts, draw })).toEqual({
    kind: 'unreadable',
    detail: 'draw.proof.randomness.announced.kind must be "drand" or "figure", not "none"',
  });
});
