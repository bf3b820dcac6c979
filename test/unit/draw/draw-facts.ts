// Room facts with honest draws of each kind of randomness, built on genuine drand rounds.

import { type DrandChain, drandDefault, drandQuicknet, roundDueAtMs } from '../../../src/draw/drand-chain.ts';
import { proofOf } from '../../../src/draw/proof.ts';
import type { DrawRandomness } from '../../../src/draw/randomness.ts';
import type { SeedParts } from '../../../src/draw/seed.ts';
import drandRounds from '../../vectors/drand-rounds.json' with { type: 'json' };

export const secret = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
export const startsAtMs = Date.parse('2027-05-09T01:00:00.000Z');

/** The facts of a room whose proof was made from these parts. */
export function factsOf(parts: SeedParts) {
  const proof = proofOf(parts);
  const { room, startsAt, commitment, drawn } = proof;
  return { room, phase: 'open', startsAt, draw: { commitment, drawn, proof } };
}

export function factsWith(randomness: DrawRandomness) {
  return factsOf({ room: 'sale', startsAtMs, secret, randomness, drawn: 1_000 });
}

/** A start to which the vector's round belongs. */
function factsWithRound(chain: DrandChain, round: number) {
  const vector = drandRounds.find(entry => entry.chain === chain.name && entry.round === round);
  if (vector === undefined) throw new Error(`no vector of ${chain.name} has round ${round}`);
  const { signature, previousSignature } = vector;
  const genuine = { kind: 'drand' as const, chain: chain.hash, round, signature };
  const randomness = previousSignature === undefined ? genuine : { ...genuine, previousSignature };
  const start = roundDueAtMs(chain, round) - chain.periodMs;
  return factsOf({ room: 'sale', startsAtMs: start, secret, randomness, drawn: 1_000 });
}

export const quicknetFacts = () => factsWithRound(drandQuicknet, 1_000);
export const chainedFacts = () => factsWithRound(drandDefault, 3_311_596);
export const figure = { kind: 'figure', named: 'Nikkei 225, close of 7 May 2027', value: '39,141.58 円' } as const;
