// How many requests the shop can work on at once, learned from how long it takes: while more in flight only means longer
// answers, the limit falls; while it makes no difference, the limit rises. The gradient of Netflix' concurrency-limits,
// with the median at ease as its measure.

/** Samples of so long a time, and at least so many, make one step. */
const stepMs = 250;
const samplesMin = 10;
/** The limit falls while the median is above this multiple of the median at ease, and by more than this above it. */
const tolerance = 2;
const toleranceMs = 60;
const limitMin = 6;
const limitMax = 10_000;
const limitAtFirst = 20;
/** One step changes the limit by at most this share of what the gradient says. */
const smoothing = 0.5;
/** After errors that come of too much work. */
const errorCut = 0.7;

export class InFlightLimit {
  #limit = limitAtFirst;
  #easeMs: number | null = null;
  #samples: number[] = [];
  #mostInFlight = 0;
  #hasErrors = false;
  #stepAtMs = 0;

  /** Whole requests. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** The median while the shop is at ease; null: nothing is known yet. */
  get easeMs(): number | null {
    return this.#easeMs;
  }

  /** A request was answered (`latencyMs`), or failed as requests do when the shop has too many (null). */
  observe(latencyMs: number | null, inFlight: number, nowMs: number): void {
    if (latencyMs === null) this.#hasErrors = true;
    else this.#samples.push(latencyMs);
    this.#mostInFlight = Math.max(this.#mostInFlight, inFlight);
    const isEnough = this.#samples.length >= samplesMin || this.#hasErrors;
    if (isEnough && nowMs - this.#stepAtMs >= stepMs) this.#step(nowMs);
  }

  #step(nowMs: number): void {
    if (this.#samples.length >= samplesMin) this.#follow(medianOf(this.#samples));
    if (this.#hasErrors) this.#limit = Math.max(limitMin, this.#limit * errorCut);
    this.#samples = [];
    this.#mostInFlight = 0;
    this.#hasErrors = false;
    this.#stepAtMs = nowMs;
  }

  #follow(medianMs: number): void {
    const isIdle = this.#mostInFlight < this.#limit / 2;
    this.#learnEase(medianMs, isIdle);
    const easeMs = this.#easeMs ?? medianMs;
    const gradient = Math.max(
      0.5,
      Math.min(1, Math.max(tolerance * easeMs, easeMs + toleranceMs) / Math.max(medianMs, 0.1)),
    );
    const wanted = this.#limit * gradient + Math.sqrt(this.#limit);
    // A limit that nobody reaches proves nothing.
    if (isIdle && wanted > this.#limit) return;
    const next = this.#limit + (wanted - this.#limit) * smoothing;
    this.#limit = Math.min(limitMax, Math.max(limitMin, next));
  }

  /** The least median counts. It rises only while slowness cannot come from what is in flight. */
  #learnEase(medianMs: number, isIdle: boolean): void {
    if (this.#easeMs === null || medianMs < this.#easeMs) this.#easeMs = medianMs;
    else if (isIdle) this.#easeMs += (medianMs - this.#easeMs) * 0.1;
    else if (this.#limit <= limitMin) this.#easeMs *= 1.005;
  }
}

function medianOf(samples: readonly number[]): number {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
