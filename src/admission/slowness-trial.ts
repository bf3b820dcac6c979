// Whether slow answers come of the load: then fewer requests in flight make them faster, and else they do not. Pure.

/** With this part of the requests in flight, answers that wait for each other take about this part of the time. */
const fewerShare = 0.7;
/** Half of the way there is proof enough: what is measured is noisy. */
const fasterShare = (1 + fewerShare) / 2;
/** From here on answers have become slower still, and nothing is proved. */
const slowerFactor = 1.05;

type Load = { readonly inFlight: number; readonly latencyMs: number };

export class SlownessTrial {
  /** The most in flight, and the longest answers, since they are slow. */
  #most: Load | null = null;

  /**
   * Told now and then while answers are slow. Where fewer in flight did not make them faster: how many there were, who did
   * not make them slower; null as long as nothing is proved.
   */
  borne(seen: Load): number | null {
    const most = this.#most ?? seen;
    const isSlower = seen.latencyMs > slowerFactor * most.latencyMs;
    const isFewer = seen.inFlight <= fewerShare * most.inFlight;
    if (isSlower || !isFewer) {
      this.#most = {
        inFlight: Math.max(seen.inFlight, most.inFlight),
        latencyMs: Math.max(seen.latencyMs, most.latencyMs),
      };
      return null;
    }
    const isFaster = seen.latencyMs < fasterShare * most.latencyMs;
    this.#most = isFaster ? seen : null;
    return isFaster ? null : most.inFlight;
  }

  /** They are not slow any more. */
  end(): void {
    this.#most = null;
  }
}
