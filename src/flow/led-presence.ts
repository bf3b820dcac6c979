// What the caller of a room and the presence that gateways share there know of each other: under which epoch it calls, and
// whether what all say was put together under that.

import { SharedPresence, type SharePresenceNeeds } from './share-presence.ts';

export class LedPresence {
  #epoch: number | null = null;
  #shared: SharedPresence | null = null;

  /** The epoch under which this gateway is the caller; null while it is not. */
  get epoch(): number | null {
    return this.#epoch;
  }

  /** This gateway has become the caller, or is it no more. // LN151 */
  lead(epoch: number | null): void {
    this.#epoch = epoch;
    if (epoch !== null) this.#shared?.lead();
  }

  /** Whether the caller knows who is present; where nothing is shared it does. // LN151 */
  isKnown(epoch: number): boolean {
    return this.#shared?.hasMerged(epoch) ?? true;
  }

  /** The first round is over when this resolves. */
  async share(needs: Omit<SharePresenceNeeds, 'epoch'>): Promise<void> {
    this.#shared = await SharedPresence.start({ ...needs, epoch: () => this.#epoch });
  }

  /** Says a last time who is here. */
  async stop(): Promise<void> {
    await this.#shared?.stop();
  }
}
