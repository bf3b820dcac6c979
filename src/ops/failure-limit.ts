// Slows down guessing: an address that sent many wrong credentials is not listened to for a while. A credential that was
// right from that address before is, so that somebody who guesses does not lock out the operator beside them.

import { isIPv6 } from 'node:net';

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
  readonly #onWait: () => void;
  #total = 0;

  /** `onWait`: told when an address has to wait from now on. */
  constructor(nowMs: () => number, failuresMax: number, onWait: () => void = () => undefined) {
    this.#onWait = onWait;
    this.#failuresMax = failuresMax;
    this.#nowMs = nowMs;
  }

  /** How long this address has to wait with that credential; 0: not at all. */
  waitMs(address: string, credential: string): number {
    const failures = this.#failuresOf(neighbourhoodOf(address));
    if (failures.count < this.#failuresMax || this.#rightOnes.has(`${address} ${credential}`)) return 0;
    return failures.sinceMs + spanMs - this.#nowMs();
  }

  /** Wrong credentials since the start. */
  get total(): number {
    return this.#total;
  }

  failed(from: string): void {
    const address = neighbourhoodOf(from);
    const failures = this.#failuresOf(address);
    failures.count += 1;
    if (!this.#failures.has(address) && this.#failures.size >= addressesMax) this.#forgetOldest();
    this.#failures.set(address, failures);
    this.#total += 1;
    if (failures.count === this.#failuresMax) this.#onWait();
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

/** Whoever has an IPv6 address has the 2^64 beside it as well: these count as one. */
export function neighbourhoodOf(address: string): string {
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain)) return address;
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...after];
  return `${all
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
