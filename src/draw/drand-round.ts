// Whether a drand round is genuine: its BLS signature under the chain's key. Pure, with @noble/curves for the pairing
// (about 25 ms a round). Fetching rounds is flow's and an adapter's.

import { hash } from 'node:crypto';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import type { DrandChain, DrandRound } from './drand-chain.ts';
import { bytesOfHex, isHex } from './hex.ts';

const g1Domain = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
const g2Domain = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_';
const g1Bytes = 48;
const g2Bytes = 96;
/** The first round of a chained scheme signs over the group's hash instead of a signature. */
const groupHashBytes = 32;

/** True only for what the chain's key signed; whatever is malformed is not genuine either. */
export function verifyRound(chain: DrandChain, round: DrandRound): boolean {
  if (!Number.isSafeInteger(round.round) || round.round < 1) return false;
  switch (chain.scheme) {
    case 'bls-unchained-g1-rfc9380':
      return verifyUnchained(chain, round);
    case 'pedersen-bls-chained':
      return verifyChained(chain, round);
  }
}

function verifyUnchained(chain: DrandChain, { round, signature, previousSignature }: DrandRound): boolean {
  if (previousSignature !== undefined || !isHex(signature, g1Bytes)) return false;
  const { hash: pointOf, verify } = bls12_381.shortSignatures;
  const message = pointOf(sha256(roundBytes(round)), g1Domain);
  return isSigned(() => verify(bytesOfHex(signature), message, bytesOfHex(chain.publicKey)));
}

function verifyChained(chain: DrandChain, { round, signature, previousSignature }: DrandRound): boolean {
  if (previousSignature === undefined || !isHex(signature, g2Bytes)) return false;
  if (!isHex(previousSignature, round === 1 ? groupHashBytes : g2Bytes)) return false;
  const { hash: pointOf, verify } = bls12_381.longSignatures;
  const signed = Buffer.concat([bytesOfHex(previousSignature), roundBytes(round)]);
  const message = pointOf(sha256(signed), g2Domain);
  return isSigned(() => verify(bytesOfHex(signature), message, bytesOfHex(chain.publicKey)));
}

/** The library throws for bytes that are no point of the right group, which is an answer, not a failure. */
function isSigned(verify: () => boolean): boolean {
  try {
    return verify();
  } catch {
    return false;
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

function roundBytes(round: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(round));
  return bytes;
}
