// The right to call in one room, as this gateway asks for it, holds it and gives it up.

import type { Lead } from '../queue-store.ts';
import { isStoreError } from '../store-error.ts';
import type { RoomKeys } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import { integerOf, listOf, type Reply, replyCodes, textOf } from './replies.ts';
import type { RoomHistory } from './room-history.ts';
import { scripts } from './scripts.ts';
import type { StoreClock } from './store-clock.ts';
import { otherFormat, storedFormat } from './stored-history.ts';

/** A caller that is not heard of for so long is over: a second more than it takes to renew (caller-lease.ts). */
const leaseMs = 2_000;
/** The same where the room is quiet. Less than what lead.lua gives gateways on an emptied server (emptiedMs). */
const quietLeaseMs = 2_400;

export type RoomLeadNeeds = {
  readonly link: Pick<RedisLink, 'run' | 'runId'>;
  readonly keys: RoomKeys;
  readonly history: RoomHistory;
  readonly clock: Pick<StoreClock, 'nowMs'>;
  /** Tells this process from an earlier one of the same name. */
  readonly instance: string;
  /** The version of Junban that this is. */
  readonly softwareVersion: string;
  /** The store knows of no caller, though this gateway knows of one. */
  readonly onForgotten: () => void;
};

export class RoomLead {
  readonly #needs: RoomLeadNeeds;
  /** Until then another holder has the lead; by the clock of this process that never goes back. */
  #heldUntilMs = 0;
  #isHeldHere = false;
  /** The server process with which the history was compared last. */
  #comparedRun = '';

  constructor(needs: RoomLeadNeeds) {
    this.#needs = needs;
  }

  /** Null while another holder has it. */
  async take(holder: string, isQuiet: boolean): Promise<Lead | null> {
    const { history, onForgotten } = this.#needs;
    if (performance.now() < this.#heldUntilMs) return null;
    const forMs = isQuiet ? quietLeaseMs : leaseMs;
    let reply = await this.#ask(holder, forMs);
    if (integerOf(reply[0]) === replyCodes.lead.compareFirst) {
      // What this server lost and this gateway knows is put back before anybody calls. // ST194
      await history.compare();
      this.#comparedRun = textOf(reply[2]);
      reply = await this.#ask(holder, forMs);
    }
    const [epoch = 0, second = 0, heardAtMs = 0] = reply.slice(0, 3).map(integerOf);
    if (epoch === replyCodes.lead.otherFormat) throw otherFormat(second);
    // Another server process again: asked once more, it is compared with that one.
    if (epoch === replyCodes.lead.compareFirst) return null;
    this.#isHeldHere = epoch !== replyCodes.lead.held;
    if (!this.#isHeldHere) {
      this.#heldUntilMs = performance.now() + second;
      return null;
    }
    if (heardAtMs < 0 && history.epoch > 0) onForgotten();
    history.heardEpoch(epoch);
    return { epoch, nowMs: second, lastHeardAtMs: heardAtMs < 0 ? null : heardAtMs };
  }

  /** Whoever had it gave it up. */
  heardReleased(): void {
    this.#heldUntilMs = 0;
  }

  /** Commands of one connection are carried out in order: this one comes after everything asked before. */
  async release(): Promise<void> {
    if (!this.#isHeldHere) return;
    const { link, keys, instance } = this.#needs;
    try {
      await link.run(scripts.releaseLead, [keys.head], [instance, keys.channel]);
    } catch (error) {
      // The lease then lapses by itself.
      if (!isStoreError(error)) throw error;
    }
  }

  async #ask(holder: string, forMs: number): Promise<readonly Reply[]> {
    const { link, keys, history, clock, instance, softwareVersion } = this.#needs;
    const known = [history.epoch, storedFormat, link.runId, history.origin, clock.nowMs()];
    const given = [holder, instance, forMs, ...known, softwareVersion, this.#comparedRun];
    return listOf(await link.run(scripts.lead, [keys.head, keys.presenceUntil, keys.came], given));
  }
}
