// What one gateway sees of the shop: whether it is failing now, and how it answered since it was asked last: out of the same
// answers, pages and data. An error signature that nearly every page carries is left out of both, and said to be useless.

import type { AskedFor } from '../admission/asked-for.ts';
import type { ShopCounts } from '../admission/shop-condition.ts';
import { type ShopReport, ShopTally } from '../admission/shop-report.ts';
import type { VisitRank } from '../admission/shop-turnstile.ts';
import { createSignatureTrust } from '../admission/signature-trust.ts';
import { createShopHealth, isBad } from './shop-health.ts';
import type { ShopOutcome } from './shop-port.ts';

export type ShopSight = {
  /** `rank` null: the path needs no pass, and says nothing. `asked` absent: for data. */
  observe(outcome: ShopOutcome, rank: VisitRank | null, nowMs: number, asked?: AskedFor): void;
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
    observe(seen, rank, nowMs, asked = 'data') {
      if (rank === null) return;
      const isFile = asked === 'file';
      if (!isFile && canSpeakOfSignature(seen)) trust.observe(seen.signature, asked === 'page', nowMs);
      const isTrusted = !isFile && trust.verdict() === 'trusted';
      const outcome = seen.kind === 'answered' && !isTrusted ? { ...seen, signature: false } : seen;
      // Our own refusal says that the shop has too much to do, and is no error of it.
      if (outcome.kind === 'busy' || hasWaitedInVain(outcome)) return tally.addHeld(rank);
      const bad = isBad(outcome);
      if (bad === null) return;
      const isSample = outcome.kind === 'answered' && !bad && outcome.isLate !== true;
      const latencyMs = isSample ? outcome.firstByteMs + (outcome.waitedMs ?? 0) : null;
      if (!isFile) {
        health.observe(outcome, nowMs, asked === 'page');
        return tally.add(rank, bad, latencyMs);
      }
      if (!bad) health.answered();
      if (latencyMs !== null) tally.addLatency(rank, latencyMs);
    },
  };
}

type Answered = Extract<ShopOutcome, { kind: 'answered' }>;

/** An answer without a signature tells only where it could have carried one: redirects and empty answers could not. */
function canSpeakOfSignature(outcome: ShopOutcome): outcome is Answered {
  if (outcome.kind !== 'answered' || outcome.status >= 500) return false;
  return outcome.signature || (outcome.status < 300 && outcome.status !== 204);
}

function hasWaitedInVain(outcome: ShopOutcome): boolean {
  return outcome.kind === 'abandoned' && (outcome.waitedMs ?? 0) >= waitedInVainMs;
}
