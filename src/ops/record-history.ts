// Writes the history: every ten seconds one sample of each room, the shop's part being what this gateway saw since the last.

import { type HistogramCounts, type ShopCounts, shopOutcomes } from './counts.ts';
import { type HistoryLog, type QualitySample, type ShopSample, sampleOf, samplePeriodMs } from './history-log.ts';
import type { RoomReport } from './room-report.ts';
import type { WaitTally } from './wait-tally.ts';

export type RecordedRoom = {
  readonly id: string;
  readonly isCaller: boolean;
  readonly shop: ShopCounts;
  readonly shopInFlight: number;
  readonly waits: Pick<WaitTally, 'waits' | 'estimates' | 'recall'>;
  report(): Promise<RoomReport>;
};

export type RecorderNeeds = {
  readonly history: HistoryLog;
  readonly gateway: string;
  readonly rooms: () => readonly RecordedRoom[];
  readonly nowMs: () => number;
  /** Told when a sample could not be kept; the next one is tried all the same. */
  readonly onLost: (room: string, error: unknown) => void;
};

type Seen = {
  readonly answers: number;
  readonly errors: number;
  readonly signatures: number;
  readonly counts: readonly number[];
  readonly waitCounts: readonly number[];
  readonly told: number;
  readonly asTold: number;
};

/** Who waits longer than this is not measured. */
const recalledMs = 4 * 3_600_000;

/** Returns its stop function. */
export function recordHistory(needs: RecorderNeeds): () => void {
  // A room that was changed counts anew: what was seen belongs to its tallies, not to its id. OP193
  const seenOfTally = new WeakMap<ShopCounts, Seen>();
  const recalled = new WeakSet<RecordedRoom['waits']>();
  const timer = setInterval(() => {
    for (const room of needs.rooms()) {
      void record(needs, room, seenOfTally);
      if (!room.isCaller || recalled.has(room.waits)) continue;
      recalled.add(room.waits);
      void recall(needs, room).catch((error: unknown) => {
        recalled.delete(room.waits);
        needs.onLost(room.id, error);
      });
    }
  }, samplePeriodMs).unref();
  return () => clearInterval(timer);
}

/** A new caller measures the waits of those who joined before it was one. */
async function recall({ history, nowMs }: RecorderNeeds, { id, waits }: RecordedRoom): Promise<void> {
  const { samples, isWhole } = await history.read(id, nowMs() - recalledMs);
  const kept = samples.flatMap(({ atMs, room }) => {
    const handedOut = room?.handedOut ?? null;
    return handedOut === null ? [] : [{ atMs, handedOut }];
  });
  const [first] = kept;
  // Before the first sample there ever was nobody had joined.
  const begin = isWhole && first !== undefined ? [{ atMs: first.atMs - samplePeriodMs, handedOut: 0 }] : [];
  waits.recall([...begin, ...kept]);
}

async function record(needs: RecorderNeeds, room: RecordedRoom, seenOfTally: WeakMap<ShopCounts, Seen>): Promise<void> {
  const now = seenOf(room.shop, room.waits);
  const before = seenOfTally.get(room.shop) ?? {
    answers: 0,
    errors: 0,
    signatures: 0,
    counts: [],
    waitCounts: [],
    told: 0,
    asTold: 0,
  };
  seenOfTally.set(room.shop, now);
  try {
    const report = room.isCaller ? sampleOf(await room.report()) : null;
    const shop = shopSample(before, now, room.shop.firstByte.boundsMs, room.shopInFlight);
    const quality = qualitySample(before, now, room.waits.waits.boundsMs);
    const { nowMs, gateway } = needs;
    // What is kept is bounded: a gateway that saw nothing of the room and is not its caller has nothing to tell. OP209
    if (report === null && shop.answers === 0 && shop.inFlight === 0 && quality.calls === 0) return;
    await needs.history.add(room.id, { atMs: nowMs(), gateway, shop, quality, room: report });
  } catch (error) {
    needs.onLost(room.id, error);
  }
}

const errorOutcomes: readonly string[] = ['5xx', 'refused', 'timed-out', 'broken', 'bad-answer'];
const silentOutcomes: readonly string[] = ['abandoned', 'bad-request', 'closed'];

function seenOf({ outcomes, signatureHits, firstByte }: ShopCounts, { waits, estimates }: RecordedRoom['waits']): Seen {
  const sum = (names: readonly string[]): number =>
    shopOutcomes.reduce((total, name) => total + (names.includes(name) ? outcomes[name] : 0), 0);
  const silent = sum(silentOutcomes);
  return {
    answers: sum(shopOutcomes) - silent,
    errors: sum(errorOutcomes),
    signatures: signatureHits,
    counts: [...firstByte.counts],
    waitCounts: [...waits.counts],
    told: estimates.inside + estimates.sooner + estimates.later,
    asTold: estimates.inside,
  };
}

function shopSample(before: Seen, now: Seen, boundsMs: readonly number[], inFlight: number): ShopSample {
  const counts = now.counts.map((count, index) => count - (before.counts[index] ?? 0));
  return {
    answers: now.answers - before.answers,
    errors: now.errors - before.errors,
    signatures: now.signatures - before.signatures,
    p50Ms: percentile({ boundsMs, counts }, 0.5),
    p90Ms: percentile({ boundsMs, counts }, 0.9),
    inFlight,
  };
}

function qualitySample(before: Seen, now: Seen, boundsMs: readonly number[]): QualitySample {
  const counts = now.waitCounts.map((count, index) => count - (before.waitCounts[index] ?? 0));
  return {
    calls: counts.reduce((sum, count) => sum + count, 0),
    p50WaitMs: percentile({ boundsMs, counts }, 0.5),
    p90WaitMs: percentile({ boundsMs, counts }, 0.9),
    told: now.told - before.told,
    asTold: now.asTold - before.asTold,
  };
}

/** Between the bounds of the bucket it falls into, evenly; null without observations. */
export function percentile(
  { boundsMs, counts }: Pick<HistogramCounts, 'boundsMs' | 'counts'>,
  share: number,
): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    if (below + count >= total * share && count > 0) {
      const fromMs = index === 0 ? 0 : (boundsMs[index - 1] ?? 0);
      const toMs = boundsMs[index] ?? fromMs;
      return Math.round((fromMs + ((toMs - fromMs) * (total * share - below)) / count) * 10) / 10;
    }
    below += count;
  }
  return boundsMs.at(-1) ?? null;
}
