// The drand chains that a draw may name, and which of their rounds belongs to a start. Signatures are drand-round.ts's.

/** `chained` signs SHA-256(previous signature || round) on G2, `unchained` signs SHA-256(round) on G1 (RFC 9380). */
export type DrandScheme = 'pedersen-bls-chained' | 'bls-unchained-g1-rfc9380';

export type DrandChain = {
  /** SHA-256 over the chain's parameters, in hex: its name in every address and proof. */
  readonly hash: string;
  readonly name: string;
  readonly scheme: DrandScheme;
  /** The group's public key in hex. */
  readonly publicKey: string;
  readonly periodMs: number;
  /** When round 1 was due. */
  readonly genesisAtMs: number;
};

/** A round. Hex strings; `previousSignature` where the scheme is chained. */
export type DrandRound = {
  readonly round: number;
  readonly signature: string;
  readonly previousSignature?: string;
};

/** Whether the chain's key signed this round. The port through which a proof is checked. */
export type VerifyRound = (chain: DrandChain, round: DrandRound) => boolean;

/** A round that the chain's key signed; null if it could not be had now. The port through which a reveal gets it. */
export type FetchRound = (chain: DrandChain, round: number) => Promise<DrandRound | null>;

/** The League of Entropy's chain of 3 seconds: the one to name. */
export const drandQuicknet: DrandChain = {
  hash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
  name: 'quicknet',
  scheme: 'bls-unchained-g1-rfc9380',
  publicKey:
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451' +
    '0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  periodMs: 3_000,
  genesisAtMs: 1_692_803_367_000,
};

/** The League of Entropy's older chain of 30 seconds. */
export const drandDefault: DrandChain = {
  hash: '8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce',
  name: 'default',
  scheme: 'pedersen-bls-chained',
  publicKey: '868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31',
  periodMs: 30_000,
  genesisAtMs: 1_595_431_050_000,
};

/** Chains anybody can look up. Another chain proves nothing to somebody who does not know its key. */
export const drandChains: readonly DrandChain[] = [drandQuicknet, drandDefault];

/** Sealing must be over when the round comes out, on clocks that differ a little. */
const sealingTimeMs = 1_000;

export function roundDueAtMs(chain: DrandChain, round: number): number {
  return chain.genesisAtMs + (round - 1) * chain.periodMs;
}

/** The round that belongs to a start: the first that is due a second or more after it. */
export function firstRoundAfter(chain: DrandChain, startsAtMs: number): number {
  return Math.max(1, Math.ceil((startsAtMs + sealingTimeMs - chain.genesisAtMs) / chain.periodMs) + 1);
}

/**
 * The round to take for a room that was sealed then: that of its start, or, if the seal came so late that this round was
 * out already, the first that is due a second or more after the seal.
 */
export function roundOfSeal(chain: DrandChain, startsAtMs: number, sealedAtMs: number): number {
  const round = firstRoundAfter(chain, startsAtMs);
  return roundDueAtMs(chain, round) > sealedAtMs ? round : firstRoundAfter(chain, sealedAtMs);
}
