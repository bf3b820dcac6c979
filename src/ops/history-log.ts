// What a room was like over time, kept in the store: a sample every ten seconds by each gateway, bounded. Charts, forecast
// and the report after the sale are made from it.
import type { OperatorsStore } from '../store/operators-store.ts';
import type { RoomReport } from './room-report.ts';

export const samplePeriodMs = 10_000;
/** 40,000 samples are four and a half days of one gateway. */
export const samplesMax = 40_000;
/** An hour of one gateway is 360. */
const pageMax = 400;

/** The shop as one gateway saw it during one period. */
export type ShopSample = {
  readonly answers: number;
  readonly errors: number;
  readonly signatures: number;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly inFlight: number;
};

/** What of a report is worth keeping. Totals only grow; who reads takes differences. */
export type RoomSample = Pick<
  RoomReport,
  | 'phase'
  | 'paused'
  | 'pacePerMinute'
  | 'activeCap'
  | 'present'
  | 'waiting'
  | 'called'
  | 'missed'
  | 'active'
  | 'handedOut'
  | 'admitted'
  | 'noShows'
  | 'shopFailing'
  | 'totals'
  | 'limit'
> & { readonly autopilot: { readonly pacePerMinute: number | null; readonly reason: string | null } };

/** How well devices were served that were called in one period. */
export type QualitySample = {
  readonly calls: number;
  readonly p50WaitMs: number | null;
  readonly p90WaitMs: number | null;
  /** Calls whose wait was told at the join, and how many of these were as told. */
  readonly told: number;
  readonly asTold: number;
};

export type Sample = {
  readonly atMs: number;
  readonly gateway: string;
  readonly shop: ShopSample;
  readonly quality: QualitySample;
  /** By the caller only; null from every other gateway. */
  readonly room: RoomSample | null;
};

export class HistoryLog {
  readonly #store: OperatorsStore;

  constructor(store: OperatorsStore) {
    this.#store = store;
  }

  async add(room: string, sample: Sample): Promise<void> {
    await this.#store.appendRecord(historyLogOf(room), JSON.stringify(sample), samplesMax);
  }

  /** Every sample since an instant, oldest first. */
  async since(room: string, fromMs: number): Promise<readonly Sample[]> {
    return (await this.read(room, fromMs)).samples;
  }

  /** The same; `isWhole`: none is older. */
  async read(
    room: string,
    fromMs: number,
  ): Promise<{ readonly samples: readonly Sample[]; readonly isWhole: boolean }> {
    const samples: Sample[] = [];
    let before: number | null = null;
    for (;;) {
      const page: Awaited<ReturnType<OperatorsStore['readRecords']>> = await this.#store.readRecords(
        historyLogOf(room),
        before,
        pageMax,
      );
      for (const { body } of page) {
        const sample = JSON.parse(body) as Sample;
        if (sample.atMs < fromMs) return { samples: samples.reverse(), isWhole: false };
        samples.push(sample);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < pageMax) return { samples: samples.reverse(), isWhole: true };
      before = last.position;
    }
  }
}

export const historyLogOf = (room: string): string => `history/${room}`;

export function sampleOf(report: RoomReport): RoomSample {
  const { phase, paused, pacePerMinute, activeCap, present, waiting, called, missed, active } = report;
  const { handedOut, admitted, noShows, shopFailing, totals, limit, autopilot } = report;
  return {
    ...{ phase, paused, pacePerMinute, activeCap, present, waiting, called, missed, active },
    ...{ handedOut, admitted, noShows, shopFailing, totals, limit },
    autopilot: { pacePerMinute: autopilot.pacePerMinute, reason: autopilot.reason },
  };
}
