// Slows down guessing: an address that sent many wrong credentials is not listened to for a while. A credential that was
// right from that address before is, so that somebody who guesses does not lock out the operator beside them.

const spanMs = 60_000;
/** More addresses than this share what is left. */
const addressesMax = 10_000;
const rightOnesMax = 1_000;

type Failures = { count: number; sinceMs: number };

export class FailureLimit {
  readonly #nowMs: () => number;
  readonly #failuresMax: number;
  readonly #failures = new Map<string, Failures>();
  readonly #rightOnes = new Set<string>();

  constructor(nowMs: () => number, failuresMax: number) {
    this.#failuresMax = failuresMax;
    this.#nowMs = nowMs;
  }

  /** How long this address has to wait with that credential; 0: not at all. */
  waitMs(address: string, credential: string): number {
    const failures = this.#failuresOf(address);
    if (failures.count < this.#failuresMax || this.#rightOnes.has(`${address} ${credential}`)) return 0;
    return failures.sinceMs + spanMs - this.#nowMs();
  }

  failed(address: string): void {
    const failures = this.#failuresOf(address);
    failures.count += 1;
    if (!this.#failures.has(address) && this.#failures.size >= addressesMax) this.#forgetOldest();
    this.#failures.set(address, failures);
  }

  succeeded(address: string, credential: string): void {
    if (this.#rightOnes.size >= rightOnesMax) this.#rightOnes.clear();
    this.#rightOnes.add(`${address} ${credential}`);
  }

  #failuresOf(address: string): Failures {
    const known = this.#failures.get(address);
    const nowMs = this.#nowMs();
    return known !== undefined && nowMs < known.sinceMs + spanMs ? known : { count: 0, sinceMs: nowMs };
  }

  #forgetOldest(): void {
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined) this.#failures.delete(oldest);
  }
}
