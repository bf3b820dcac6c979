// Gateways that said who is with them and say nothing any more: the caller waits a while before it believes that they are
// gone. Knows only how many there are; what stands for them meanwhile is left to its owner.

/** `isNew`: the caller is another since the last time. `waitsMs`: so long those are waited for who are missing from now on. */
type Heard = { readonly isNew: boolean; readonly nowMs: number; readonly waitsMs: number };

export class MissingGateways {
  /** How many said something when all were there. */
  #all = 0;
  /** And the last time. */
  #heard = 0;
  /** Until when fewer are waited for; 0: none is missing. */
  #untilMs = 0;

  get areAwaited(): boolean {
    return this.#untilMs > 0;
  }

  /** So many gateways said something. True while some are missing that may still come. */
  hear(gateways: number, { isNew, nowMs, waitsMs }: Heard): boolean {
    // Also who is missing since others are already waited for. // ST261
    if (isNew || gateways < this.#heard) this.#untilMs = nowMs + waitsMs;
    this.#heard = gateways;
    if (!isNew && gateways >= this.#all) this.#untilMs = 0;
    if (nowMs < this.#untilMs) return true;
    this.#all = gateways;
    this.#untilMs = 0;
    return false;
  }

  /** Others wait from now on. */
  stopWaiting(): void {
    this.#untilMs = 0;
  }
}
