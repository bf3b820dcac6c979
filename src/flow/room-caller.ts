// The caller of one room: takes turns, one at a time, on its own draft of the state; commits what a turn decided; and
// answers only what was committed. It stands still, and says so, while the store does.

import { answerRequest, type RoomAnswer, type RoomRequest } from '../queue/answer-request.ts';
import type { Bitmap } from '../queue/bitmap.ts';
import type { RoomChange } from '../queue/room-change.ts';
import { claimHoldMs, type RoomRules } from '../queue/room-rules.ts';
import { encodeRoomState } from '../queue/room-snapshot.ts';
import { newRoomState, type RoomState } from '../queue/room-state.ts';
import { admitEntering, callNext, endLapsedPasses, takeBackLapsedCalls } from '../queue/take-turn.ts';
import { type EnteringClaims, Turn } from '../queue/turn.ts';
import type { QueueStore } from '../store/queue-store.ts';
import { isStoreError, StoreError } from '../store/store-error.ts';
import type { Clock } from './clock.ts';
import { loadRoom } from './load-room.ts';
import { type DrawDesk, followSchedule, setPhase } from './turn-phase.ts';

export type RoomCallerNeeds = {
  readonly rules: RoomRules;
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly draw: DrawDesk;
  /** Names this gateway in the lease. */
  readonly holder: string;
  readonly newPassId: () => string;
  /** The places of all present devices, as far as this caller knows. */
  readonly present: () => Bitmap;
  /** Told when the store stops or resumes answering; the reason is for operators. */
  readonly onTrouble: (reason: string | null) => void;
  /** Told of what nobody expected; the room is then loaded anew. */
  readonly onFailure: (error: unknown) => void;
};

const turnPeriodMs = 25;
const leadPeriodMs = 1_000;
const passSweepPeriodMs = 250;
const compactAfterChanges = 2_000;
/** Requests that may wait for the caller; beyond it a request is refused at once. */
const requestsMax = 100_000;

type Asked = {
  readonly request: RoomRequest;
  readonly resolve: (answer: RoomAnswer) => void;
  readonly reject: (error: unknown) => void;
};
type AtGate = Asked & { readonly place: number; readonly untilMs: number };

export class RoomCaller {
  readonly #needs: RoomCallerNeeds;
  readonly #entering: EnteringClaims = new Map();
  #draft: RoomState = newRoomState();
  #epoch: number | null = null;
  #asked: Asked[] = [];
  #atGate: AtGate[] = [];
  #turnRuns: Promise<void> | null = null;
  #turnIsWanted = false;
  #leadUntilMs = 0;
  #sweptPassesAtMs = 0;
  #changesSinceCompact = 0;
  #stops: (() => void)[] = [];
  #isStopped = false;

  constructor(needs: RoomCallerNeeds) {
    this.#needs = needs;
  }

  /** Takes the lead if it can, then takes turns until stopped. */
  async start(): Promise<void> {
    await this.#runTurn();
    const { clock } = this.#needs;
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

  isEntering(place: number): boolean {
    return this.#entering.has(place);
  }

  /** Ends the turn at hand and takes no other. Claims at the gate are answered "entering". */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const stop of this.#stops) stop();
    await this.#turnRuns;
    for (const { resolve } of this.#atGate) resolve({ kind: 'entering' });
    for (const { reject } of this.#asked) reject(new StoreError('unavailable', 'this gateway is stopping'));
    this.#atGate = [];
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
    const asked = this.#asked;
    this.#asked = [];
    try {
      await this.#keepLead();
      if (this.#epoch === null) throw new StoreError('unavailable', 'another gateway is the caller of this room');
      await this.#takeTurn(asked, this.#epoch);
      this.#needs.onTrouble(null);
    } catch (error) {
      this.#epoch = null;
      this.#leadUntilMs = 0;
      for (const { reject } of [...asked, ...this.#atGate]) reject(error);
      this.#atGate = [];
      if (!isStoreError(error)) this.#needs.onFailure(error);
      this.#needs.onTrouble(error instanceof Error ? error.message : String(error));
    }
  }

  /** Renews the lease now and then; after a loss or at the start, loads the room as the store has it. */
  async #keepLead(): Promise<void> {
    const { store, rules, clock, holder } = this.#needs;
    if (this.#epoch !== null && clock.nowMs() < this.#leadUntilMs) return;
    const lead = await store.lead(rules.id, holder);
    if (lead !== null) {
      this.#leadUntilMs = clock.nowMs() + leadPeriodMs;
      if (this.#epoch !== lead.epoch) {
        this.#draft = await loadRoom(store, rules);
        this.#epoch = lead.epoch;
        if (lead.lastHeardAtMs !== null) await this.#recordUnattended(lead.epoch, lead.lastHeardAtMs, lead.nowMs);
      }
    } else {
      this.#epoch = null;
    }
  }

  async #recordUnattended(epoch: number, fromMs: number, toMs: number): Promise<void> {
    const turn = this.#newTurn();
    if (toMs > fromMs) turn.record({ kind: 'unattended', fromMs, toMs });
    await this.#commit(turn, epoch);
  }

  #newTurn(): Turn {
    const { rules, clock, newPassId, present } = this.#needs;
    return new Turn({
      state: this.#draft,
      rules,
      nowMs: clock.nowMs(),
      present: present(),
      entering: this.#entering,
      newPassId,
    });
  }

  async #takeTurn(asked: readonly Asked[], epoch: number): Promise<void> {
    const { store, rules, draw } = this.#needs;
    const handedOut = this.#draft.phase === 'open' ? 0 : await store.countNumbers(rules.id);
    const turn = this.#newTurn();
    followSchedule(turn, { draw, handedOut });
    takeBackLapsedCalls(turn);
    if (turn.nowMs - this.#sweptPassesAtMs >= passSweepPeriodMs) {
      this.#sweptPassesAtMs = turn.nowMs;
      endLapsedPasses(turn);
    }
    const answers: (readonly [Asked, RoomAnswer])[] = [];
    for (const each of asked) {
      if (each.request.kind === 'phase') setPhase(turn, each.request.phase, { draw, handedOut });
      const answer = answerRequest(turn, each.request);
      if (answer !== 'gate') answers.push([each, answer]);
      else if (each.request.kind === 'claim') {
        this.#atGate.push({ ...each, place: each.request.place, untilMs: turn.nowMs + claimHoldMs });
      }
    }
    admitEntering(turn);
    callNext(turn);
    await this.#commit(turn, epoch);
    for (const [{ resolve }, answer] of answers) resolve(answer);
    this.#answerGate(turn.nowMs);
  }

  /** Answers the claims that were let in, and those that waited long enough. */
  #answerGate(nowMs: number): void {
    const answered = new Set<string>();
    this.#atGate = this.#atGate.filter(({ place, untilMs, resolve }) => {
      const passId = this.#draft.passOfPlace.get(place);
      if (passId !== undefined) {
        resolve({ kind: 'admitted', passId, fresh: !answered.has(passId) });
        answered.add(passId);
      } else if (!this.#draft.calls.has(place)) resolve({ kind: 'not-called' });
      else if (nowMs >= untilMs) resolve({ kind: 'entering' });
      else return true;
      return false;
    });
  }

  async #commit(turn: Turn, epoch: number): Promise<void> {
    const changes: readonly RoomChange[] = turn.changes;
    if (changes.length === 0) return;
    const { store, rules } = this.#needs;
    const outcome = await store.commit(rules.id, epoch, this.#draft.version - changes.length, changes);
    if (outcome.kind === 'fenced')
      throw new StoreError('unavailable', 'another gateway became the caller of this room');
    this.#changesSinceCompact += changes.length;
    if (this.#changesSinceCompact < compactAfterChanges) return;
    this.#changesSinceCompact = 0;
    await store.compact(rules.id, epoch, this.#draft.version, encodeRoomState(this.#draft));
  }
}
