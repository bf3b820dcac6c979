// The store's clock as this gateway reads it, without asking for every reading: gateways whose own clocks differ agree on
// every instant. Runs by the monotonic clock of the machine, so a clock that is set does not move it.

/** Asks what the store's clock says. Epoch milliseconds. */
export type AskStoreTime = () => Promise<number>;

const askPeriodMs = 5_000;

export class StoreClock {
  readonly #ask: AskStoreTime;
  readonly #timer: NodeJS.Timeout;
  #aheadMs = 0;
  #isKnown = false;

  static async start(ask: AskStoreTime): Promise<StoreClock> {
    const clock = new StoreClock(ask);
    await clock.#look();
    return clock;
  }

  private constructor(ask: AskStoreTime) {
    this.#ask = ask;
    this.#timer = setInterval(() => {
      // While the store is away the clock runs on by itself.
      this.#look().catch(() => undefined);
    }, askPeriodMs);
  }

  nowMs(): number {
    return Math.floor(performance.now() + this.#aheadMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const askedAtMs = performance.now();
    const storeMs = await this.#ask();
    // The store read its clock somewhere between asking and hearing.
    const [leastMs, mostMs] = [storeMs - performance.now(), storeMs + 1 - askedAtMs];
    this.#aheadMs = this.#isKnown ? Math.min(Math.max(this.#aheadMs, leastMs), mostMs) : (leastMs + mostMs) / 2;
    this.#isKnown = true;
  }
}
