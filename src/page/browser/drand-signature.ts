// Whether a drand round is genuine, in the browser: its BLS signature under the chain's key. The same as the gateway's
// (src/draw/drand-round.ts), without anything of Node.
import { bls12_381 } from '@noble/curves/bls12-381.js';
import type { DrandChain } from '../../draw/drand-chain.ts';
import { sha256 } from './sha256.ts';

const g1Domain = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
const g2Domain = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_';

/** What is malformed is not genuine either. `previous`: the signature before, where the chain signs over it, else empty. */
export const isGenuine = (
  { scheme, publicKey }: DrandChain,
  roundBytes: Uint8Array,
  signature: Uint8Array,
  previous: Uint8Array,
): boolean => {
  const isChained = scheme === 'pedersen-bls-chained';
  if (isChained === (previous.length === 0)) return false;
  const { longSignatures: long, shortSignatures: short } = bls12_381;
  const signed = new Uint8Array([...previous, ...roundBytes]);
  const key = Uint8Array.from(publicKey.match(/../g) ?? [], pair => Number.parseInt(pair, 16));
  try {
    return isChained
      ? long.verify(signature, long.hash(sha256(signed), g2Domain), key)
      : short.verify(signature, short.hash(sha256(signed), g1Domain), key);
  } catch {
    // Bytes that are no point of the right group: an answer, not a failure.
    return false;
  }
};
