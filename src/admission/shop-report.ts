// How the shop answered in a short time, as one gateway saw it: counts and latencies by class of route, small enough to be
// sent to the caller every second. What follows from it is left to the autopilot.

import { type VisitRank, visitRanks } from './shop-turnstile.ts';

/** Latencies are counted in steps of a quarter: `counts[i]` of them were below `latencyBoundMs(i)`. */
export type ClassReport = {
  readonly answers: number;
  readonly bad: number;
  readonly latencies: readonly number[];
  /** Requests that waited in vain for the shop to have room: it has not seen them. Absent: none. */
  readonly held?: number;
};

export type ShopReport = Readonly<Record<VisitRank, ClassReport>>;

const firstBoundMs = 1;
const boundStep = 1.25;
const boundCount = 52;

/** The upper bound of a latency count; the last has none. */
export function latencyBoundMs(index: number): number {
  return firstBoundMs * boundStep ** index;
}

export function emptyReport(): ShopReport {
  const empty: ClassReport = { answers: 0, bad: 0, latencies: [] };
  return { checkout: empty, inside: empty, entry: empty };
}

export function mergeReports(reports: readonly ShopReport[]): ShopReport {
  const merged = (rank: VisitRank): ClassReport => {
    const latencies = new Array<number>(boundCount).fill(0);
    let [answers, bad, held] = [0, 0, 0];
    for (const report of reports) {
      const { latencies: counts, ...sums } = report[rank];
      answers += sums.answers;
      bad += sums.bad;
      held += sums.held ?? 0;
      for (let index = 0; index < boundCount; index += 1)
        latencies[index] = (latencies[index] ?? 0) + (counts[index] ?? 0);
    }
    return { answers, bad, latencies, held };
  };
  return { checkout: merged('checkout'), inside: merged('inside'), entry: merged('entry') };
}

/** The latency that a share of the answers stayed below; null without answers. */
export function latencyQuantileMs({ latencies }: ClassReport, share: number): number | null {
  const total = latencies.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let below = 0;
  for (const [index, count] of latencies.entries()) {
    below += count;
    if (below >= share * total) return latencyBoundMs(index);
  }
  return latencyBoundMs(boundCount - 1);
}

/** How long the answers took on average, over all classes. */
export function meanLatency(report: ShopReport): { readonly answers: number; readonly meanMs: number } {
  let [answers, sumMs] = [0, 0];
  for (const rank of visitRanks) {
    for (const [index, count] of report[rank].latencies.entries()) {
      answers += count;
      // The middle of the step.
      sumMs += (count * latencyBoundMs(index) * (1 + 1 / boundStep)) / 2;
    }
  }
  return { answers, meanMs: answers === 0 ? 0 : sumMs / answers };
}

/** How many answers there were, over all classes, and how many of them errors. */
export function answersIn(report: ShopReport): { readonly answers: number; readonly bad: number } {
  let [answers, bad] = [0, 0];
  for (const rank of visitRanks) {
    answers += report[rank].answers;
    bad += report[rank].bad;
  }
  return { answers, bad };
}

/** Collects what one gateway sees until it is taken. */
export class ShopTally {
  #classes = ShopTally.#fresh();

  static #fresh(): Record<VisitRank, { answers: number; bad: number; held: number; latencies: number[] }> {
    const empty = () => ({ answers: 0, bad: 0, held: 0, latencies: [] });
    return { checkout: empty(), inside: empty(), entry: empty() };
  }

  /** `latencyMs` null: it failed without an answer. */
  add(rank: VisitRank, isBad: boolean, latencyMs: number | null): void {
    const counts = this.#classes[rank];
    counts.answers += 1;
    if (isBad) counts.bad += 1;
    if (latencyMs !== null) this.addLatency(rank, latencyMs);
  }

  /** How long an answer took that says nothing else. */
  addLatency(rank: VisitRank, latencyMs: number): void {
    const counts = this.#classes[rank];
    const index = Math.ceil(Math.log(Math.max(firstBoundMs, latencyMs) / firstBoundMs) / Math.log(boundStep));
    const slot = Math.min(boundCount - 1, index);
    for (let at = counts.latencies.length; at <= slot; at += 1) counts.latencies.push(0);
    counts.latencies[slot] = (counts.latencies[slot] ?? 0) + 1;
  }

  /** It waited for the shop to have room, and had to go: no answer, and no error of the shop. // AP61 */
  addHeld(rank: VisitRank): void {
    this.#classes[rank].held += 1;
  }

  /** What was collected since this was asked last; null: nothing. */
  take(): ShopReport | null {
    if (visitRanks.every(rank => this.#classes[rank].answers + this.#classes[rank].held === 0)) return null;
    const report = this.#classes;
    this.#classes = ShopTally.#fresh();
    return report;
  }
}
