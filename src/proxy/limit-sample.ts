// What the limit on requests in flight learns from how one request went: only answers of a shop that worked on it tell how
// long work takes, and only some failures tell that it has too much of it.

import type { ShopOutcome } from './shop-port.ts';

/** What servers answer when they have too much to do. */
const overloadStatuses: ReadonlySet<number> = new Set([429, 503, 504]);

/**
 * How long the work took; null: the shop had too much to do; undefined: it says nothing of either. A shop that is not
 * there refuses within a millisecond, and an error may come as fast: neither is how long a page takes at ease. // AP40
 */
export function limitSampleOf(outcome: ShopOutcome, isSignatureTrusted: boolean): number | null | undefined {
  if (outcome.kind === 'timed-out') return null;
  if (outcome.kind !== 'answered') return undefined;
  if (overloadStatuses.has(outcome.status) || (outcome.signature && isSignatureTrusted)) return null;
  return outcome.status < 500 ? outcome.firstByteMs : undefined;
}
