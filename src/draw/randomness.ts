// The public randomness of a draw: what is announced before the lobby opens, and what it came to after the start.

import { hash } from 'node:crypto';
import { bytesOfHex } from './hex.ts';

/** Named in advance and bound by the commitment, so that nobody can choose it afterwards. */
export type AnnouncedRandomness =
  /** The first round of this drand chain that is due after the start (`firstRoundAfter`). The chain's hash in hex. */
  | { readonly kind: 'drand'; readonly chain: string }
  /** A public figure in words that leave no choice. */
  | { readonly kind: 'figure'; readonly named: string }
  | { readonly kind: 'none' };

export type DrawRandomness =
  | {
      readonly kind: 'drand';
      readonly chain: string;
      readonly round: number;
      readonly signature: string;
      /** Only a chained scheme signs over it. */
      readonly previousSignature?: string;
    }
  | { readonly kind: 'figure'; readonly named: string; readonly value: string }
  /** With `announced` it is the declared fallback: what was announced did not come within the time allowed. */
  | { readonly kind: 'none'; readonly announced?: AnnouncedRandomness };

/** What must have been announced for this randomness to be the one in use. */
export function announcedFor(randomness: DrawRandomness): AnnouncedRandomness {
  switch (randomness.kind) {
    case 'drand':
      return { kind: 'drand', chain: randomness.chain };
    case 'figure':
      return { kind: 'figure', named: randomness.named };
    case 'none':
      return randomness.announced ?? { kind: 'none' };
  }
}

/** The 32 bytes that a drand round stands for: SHA-256 of its signature. */
export function randomnessOfRound(signature: string): Uint8Array {
  return hash('sha256', bytesOfHex(signature), 'buffer');
}
