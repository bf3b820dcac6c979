// Published drand rounds verify, everything else does not, and each start has its round.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { drandChains, drandQuicknet, firstRoundAfter, roundDueAtMs } from '../../../src/draw/drand-chain.ts';
import { verifyRound } from '../../../src/draw/drand-round.ts';
import { randomnessOfRound } from '../../../src/draw/randomness.ts';
import drandRounds from '../../vectors/drand-rounds.json' with { type: 'json' };

function readVector(vector: (typeof drandRounds)[number]) {
  const chain = drandChains.find(({ name }) => name === vector.chain);
  if (chain === undefined) throw new Error(`no chain ${vector.chain}`);
  const { round, signature, previousSignature } = vector;
  return {
    chain,
    round: previousSignature === undefined ? { round, signature } : { round, signature, previousSignature },
  };
}

test.each(drandRounds)('[DR8] round $round of $chain is genuine and gives its published randomness', vector => {
  const { chain, round } = readVector(vector);
  expect(verifyRound(chain, round)).toBe(true);
  expect(Buffer.from(randomnessOfRound(round.signature)).toString('hex')).toBe(vector.randomness);
});

test.each(drandRounds)('[DR8] round $round of $chain is not genuine once anything in it is changed', vector => {
  const { chain, round } = readVector(vector);
  const { signature } = round;
  const other = drandChains.find(({ name }) => name !== chain.name) ?? chain;
  const otherSign = (Number.parseInt(signature.slice(0, 1), 16) ^ 2).toString(16) + signature.slice(1);
  expect(verifyRound(chain, { ...round, round: round.round + 1 })).toBe(false);
  expect(verifyRound(chain, { ...round, signature: otherSign })).toBe(false);
  expect(verifyRound(chain, { ...round, signature: `${signature.slice(0, -1)}0` })).toBe(signature.endsWith('0'));
  expect(verifyRound(chain, { ...round, signature: signature.toUpperCase() })).toBe(false);
  expect(verifyRound(chain, { ...round, signature: signature.slice(2) })).toBe(false);
  expect(verifyRound(chain, { ...round, signature: `c0${'00'.repeat(signature.length / 2 - 1)}` })).toBe(false);
  expect(verifyRound(chain, { ...round, previousSignature: 'ab'.repeat(96) })).toBe(false);
  expect(verifyRound(other, round)).toBe(false);
  expect(verifyRound({ ...chain, publicKey: other.publicKey }, round)).toBe(false);
  expect(verifyRound(chain, { ...round, round: 0 })).toBe(false);
});

test('[DR8] the hash of a known chain is that of its parameters, so a wrong digit in the table is found', () => {
  const groupHashes: Readonly<Record<string, string>> = {
    quicknet: 'f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e',
    default: '176f93498eac9ca337150b46d21dd58673ea4e3581185f869672e59fa4cb390a',
  };
  for (const { name, hash, periodMs, genesisAtMs, publicKey } of drandChains) {
    const head = Buffer.alloc(12);
    head.writeUInt32BE(periodMs / 1_000);
    head.writeBigUInt64BE(BigInt(genesisAtMs / 1_000), 4);
    const keys = Buffer.from(publicKey + groupHashes[name], 'hex');
    const suffix = name === 'default' ? '' : name;
    expect(createHash('sha256').update(head).update(keys).update(suffix).digest('hex')).toBe(hash);
  }
});

test('[DR9] the round of a start is the first that is due a second or more after it', () => {
  const dueAtMs = roundDueAtMs(drandQuicknet, 1_000);
  expect(dueAtMs).toBe(Date.parse('2023-08-23T15:59:24.000Z'));
  expect(firstRoundAfter(drandQuicknet, dueAtMs - 1_000)).toBe(1_000);
  expect(firstRoundAfter(drandQuicknet, dueAtMs - 999)).toBe(1_001);
  expect(firstRoundAfter(drandQuicknet, dueAtMs - 3_999)).toBe(1_000);
  expect(firstRoundAfter(drandQuicknet, dueAtMs - 4_000)).toBe(999);
  expect(firstRoundAfter(drandQuicknet, 0)).toBe(1);
});
