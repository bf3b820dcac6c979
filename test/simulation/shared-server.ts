// The server of a simulated store that several gateways share: what is stored, and what each operation does to it, at one
// instant. Delay, loss and doubling on the way are shared-store.ts's. It can lose its end, as a failover does.

import type { RoomChange } from '../../src/queue/room-change.ts';
import type { Lead } from '../../src/store/queue-store.ts';
import type { PresenceBytes } from '../../src/store/room-exchange.ts';

export type Entry = { readonly tag: string; readonly body: string };
type Leasing = { readonly said: PresenceBytes; readonly untilMs: number };

const leaseMs = 2_000;

export class SharedServer {
  readonly entries: Entry[] = [];
  numbers = 0;
  /** How often its end was lost. What a server of before said does not arrive any more. */
  term = 0;
  readonly #nowMs: () => number;
  #epoch = 0;
  #instance = '';
  #leadUntilMs = 0;
  #heardAtMs: number | null = null;
  /** When the lead was new: the last commit, and when a caller had been heard of. */
  #newLead: { readonly tag: string; readonly sinceMs: number | null } | null = null;
  #leases = new Map<string, Leasing>();
  #merged: PresenceBytes | null = null;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get version(): number {
    return this.entries.length;
  }

  takeNumbers(count: number): number {
    this.numbers += count;
    return this.numbers - count;
  }

  lead(instance: string, knownEpoch: number): Lead | null {
    const nowMs = this.#nowMs();
    const isHeld = nowMs < this.#leadUntilMs;
    if (isHeld && this.#instance !== instance) return null;
    // Whoever had the lead and committed nothing has not called. // LN80
    const tag = this.entries.at(-1)?.tag ?? '';
    const lastHeardAtMs =
      this.#newLead?.tag === tag && this.#newLead.sinceMs !== null ? this.#newLead.sinceMs : this.#heardAtMs;
    if (!isHeld || this.#epoch < knownEpoch) {
      this.#epoch = Math.max(this.#epoch, knownEpoch) + 1;
      this.#newLead = { tag, sinceMs: lastHeardAtMs };
    }
    this.#instance = instance;
    this.#leadUntilMs = nowMs + leaseMs;
    this.#heardAtMs = nowMs;
    return { epoch: this.#epoch, nowMs, lastHeardAtMs };
  }

  commit(of: {
    readonly instance: string;
    readonly epoch: number;
    readonly version: number;
    readonly previous: string;
    readonly entries: readonly Entry[];
  }): boolean {
    const last = this.entries.at(-1)?.tag ?? '';
    if (last === of.entries[0]?.tag) return true;
    if (of.epoch !== this.#epoch || of.instance !== this.#instance) return false;
    if (of.version !== this.version || of.previous !== last) return false;
    this.entries.push(...of.entries);
    return true;
  }

  say(gateway: string, said: PresenceBytes, forMs: number): PresenceBytes | null {
    this.#leases.set(gateway, { said, untilMs: this.#nowMs() + forMs });
    return this.#merged;
  }

  collect(): PresenceBytes[] {
    return [...this.#leases.values()].filter(({ untilMs }) => untilMs > this.#nowMs()).map(({ said }) => said);
  }

  publish(instance: string, epoch: number, everybody: PresenceBytes): boolean {
    if (epoch !== this.#epoch || instance !== this.#instance) return false;
    this.#merged = everybody;
    return true;
  }

  /** A replica takes over that had not heard of the last lead, nor of anything beyond these changes. */
  loseEnd(version: number): void {
    this.term += 1;
    this.entries.length = version;
    this.numbers += 1_000;
    this.#epoch = Math.max(0, this.#epoch - 1);
    this.#instance = 'lost';
    this.#leadUntilMs = 0;
    this.#leases = new Map();
    this.#merged = null;
  }
}

export function changesOf(entries: readonly Entry[]): RoomChange[] {
  return entries.map(({ body }) => JSON.parse(body) as RoomChange);
}
