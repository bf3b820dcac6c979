// When the caller takes a turn that nobody waits for at once, where the store is to be spared: claims and calls that come
// together share a commit. Holds no timer; whoever ticks asks it.

/** Turns come at about this distance, or the pace's if that is shorter. */
const beatMs = 100;
/** The shortest: with what ticks come late it is within the burst, beyond which credit is lost. */
const beatMsMin = 50;

export class TurnBeat {
  /** Ticks come so far apart; a turn is taken at the tick that is nearest to its beat. */
  readonly #tickMs: number;
  #nextAtMs = 0;

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#nextAtMs - this.#tickMs / 2;
  }

  /**
   * A turn was committed. One call and one claim a turn, or a whole number of turns for each: at another beat than the pace
   * credit is lost. The beat goes by the clock: distances from turn to turn would add up what ticks come late. // LN21
   */
  committed(nowMs: number, callPacePerMinute: number): void {
    if (!this.isDue(nowMs)) return;
    const intervalMs = 60_000 / callPacePerMinute;
    const turns = Math.max(1, Math.round(intervalMs / beatMs));
    const gapMs = Number.isFinite(intervalMs) ? Math.max(beatMsMin, intervalMs / turns) : beatMs;
    this.#nextAtMs += gapMs * (1 + Math.max(0, Math.floor((nowMs - this.#nextAtMs) / gapMs)));
  }
}
