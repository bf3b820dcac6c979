// Commitment and seed: byte-exact, and different whenever any part is.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { drandQuicknet } from '../../../src/draw/drand-chain.ts';
import type { DrawRandomness } from '../../../src/draw/randomness.ts';
import { commitmentTo, seedOf } from '../../../src/draw/seed.ts';
import { figure, secret, startsAtMs } from './draw-facts.ts';

const parts = { room: 'sale', startsAtMs, secret, randomness: figure, drawn: 1_000 };

/** The encoding of DRAW.md written out once more, by hand. */
function sha256Of(...fields: readonly (string | Buffer)[]): string {
  const sha256 = createHash('sha256');
  for (const field of fields) {
    const bytes = Buffer.from(field);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    sha256.update(length).update(bytes);
  }
  return sha256.digest('hex');
}

test('[DR7] commitment and seed are the hashes that DRAW.md defines', () => {
  const secretBytes = Buffer.from(secret, 'hex');
  expect(commitmentTo('sale', secret, { kind: 'none' })).toBe(
    sha256Of('junban/draw/commitment/v1', 'sale', secretBytes, 'none'),
  );
  const drawn = Buffer.from('00000000000003e8', 'hex');
  const { named, value } = figure;
  const head = ['junban/draw/seed/v1', 'sale', '2027-05-09T01:00:00.000Z', secretBytes];
  expect(seedOf(parts)).toBe(sha256Of(...head, 'figure', named, 'figure', value, drawn));
  const chain = drandQuicknet.hash;
  const signature = 'ab'.repeat(48);
  const round = Buffer.from('0000000100000002', 'hex');
  const randomness = createHash('sha256').update(Buffer.from(signature, 'hex')).digest();
  expect(seedOf({ ...parts, randomness: { kind: 'drand', chain, round: 2 ** 32 + 2, signature } })).toBe(
    sha256Of(...head, 'drand', Buffer.from(chain, 'hex'), 'drand', round, randomness, drawn),
  );
});

test('[DR7] no two different draws share a commitment or a seed', () => {
  const chain = drandQuicknet.hash;
  const drand: DrawRandomness = { kind: 'drand', chain, round: 7, signature: 'ab'.repeat(48) };
  const seeds = [
    parts,
    { ...parts, room: 'sale2' },
    { ...parts, startsAtMs: startsAtMs + 1 },
    { ...parts, secret: `01${secret.slice(2)}` },
    { ...parts, drawn: 1_001 },
    { ...parts, randomness: { ...figure, value: '39,141.59 円' } },
    { ...parts, randomness: { ...figure, named: 'another' } },
    // Moving a letter from one text to the next one makes another draw too.
    { ...parts, randomness: { ...figure, named: `${figure.named}3`, value: figure.value.slice(1) } },
    { ...parts, randomness: drand },
    { ...parts, randomness: { ...drand, round: 8 } },
    { ...parts, randomness: { ...drand, signature: 'ac'.repeat(48) } },
    { ...parts, randomness: { ...drand, chain: 'cd'.repeat(32) } },
    { ...parts, randomness: { kind: 'none' as const } },
    { ...parts, randomness: { kind: 'none' as const, announced: { kind: 'drand' as const, chain } } },
  ].map(seedOf);
  expect(new Set(seeds).size).toBe(seeds.length);
  const commitments = [
    commitmentTo('sale', secret, { kind: 'none' }),
    commitmentTo('sal', secret, { kind: 'none' }),
    commitmentTo('sale', `01${secret.slice(2)}`, { kind: 'none' }),
    commitmentTo('sale', secret, { kind: 'drand', chain }),
    commitmentTo('sale', secret, { kind: 'figure', named: 'one' }),
    commitmentTo('sale', secret, { kind: 'figure', named: 'two' }),
  ];
  expect(new Set(commitments).size).toBe(commitments.length);
});
