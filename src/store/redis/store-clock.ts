// The store's clock as this gateway reads it, without asking for every reading: gateways whose own clocks differ agree on
// every instant. Runs by the monotonic clock of the machine, so a clock that is set does not move it, and never steps back.

/** Asks what the store's clock says, telling what this gateway takes it for, if it knows. Epoch milliseconds. */
export type AskStoreTime = (takenForMs: number | null) => Promise<number>;

const askPeriodMs = 5_000;

export class StoreClock {
  readonly #ask: AskStoreTime;
  readonly #timer: NodeJS.Timeout;
  #aheadMs = 0;
  #isKnown = false;
  #saidMs = 0;

  static async start(ask: AskStoreTime): Promise<StoreClock> {
    const clock = new StoreClock(ask);
    try {
      await clock.#read();
      return clock;
    } catch (error) {
      clock.stop();
      throw error;
    }
  }

  private constructor(ask: AskStoreTime) {
    this.#ask = ask;
    this.#timer = setInterval(() => this.look(), askPeriodMs);
  }

  nowMs(): number {
    this.#saidMs = Math.max(this.#saidMs, Math.floor(performance.now() + this.#aheadMs));
    return this.#saidMs;
  }

  /** Asks now: another server may be there. */
  look(): void {
    // While the store is away the clock runs on by itself.
    this.#read().catch(() => undefined);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #read(): Promise<void> {
    const takenForMs = this.#isKnown ? this.nowMs() : null;
    const askedAtMs = performance.now();
    const storeMs = await this.#ask(takenForMs);
    // The store read its clock somewhere between asking and hearing.
    const [leastMs, mostMs] = [storeMs - performance.now(), storeMs + 1 - askedAtMs];
    this.#aheadMs = this.#isKnown ? Math.min(Math.max(this.#aheadMs, leastMs), mostMs) : (leastMs + mostMs) / 2;
    this.#isKnown = true;
  }
}
