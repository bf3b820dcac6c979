// The turns of the caller of one room, each on its own draft of the state: what is due and what was asked is decided in
// one order, committed, and answered after that. When a turn is taken, and whether it may be, is left to the caller.

import { ClaimCurve } from '../admission/claim-curve.ts';
import type { CallLimit } from '../admission/plan-calls.ts';
import { callPaceIn } from '../queue/pace-in-force.ts';
import { isWalkIn, type RoomChange } from '../queue/room-change.ts';
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
import { StoreError } from '../store/store-error.ts';
import { AnswerDesk } from './answer-desk.ts';
import type { CallerLease } from './caller-lease.ts';
import { type Asked, ClaimsAtGate } from './claims-at-gate.ts';
import type { Clock } from './clock.ts';
import { loadRoom } from './load-room.ts';
import type { DrawDesk } from './reveal-draw.ts';
import { followSchedule } from './turn-phase.ts';
import { WalkIns } from './walk-ins.ts';
import { SnapshotWriter } from './write-snapshots.ts';

export type CallerTurnsNeeds = {
  readonly rules: RoomRules;
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly draw: DrawDesk;
  readonly lease: Pick<CallerLease, 'epoch' | 'nowMs' | 'hold'>;
  readonly newPassId: () => string;
  /** The places of all present devices, as far as this caller knows. */
  readonly present: () => PresentPlaces;
  /** Whether `present` holds what all gateways have said since this epoch began. Default: they always do. */
  readonly knowsPresent?: (epoch: number) => boolean;
  /** A snapshot is due after so many changes. Default: 2,000. */
  readonly changesPerSnapshot?: number;
  /** Told what was decided while it is on its way to the store; it may not get there. Default: nobody is. */
  readonly onDecided?: (changes: readonly RoomChange[]) => void;
  /** Told after each commit, and the pace of the calls that holds now. */
  readonly onCommitted: (callPacePerMinute: number) => void;
  /** Told of what nobody expected; the room is then loaded anew. */
  readonly onFailure: (error: unknown) => void;
};

const passSweepPeriodMs = 250;
/** A gateway that stops tells its devices to come back within 3 s; a little more for the way. */
const gatherMs = 4_000;
/** So long at most a new caller waits for what the gateways say, in case it cannot be had. // LN151 */
const knowsMsMax = 4_000;
const learnPeriodMs = 250;

export class CallerTurns {
  readonly #needs: CallerTurnsNeeds;
  readonly #lease: CallerTurnsNeeds['lease'];
  readonly #gate = new ClaimsAtGate();
  readonly #walkIns = new WalkIns();
  readonly #desk: AnswerDesk;
  readonly #snapshots: SnapshotWriter;
  #draft: RoomState = newRoomState();
  #claimCurve: ClaimCurve;
  #callerSinceMs = 0;
  #gathersUntilMs = 0;
  /** Nobody called since then, and no record of it under this epoch is known to be committed. // LN80 */
  #unattended: { readonly epoch: number; readonly fromMs: number } | null = null;
  #sweptPassesAtMs = 0;
  #learnedAtMs = 0;
  #limit: CallLimit | 'not-calling' = 'not-calling';

  constructor(needs: CallerTurnsNeeds) {
    this.#needs = needs;
    this.#lease = needs.lease;
    this.#claimCurve = new ClaimCurve(needs.rules.claimWindowMs, 0);
    this.#desk = new AnswerDesk({ ...needs, gate: this.#gate, walkIns: this.#walkIns });
    this.#snapshots = new SnapshotWriter({ ...needs, room: needs.rules.id });
  }

  /** What limited the calling in the last turn. */
  get limit(): CallLimit | 'not-calling' {
    return this.#limit;
  }

  isEntering(place: number): boolean {
    return this.#gate.entering.has(place);
  }

  /** Another gateway called before, or nobody: loads the room as the store has it. */
  async takeOver(lead: Lead): Promise<void> {
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

  /** One turn: what is due and what was asked is decided, committed, and then answered. */
  async take(asked: readonly Asked[], epoch: number): Promise<void> {
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
    // It looks at every pass: in a turn that nobody waits for, if one comes in time.
    const sweepPeriodMs = asked.length > 0 ? 2 * passSweepPeriodMs : passSweepPeriodMs;
    if (turn.nowMs - this.#sweptPassesAtMs >= sweepPeriodMs) {
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

  /** The lead is lost: whoever waits for an answer is told why there is none. */
  fail(reason: unknown): void {
    this.#gate.fail(reason);
    this.#walkIns.fail(reason);
  }

  /** There is no other turn. Claims at the gate are answered "entering". */
  close(): void {
    this.#gate.close();
    this.#walkIns.close();
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

  async #commit(turn: Turn, epoch: number): Promise<void> {
    const changes: readonly RoomChange[] = turn.changes;
    if (changes.length === 0) return;
    const { store, rules, onDecided, onCommitted } = this.#needs;
    const version = this.#draft.version - changes.length;
    // A device whose walking in is lost walks in again. // PS160
    const durability = changes.every(isWalkIn) ? 'written' : 'synced';
    const tell = async () => onDecided?.(changes);
    const [outcome] = await Promise.all([store.commit(rules.id, epoch, version, changes, durability), tell()]);
    if (outcome.kind === 'fenced')
      throw new StoreError('unavailable', 'another gateway became the caller of this room');
    this.#snapshots.committed(changes.length);
    onCommitted(callPaceIn(this.#draft, rules));
  }
}
