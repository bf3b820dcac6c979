// The caller of one room: takes turns, one at a time, on its own draft of the state; commits what a turn decided; and
// answers only what was committed. It stands still, and says so, while the store does.

import { ClaimCurve } from '../admission/claim-curve.ts';
import type { CallLimit } from '../admission/plan-calls.ts';
import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import { callPaceIn } from '../queue/pace-in-force.ts';
import type { RoomChange } from '../queue/room-change.ts';
import type { RoomRules } from '../queue/room-rules.ts';
import { newRoomState, type RoomState } from '../queue/room-state.ts';
import {
  admitEntering,
  callNext,
  endLapsedPasses,
  learnNoShows,
  phaseDue,
  takeBackLapsedCalls,
} from '../queue/take-turn.ts';
import { checkpointAndTrim, isCheckpointDue } from '../queue/trim-room.ts';
import { type PresentPlaces, Turn } from '../queue/turn.ts';
import type { Lead, QueueStore } from '../store/queue-store.ts';
import { isStoreError, StoreError } from '../store/store-error.ts';
import { AnswerDesk } from './answer-desk.ts';
import { CallerLease } from './caller-lease.ts';
import { type Asked, ClaimsAtGate } from './claims-at-gate.ts';
import type { Clock } from './clock.ts';
import { loadRoom } from './load-room.ts';
import type { DrawDesk } from './reveal-draw.ts';
import { TurnBeat } from './turn-beat.ts';
import { followSchedule } from './turn-phase.ts';
import { WalkIns } from './walk-ins.ts';
import { SnapshotWriter } from './write-snapshots.ts';

export type RoomCallerNeeds = {
  readonly rules: RoomRules;
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly draw: DrawDesk;
  /** Names this gateway in the lease. */
  readonly holder: string;
  readonly newPassId: () => string;
  /** The places of all present devices, as far as this caller knows. */
  readonly present: () => PresentPlaces;
  /** Whether `present` holds what all gateways have said since this epoch began. Default: they always do. */
  readonly knowsPresent?: (epoch: number) => boolean;
  /** What nobody waits for at once shares a commit with what comes soon after. Default: false. */
  readonly sparesStore?: boolean;
  /** A snapshot is due after so many changes. Default: 2,000. */
  readonly changesPerSnapshot?: number;
  /** Told when this gateway becomes the caller, and under which epoch; null when it ceases to be. */
  readonly onLead?: (epoch: number | null) => void;
  /** Told when the store stops or resumes answering; the reason is for operators. */
  readonly onTrouble: (reason: string | null) => void;
  /** Told of what nobody expected; the room is then loaded anew. */
  readonly onFailure: (error: unknown) => void;
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
const passSweepPeriodMs = 250;
/** A gateway that stops tells its devices to come back within 3 s; a little more for the way. */
const gatherMs = 4_000;
/** So long at most a new caller waits for what the gateways say, in case it cannot be had. // LN151 */
const knowsMsMax = 4_000;
const learnPeriodMs = 250;
/** A room in which nothing was asked or decided for so long is quiet. */
const quietAfterMs = 5_000;
/** Requests that may wait for the caller; beyond it a request is refused at once. */
const requestsMax = 100_000;

export class RoomCaller {
  readonly #needs: RoomCallerNeeds;
  readonly #gate = new ClaimsAtGate();
  readonly #walkIns = new WalkIns();
  readonly #desk: AnswerDesk;
  readonly #lease: CallerLease;
  readonly #snapshots: SnapshotWriter;
  #draft: RoomState = newRoomState();
  #claimCurve: ClaimCurve;
  #asked: Asked[] = [];
  #turnRuns: Promise<void> | null = null;
  #turnIsWanted = false;
  #retryAtMs = 0;
  /** When something was last asked or committed. */
  #movedAtMs = 0;
  #callerSinceMs = 0;
  #gathersUntilMs = 0;
  /** Nobody called since then, and no record of it under this epoch is known to be committed. // LN80 */
  #unattended: { readonly epoch: number; readonly fromMs: number } | null = null;
  readonly #beat = new TurnBeat(turnPeriodMs);
  #sweptPassesAtMs = 0;
  #learnedAtMs = 0;
  #stops: (() => void)[] = [];
  #isStopped = false;
  #limit: CallLimit | 'not-calling' = 'not-calling';

  constructor(needs: RoomCallerNeeds) {
    this.#needs = needs;
    this.#claimCurve = new ClaimCurve(needs.rules.claimWindowMs, 0);
    this.#desk = new AnswerDesk({ ...needs, gate: this.#gate, walkIns: this.#walkIns });
    this.#lease = new CallerLease({ ...needs, room: needs.rules.id });
    this.#snapshots = new SnapshotWriter({ ...needs, room: needs.rules.id });
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
    return this.#lease.epoch === null ? null : this.#limit;
  }

  isEntering(place: number): boolean {
    return this.#gate.entering.has(place);
  }

  /** Ends the turn at hand and takes no other. Claims at the gate are answered "entering". */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const stop of this.#stops) stop();
    await this.#turnRuns;
    this.#gate.close();
    this.#walkIns.close();
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
      if (lead !== null) await this.#takeOver(lead);
      const { epoch } = this.#lease;
      if (epoch === null) return this.#follow(asked);
      await this.#takeTurn(asked, epoch);
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
    this.#gate.fail(reason);
    this.#walkIns.fail(reason);
  }

  /** Another gateway called before, or nobody: loads the room as the store has it. */
  async #takeOver(lead: Lead): Promise<void> {
    const { store, rules } = this.#needs;
    const { epoch, lastHeardAtMs, nowMs } = lead;
    const { state, replayed } = await loadRoom(store, rules);
    this.#draft = state;
    this.#snapshots.loaded(replayed);
    this.#claimCurve = new ClaimCurve(rules.claimWindowMs, this.#draft.noShowShare);
    this.#desk.startAnew();
    this.#gate.forgetPasses();
    this.#lease.hold(lead);
    this.#callerSinceMs = this.#lease.nowMs();
    // Who comes back first is not who stands first. // LN61
    const isRestart = lastHeardAtMs !== null && this.#needs.present().places.count === 0;
    this.#gathersUntilMs = isRestart ? this.#callerSinceMs + gatherMs : 0;
    if (lastHeardAtMs === null) return;
    // Under another epoch somebody else may have called meanwhile.
    const earlier = this.#unattended?.epoch === epoch ? this.#unattended.fromMs : lastHeardAtMs;
    this.#unattended = { epoch, fromMs: Math.min(earlier, lastHeardAtMs) };
    await this.#recordUnattended(epoch, this.#unattended.fromMs, nowMs);
    this.#unattended = null;
  }

  async #recordUnattended(epoch: number, fromMs: number, toMs: number): Promise<void> {
    const turn = this.#newTurn();
    if (toMs > fromMs) turn.record({ kind: 'unattended', fromMs, toMs });
    await this.#commit(turn, epoch);
  }

  #newTurn(nowMs = this.#lease.nowMs()): Turn {
    const { rules, newPassId, present } = this.#needs;
    return new Turn({
      state: this.#draft,
      rules,
      nowMs,
      callerSinceMs: this.#callerSinceMs,
      gathersUntilMs: this.#gathersUntil(),
      present: present(),
      entering: this.#gate.entering,
      newPassId,
      claimCurve: this.#claimCurve,
    });
  }

  /** What the caller before knew of who is there may be long ago: the first look of this one decides. // LN151 */
  #gathersUntil(): number {
    const { epoch } = this.#lease;
    const isKnown = epoch === null || (this.#needs.knowsPresent?.(epoch) ?? true);
    return isKnown ? this.#gathersUntilMs : Math.max(this.#gathersUntilMs, this.#callerSinceMs + knowsMsMax);
  }

  async #takeTurn(asked: readonly Asked[], epoch: number): Promise<void> {
    const { store, rules, draw } = this.#needs;
    const nowMs = this.#lease.nowMs();
    const notes = isCheckpointDue(this.#draft, rules, nowMs);
    const entersPhase =
      asked.some(({ request }) => request.kind === 'phase') || phaseDue(this.#newTurn(nowMs)) !== null;
    const handedOut = notes || entersPhase ? await store.countNumbers(rules.id) : null;
    const turn = this.#newTurn(nowMs);
    followSchedule(turn, { draw, handedOut });
    // Before anything lapses: a device that asked in time does not lose because this turn came late.
    const answers = this.#desk.answer(turn, asked, handedOut);
    this.#desk.followSignals(turn, this.#callerSinceMs);
    takeBackLapsedCalls(turn);
    if (turn.nowMs - this.#sweptPassesAtMs >= passSweepPeriodMs) {
      this.#sweptPassesAtMs = turn.nowMs;
      endLapsedPasses(turn);
    }
    admitEntering(turn);
    if (turn.nowMs - this.#learnedAtMs >= learnPeriodMs) {
      this.#learnedAtMs = turn.nowMs;
      learnNoShows(turn);
    }
    this.#limit = callNext(turn);
    this.#desk.steer(turn, this.#limit);
    if (notes && handedOut !== null) checkpointAndTrim(turn, handedOut);
    await this.#commit(turn, epoch);
    this.#gate.answer(this.#draft, turn);
    this.#walkIns.committed();
    for (const { asked: each, answer } of answers) each.resolve(this.#gate.named(answer));
    await this.#snapshots.write(epoch, this.#draft);
  }

  async #commit(turn: Turn, epoch: number): Promise<void> {
    const changes: readonly RoomChange[] = turn.changes;
    if (changes.length === 0) return;
    const { store, rules, clock } = this.#needs;
    const outcome = await store.commit(rules.id, epoch, this.#draft.version - changes.length, changes);
    if (outcome.kind === 'fenced')
      throw new StoreError('unavailable', 'another gateway became the caller of this room');
    this.#movedAtMs = clock.nowMs();
    this.#snapshots.committed(changes.length);
    this.#beat.committed(clock.nowMs(), callPaceIn(this.#draft, rules));
  }
}

function isPatient(request: RoomRequest): boolean {
  return patientRequests.has(request.kind) || (request.kind === 'hold' && request.by !== undefined);
}
