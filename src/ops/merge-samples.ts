// One row a period out of the samples of several gateways: the room as its caller knew it, the shop added up. Pure.
import { type QualitySample, type RoomSample, type Sample, type ShopSample, samplePeriodMs } from './history-log.ts';

export type HistoryRow = {
  /** The begin of the period. */
  readonly atMs: number;
  /** The last that was known. */
  readonly room: RoomSample;
  /** When that was: callers sample at different times of a period, and rates are over the time between. */
  readonly roomAtMs: number;
  readonly shop: ShopSample;
  /** Of the gateway that called; null where nobody did. */
  readonly quality: QualitySample | null;
  /** Per minute since the row before. */
  readonly joinsPerMinute: number;
  readonly callsPerMinute: number;
  readonly admissionsPerMinute: number;
  readonly noShowsPerMinute: number;
};

export function mergeSamples(samples: readonly Sample[]): readonly HistoryRow[] {
  const byPeriod = new Map<number, Sample[]>();
  for (const sample of samples) {
    const atMs = Math.floor(sample.atMs / samplePeriodMs) * samplePeriodMs;
    byPeriod.set(atMs, [...(byPeriod.get(atMs) ?? []), sample]);
  }
  const rows: HistoryRow[] = [];
  for (const [atMs, together] of [...byPeriod].sort(([left], [right]) => left - right)) {
    const before = rows.at(-1) ?? null;
    const now = roomOf(together) ?? before;
    if (now === null) continue;
    const { room, roomAtMs } = now;
    rows.push({ atMs, room, roomAtMs, shop: addUp(together), quality: qualityOf(together), ...ratesOf(before, now) });
  }
  return rows;
}

type At = Pick<HistoryRow, 'room' | 'roomAtMs'>;

/** The latest, where the caller changed within the period. */
function roomOf(samples: readonly Sample[]): At | null {
  return samples.reduce<At | null>(
    (latest, { atMs, room }) => (room === null || atMs < (latest?.roomAtMs ?? 0) ? latest : { room, roomAtMs: atMs }),
    null,
  );
}

function ratesOf(before: At | null, now: At) {
  const minutes = before === null ? 0 : (now.roomAtMs - before.roomAtMs) / 60_000;
  // A count that is lower than before belongs to a line that began anew.
  const rate = (was: number | null | undefined, is: number | null): number =>
    minutes <= 0 || was == null || is === null ? 0 : Math.round((Math.max(0, is - was) / minutes) * 100) / 100;
  return {
    joinsPerMinute: rate(before?.room.handedOut, now.room.handedOut),
    callsPerMinute: rate(before?.room.totals.called, now.room.totals.called),
    admissionsPerMinute: rate(before?.room.admitted, now.room.admitted),
    noShowsPerMinute: rate(before?.room.noShows, now.room.noShows),
  };
}

function qualityOf(samples: readonly Sample[]): QualitySample | null {
  return samples.findLast(({ quality }) => quality.calls > 0)?.quality ?? null;
}

/** Counts add up; of percentiles the highest is the honest one. */
function addUp(samples: readonly Sample[]): ShopSample {
  const sum = (of: (shop: ShopSample) => number): number => samples.reduce((total, { shop }) => total + of(shop), 0);
  const highest = (of: (shop: ShopSample) => number | null): number | null =>
    samples.reduce<number | null>((top, { shop }) => {
      const value = of(shop);
      return value === null ? top : Math.max(top ?? 0, value);
    }, null);
  return {
    answers: sum(shop => shop.answers),
    errors: sum(shop => shop.errors),
    signatures: sum(shop => shop.signatures),
    p50Ms: highest(shop => shop.p50Ms),
    p90Ms: highest(shop => shop.p90Ms),
    inFlight: sum(shop => shop.inFlight),
  };
}
