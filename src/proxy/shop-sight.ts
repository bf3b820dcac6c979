// What one gateway sees of the shop: whether it is failing now, and how it answered since it was asked last. An error
// signature that nearly every page carries is left out of both, and said to be useless.

import type { ShopCounts } from '../admission/shop-condition.ts';
import { type ShopReport, ShopTally } from '../admission/shop-report.ts';
import type { VisitRank } from '../admission/shop-turnstile.ts';
import { createSignatureTrust } from '../admission/signature-trust.ts';
import { createShopHealth, isBad } from './shop-health.ts';
import type { ShopOutcome } from './shop-port.ts';

export type ShopSight = {
  observe(outcome: ShopOutcome, rank: VisitRank | null, nowMs: number): void;
  /** A request is open for far too long, as if the shop hung: as good as a timeout. // AP63 */
  silence(rank: VisitRank, nowMs: number): void;
  isFailing(nowMs: number): boolean;
  /** The answers of the last seconds. */
  countsAt(nowMs: number): ShopCounts;
  take(): ShopReport | null;
  /** Nearly every answer carries an error signature, and always did: it says nothing. */
  isSignatureUseless(): boolean;
  /** The shop was seen without it: an answer that carries one is an error. */
  isSignatureTrusted(): boolean;
  /** Whether the shop was surely seen without it since this was asked last. */
  takeClean(): boolean;
};

/** A fan who gave up while held back counts as held from here on. */
const waitedInVainMs = 1_000;

/** `isKnownClean`: whether the room knows that the shop was seen without the error signatures. */
export function openShopSight(isKnownClean: () => boolean): ShopSight {
  const health = createShopHealth();
  const tally = new ShopTally();
  const trust = createSignatureTrust(isKnownClean);
  return {
    countsAt: health.countsAt,
    isFailing: nowMs => health.stateAt(nowMs) === 'failing',
    take: () => tally.take(),
    takeClean: () => trust.takeClean(),
    isSignatureUseless: () => trust.verdict() === 'useless',
    isSignatureTrusted: () => trust.verdict() === 'trusted',
    silence(rank, nowMs) {
      health.observe({ kind: 'timed-out', answered: false, detail: 'no answer yet' }, nowMs);
      tally.add(rank, true, null);
    },
    observe(seen, rank, nowMs) {
      if (seen.kind === 'answered' && seen.status < 500) trust.observe(seen.signature);
      const isTrusted = trust.verdict() === 'trusted';
      const outcome = seen.kind === 'answered' && !isTrusted ? { ...seen, signature: false } : seen;
      health.observe(outcome, nowMs);
      if (rank === null) return;
      // Our own refusal says that the shop has too much to do, and is no error of it.
      if (outcome.kind === 'busy' || hasWaitedInVain(outcome)) return tally.addHeld(rank);
      const bad = isBad(outcome);
      if (bad === null) return;
      const isSample = outcome.kind === 'answered' && !bad && outcome.isLate !== true;
      tally.add(rank, bad, isSample ? outcome.firstByteMs + (outcome.waitedMs ?? 0) : null);
    },
  };
}

function hasWaitedInVain(outcome: ShopOutcome): boolean {
  return outcome.kind === 'abandoned' && (outcome.waitedMs ?? 0) >= waitedInVainMs;
}
