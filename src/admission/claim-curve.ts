// How called devices behave: which share of them claims, and how long after the call. Learned per cohort with the delay
// taken into account: a young cohort counts for the ages it has reached, so nobody is a no-show before the others claim.

/** The learned share is never above this: at most five times the pace is called, and the margin of the calls. */
export const noShowShareMax = 0.8;

/** Ages of a call are told apart in bins that grow with the age: most claims come early. */
const binCount = 24;
/** Calls of so small a part of the claim window are one cohort. */
const cohortsPerWindow = 500;
/** What was seen long ago counts less: after a quarter of a claim window a third of it. */
const memoryPerWindow = 1 / 4;
/** Memory fades with time, but never below about so many calls. */
const memoryCallsMin = 50;
/** Before so many calls have been open for a whole claim window, nobody knows who would have claimed late. */
const callsMin = 10;

type Cohort = {
  readonly calledMs: number;
  calls: number;
  /** Calls that have neither claimed nor reached the end of the bin that the cohort is in. */
  atRisk: number;
  claimedInBin: number;
  bin: number;
};
type Bin = { readonly endMs: number; calls: number; claims: number; atMs: number };

/** All instants are on the room's window clock: held spans make nobody late. */
export class ClaimCurve {
  readonly #windowMs: number;
  readonly #cohortMs: number;
  readonly #bins: readonly Bin[];
  readonly #cohorts = new Map<number, Cohort>();
  /** What an earlier caller had learned; counts until this one has seen every age. */
  readonly #shareBefore: number;
  #callsSeen = 0;
  /** Of those who have not claimed when a bin begins, the share that still will. */
  #willClaim: readonly number[] | null = null;

  constructor(claimWindowMs: number, shareBefore: number) {
    this.#windowMs = claimWindowMs;
    this.#cohortMs = claimWindowMs / cohortsPerWindow;
    this.#shareBefore = shareBefore;
    this.#bins = Array.from({ length: binCount }, (_, index) => {
      const endMs = claimWindowMs * ((index + 1) / binCount) ** 3;
      return { endMs, calls: 0, claims: 0, atMs: 0 };
    });
  }

  called(count: number, nowMs: number): void {
    const key = Math.floor(nowMs / this.#cohortMs);
    const cohort = this.#cohorts.get(key);
    if (cohort !== undefined) {
      cohort.calls += count;
      cohort.atRisk += count;
      return;
    }
    const calledMs = (key + 1) * this.#cohortMs;
    this.#cohorts.set(key, { calledMs, calls: count, atRisk: count, claimedInBin: 0, bin: 0 });
  }

  /** A device claimed for the first time since it was called at `calledMs`. */
  claimed(calledMs: number): void {
    const cohort = this.#cohorts.get(Math.floor(calledMs / this.#cohortMs));
    if (cohort !== undefined && cohort.claimedInBin < cohort.atRisk) cohort.claimedInBin += 1;
  }

  /** Takes into account what the cohorts did up to now. */
  advance(nowMs: number): void {
    for (const [key, cohort] of this.#cohorts) {
      for (let bin = this.#bins[cohort.bin]; bin !== undefined && nowMs - cohort.calledMs >= bin.endMs; ) {
        this.#record(bin, cohort, nowMs);
        bin = this.#bins[cohort.bin];
      }
      if (cohort.bin < binCount) continue;
      this.#callsSeen += cohort.calls;
      this.#cohorts.delete(key);
    }
    this.#willClaim = this.#callsSeen >= callsMin ? this.#learned() : null;
  }

  /** The share of calls that nobody claims; from 0 to `noShowShareMax`. */
  get noShowShare(): number {
    return this.#willClaim === null ? this.#shareBefore : Math.min(noShowShareMax, 1 - (this.#willClaim[0] ?? 1));
  }

  /** How long those who claim take on average; null while too little is known. */
  get claimDelayMs(): number | null {
    if (this.#willClaim === null) return null;
    let left = 1;
    let claims = 0;
    let sumMs = 0;
    let beginMs = 0;
    for (const { endMs, calls, claims: claimed } of this.#bins) {
      const share = calls > 0 ? (left * claimed) / calls : 0;
      claims += share;
      sumMs += (share * (beginMs + endMs)) / 2;
      left -= share;
      beginMs = endMs;
    }
    return claims > 0 ? sumMs / claims : 0;
  }

  /** How likely a device that was called so long ago, and has not claimed, will still do. */
  willClaim(ageMs: number): number {
    if (this.#willClaim === null) return 1 - this.#shareBefore;
    const bin = Math.floor(binCount * Math.cbrt(Math.max(0, ageMs) / this.#windowMs));
    return this.#willClaim[bin] ?? 0;
  }

  #record(bin: Bin, cohort: Cohort, nowMs: number): void {
    cohort.bin += 1;
    if (cohort.atRisk === 0) return;
    const fading = Math.exp((bin.atMs - nowMs) / (this.#windowMs * memoryPerWindow));
    const kept = Math.max(fading, 1 - cohort.atRisk / memoryCallsMin, 0);
    bin.calls = bin.calls * kept + cohort.atRisk;
    bin.claims = bin.claims * kept + cohort.claimedInBin;
    bin.atMs = nowMs;
    cohort.atRisk -= cohort.claimedInBin;
    cohort.claimedInBin = 0;
  }

  /** From the last bin to the first: who claims in a bin, or survives it and claims later. */
  #learned(): readonly number[] {
    const chances = new Array<number>(binCount).fill(0);
    let later = 0;
    for (let index = binCount - 1; index >= 0; index -= 1) {
      const { calls = 0, claims = 0 } = this.#bins[index] ?? {};
      const inBin = calls > 0 ? claims / calls : 0;
      later = inBin + (1 - inBin) * later;
      chances[index] = later;
    }
    return chances;
  }
}
