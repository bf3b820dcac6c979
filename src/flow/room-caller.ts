// The caller of one room: takes turns, one at a time, while it has the lead; and answers only what was committed. It stands
// still, and says so, while the store does. What a turn decides is left to the turns themselves.

import type { CallLimit } from '../admission/plan-calls.ts';
import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import { isStoreError, StoreError } from '../store/store-error.ts';
import { CallerLease } from './caller-lease.ts';
import { CallerTurns, type CallerTurnsNeeds } from './caller-turns.ts';
import type { Asked } from './claims-at-gate.ts';
import { TurnBeat } from './turn-beat.ts';

export type RoomCallerNeeds = Omit<CallerTurnsNeeds, 'lease' | 'onCommitted'> & {
  /** Names this gateway in the lease. */
  readonly holder: string;
  /** What nobody waits for at once shares a commit with what comes soon after. Default: false. */
  readonly sparesStore?: boolean;
  /** Told when this gateway becomes the caller, and under which epoch; null when it ceases to be. */
  readonly onLead?: (epoch: number | null) => void;
  /** Told when the store stops or resumes answering; the reason is for operators. */
  readonly onTrouble: (reason: string | null) => void;
};

const turnPeriodMs = 25;
/** Each of them may wait for a turn that is to come anyway; so may what a gateway sees of the shop. */
const patientRequests: ReadonlySet<RoomRequest['kind']> = new Set([
  ...(['claim', 'end-pass', 'use-passes', 'shop-seen', 'shop-signal', 'signatures-clean'] as const),
]);
/** After a failed turn the store is left alone so long. */
const retryPeriodMs = 100;
/** While another gateway is the caller, the store is asked for the lead so often. */
const followPeriodMs = 250;
/** A room in which nothing was asked or decided for so long is quiet. */
const quietAfterMs = 5_000;
/** Requests that may wait for the caller; beyond it a request is refused at once. */
const requestsMax = 100_000;

export class RoomCaller {
  readonly #needs: RoomCallerNeeds;
  readonly #lease: CallerLease;
  readonly #turns: CallerTurns;
  readonly #beat = new TurnBeat(turnPeriodMs);
  #asked: Asked[] = [];
  #turnRuns: Promise<void> | null = null;
  #turnIsWanted = false;
  #retryAtMs = 0;
  /** When something was last asked or committed. */
  #movedAtMs = 0;
  #stops: (() => void)[] = [];
  #isStopped = false;

  constructor(needs: RoomCallerNeeds) {
    this.#needs = needs;
    this.#lease = new CallerLease({ ...needs, room: needs.rules.id });
    this.#turns = new CallerTurns({
      ...needs,
      lease: this.#lease,
      onCommitted: callPacePerMinute => {
        this.#movedAtMs = needs.clock.nowMs();
        this.#beat.committed(this.#movedAtMs, callPacePerMinute);
      },
    });
  }

  /** Takes the lead if it can, then takes turns until stopped. */
  async start(): Promise<void> {
    const { clock } = this.#needs;
    this.#wantTurn();
    await this.#turnRuns;
    if (this.#isStopped) return;
    this.#stops = [clock.every(turnPeriodMs, () => this.#wantTurn())];
  }

  /** Answers when what the answer says is committed. Rejects with StoreError `unavailable` when that cannot be known. */
  ask(request: RoomRequest): Promise<RoomAnswer> {
    if (this.#isStopped || this.#asked.length >= requestsMax) {
      return Promise.reject(new StoreError('unavailable', 'the caller of this room takes no more requests now'));
    }
    return new Promise((resolve, reject) => {
      this.#asked.push({ request, resolve, reject });
      if (this.#asked.length === 1) this.#needs.clock.after(0, () => this.#wantTurn());
    });
  }

  /** What limited the calling in the last turn; null while another gateway is the caller. */
  get limit(): CallLimit | 'not-calling' | null {
    return this.#lease.epoch === null ? null : this.#turns.limit;
  }

  isEntering(place: number): boolean {
    return this.#turns.isEntering(place);
  }

  /** Ends the turn at hand and takes no other. Claims at the gate are answered "entering". */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const stop of this.#stops) stop();
    await this.#turnRuns;
    this.#turns.close();
    for (const { reject } of this.#asked) reject(new StoreError('unavailable', 'this gateway is stopping'));
    this.#asked = [];
  }

  #wantTurn(): void {
    if (this.#isStopped) return;
    if (this.#turnRuns !== null) {
      this.#turnIsWanted = true;
      return;
    }
    this.#turnRuns = this.#runTurn().finally(() => {
      this.#turnRuns = null;
      const again = this.#turnIsWanted && this.#asked.length > 0;
      this.#turnIsWanted = false;
      if (again) this.#needs.clock.after(0, () => this.#wantTurn());
    });
  }

  async #runTurn(): Promise<void> {
    const { clock } = this.#needs;
    if (clock.nowMs() < this.#retryAtMs || this.#sparesTurn()) return;
    const asked = this.#asked;
    this.#asked = [];
    try {
      if (asked.length > 0) this.#movedAtMs = clock.nowMs();
      const lead = await this.#lease.renew(clock.nowMs() - this.#movedAtMs >= quietAfterMs);
      if (lead !== null) await this.#turns.takeOver(lead);
      const { epoch } = this.#lease;
      if (epoch === null) return this.#follow(asked);
      await this.#turns.take(asked, epoch);
      // A turn that had nothing to commit says nothing of whether writes work.
      this.#needs.onTrouble(this.#needs.store.trouble());
    } catch (error) {
      this.#loseLead(asked, error);
      this.#retryAtMs = clock.nowMs() + retryPeriodMs;
      if (!isStoreError(error)) this.#needs.onFailure(error);
      this.#needs.onTrouble(error instanceof Error ? error.message : String(error));
    }
  }

  /** Claims and calls that come a moment after a commit share the next one, as far as the pace stays exact. // LN66 */
  #sparesTurn(): boolean {
    const { sparesStore, clock } = this.#needs;
    if (sparesStore !== true || this.#lease.epoch === null) return false;
    if (this.#asked.some(({ request }) => !isPatient(request))) return false;
    return !this.#beat.isDue(clock.nowMs());
  }

  /** Another gateway calls: requests are for it, and this one stands by. */
  #follow(asked: readonly Asked[]): void {
    this.#loseLead(asked, new StoreError('unavailable', 'another gateway is the caller of this room'));
    this.#retryAtMs = this.#needs.clock.nowMs() + followPeriodMs;
    this.#needs.onTrouble(this.#needs.store.trouble());
  }

  #loseLead(asked: readonly Asked[], reason: unknown): void {
    this.#lease.lose();
    for (const { reject } of asked) reject(reason);
    this.#turns.fail(reason);
  }
}

function isPatient(request: RoomRequest): boolean {
  return patientRequests.has(request.kind) || (request.kind === 'hold' && request.by !== undefined);
}
