// Whether this gateway is the caller of a room, under which epoch, and what the store's clock says: the lease is renewed
// now and then, and each answer tells a little more about how far the two clocks are apart.

import type { Lead, QueueStore } from '../store/queue-store.ts';
import type { Clock } from './clock.ts';

/** As the port promises: a store lets go of a caller a second later (queue-store.ts). */
const leadPeriodMs = 1_000;
const quietLeadPeriodMs = 1_400;

export type CallerLeaseNeeds = {
  readonly room: string;
  readonly store: Pick<QueueStore, 'lead'>;
  readonly clock: Clock;
  /** Names this gateway in the lease. */
  readonly holder: string;
  /** Told when this gateway becomes the caller, and under which epoch; null when it ceases to be. */
  readonly onLead?: (epoch: number | null) => void;
};

export class CallerLease {
  readonly #needs: CallerLeaseNeeds;
  #epoch: number | null = null;
  #renewAtMs = 0;
  /** The store's clock less the clock of this machine, as far as answers have told. */
  #storeAheadMs = 0;
  #saidMs = 0;

  constructor(needs: CallerLeaseNeeds) {
    this.#needs = needs;
  }

  /** Null while this gateway is not the caller. */
  get epoch(): number | null {
    return this.#epoch;
  }

  /** The store's clock. It never steps back for one caller. Epoch milliseconds. */
  nowMs(): number {
    this.#saidMs = Math.max(this.#saidMs, this.#needs.clock.nowMs() + this.#storeAheadMs);
    return this.#saidMs;
  }

  /** Renews the lease when it is time. Gives a lead that is new to this gateway, to be taken over, then to be `held`. */
  async renew(isQuiet: boolean): Promise<Lead | null> {
    const { store, room, clock, holder } = this.#needs;
    const askedAtMs = clock.nowMs();
    if (this.#epoch !== null && askedAtMs < this.#renewAtMs) return null;
    const lead = await store.lead(room, holder, isQuiet);
    if (lead === null) {
      this.#set(null);
      return null;
    }
    const heardAtMs = clock.nowMs();
    // The store read its clock somewhere between asking and hearing: the difference is what fits all answers so far.
    this.#storeAheadMs = Math.min(Math.max(this.#storeAheadMs, lead.nowMs - heardAtMs), lead.nowMs - askedAtMs);
    this.#renewAtMs = heardAtMs + (isQuiet ? quietLeadPeriodMs : leadPeriodMs);
    return lead.epoch === this.#epoch ? null : lead;
  }

  /** The room was loaded under this lead: from now on this gateway calls. */
  hold({ epoch }: Lead): void {
    this.#set(epoch);
  }

  lose(): void {
    this.#set(null);
    this.#renewAtMs = 0;
  }

  #set(epoch: number | null): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#needs.onLead?.(epoch);
  }
}
