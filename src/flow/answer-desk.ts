// Where what the caller is asked gets its answer within a turn: claims go to the gate, phases and figures to the draw,
// what is said of the shop to the votes and the autopilot, everything else to the queue.

import type { CallLimit } from '../admission/plan-calls.ts';
import { answerOutdated, answerRequest, type RoomAnswer, type RoomRequest } from '../queue/answer-request.ts';
import { replacedBy } from '../queue/replaced.ts';
import type { Turn } from '../queue/turn.ts';
import type { Answered, Asked, ClaimsAtGate } from './claims-at-gate.ts';
import { type DrawDesk, enterFigure } from './reveal-draw.ts';
import { ShopVotes } from './shop-votes.ts';
import { PaceSteering } from './steer-pace.ts';
import { setPhase } from './turn-phase.ts';
import type { WalkIns } from './walk-ins.ts';

export class AnswerDesk {
  readonly #draw: DrawDesk;
  readonly #gate: ClaimsAtGate;
  readonly #walkIns: WalkIns;
  readonly #onFailure: (error: unknown) => void;
  readonly #shopVotes = new ShopVotes();
  #steering = new PaceSteering();

  constructor(needs: {
    readonly draw: DrawDesk;
    readonly gate: ClaimsAtGate;
    readonly walkIns: WalkIns;
    readonly onFailure: (error: unknown) => void;
  }) {
    this.#draw = needs.draw;
    this.#gate = needs.gate;
    this.#walkIns = needs.walkIns;
    this.#onFailure = needs.onFailure;
  }

  /** The room was loaded anew: what the autopilot learned belongs to the caller before. */
  startAnew(): void {
    this.#steering = new PaceSteering(this.#steering);
  }

  /** The answers to what was asked; claims wait at the gate instead, and at the door who is a moment too early. */
  answer(turn: Turn, asked: readonly Asked[], handedOut: number | null): readonly Answered[] {
    // Before those who ask now.
    const answers: Answered[] = [...this.#walkIns.admit(turn)];
    for (const each of asked) {
      const answer = this.#tryAnswer(turn, each, handedOut);
      if (answer === null) continue;
      const { request } = each;
      if (answer !== 'gate') answers.push({ asked: each, answer });
      else if (request.kind === 'claim') this.#gate.hold(each, request.place, turn.nowMs);
      else if (request.kind === 'enter' && !this.#walkIns.hold(each, request, turn))
        answers.push({ asked: each, answer: { kind: 'wait' } });
    }
    return answers;
  }

  /** Lets the autopilot decide when it is time. */
  steer(turn: Turn, limit: CallLimit | 'not-calling'): void {
    this.#steering.steer(turn, limit);
  }

  /**
   * Holds the clocks while a fresh signal says that the shop fails, and lets them go when nobody says so any more: a
   * gateway that saw it fail may have died before it could say that it is well again.
   */
  followSignals(turn: Turn, callerSinceMs: number): void {
    const { state, nowMs } = turn;
    const isHeld = state.holds.has('shop-failing');
    const isFailing = this.#steering.isShopFailing(turn);
    if (isHeld === isFailing || (isHeld && !this.#shopVotes.areIn(callerSinceMs, nowMs))) return;
    if (isHeld && this.#shopVotes.isFailing(true, nowMs)) return;
    turn.record({ kind: 'hold', hold: 'shop-failing', on: isFailing, atMs: nowMs });
  }

  /** Null: the request could not be understood and failed alone, having changed nothing. // ST102 */
  #tryAnswer(turn: Turn, { request, reject }: Asked, handedOut: number | null): RoomAnswer | 'gate' | null {
    const changesBefore = turn.changes.length;
    try {
      const outdated = answerOutdated(turn, request);
      if (outdated !== null) return outdated;
      const replaced = replacedBy(turn.state, request);
      const answer = this.#answerOne(turn, this.#counted(turn, request), handedOut);
      return replaced !== null && answer !== 'gate' && answer.kind === 'done' ? { ...answer, replaced } : answer;
    } catch (error) {
      if (turn.changes.length > changesBefore) throw error;
      this.#onFailure(error);
      reject(error);
      return null;
    }
  }

  /** What one gateway sees of the shop is put together with what the others see. */
  #counted(turn: Turn, request: RoomRequest): RoomRequest {
    if (request.kind !== 'hold' || request.by === undefined) return request;
    const { state, nowMs } = turn;
    const { by, seen } = request;
    this.#shopVotes.hear({ by, isFailing: request.on, seen }, nowMs);
    const on = this.#shopVotes.isFailing(state.holds.has(request.hold), nowMs) || this.#steering.isShopFailing(turn);
    return { ...request, on };
  }

  #answerOne(turn: Turn, request: RoomRequest, handedOut: number | null): RoomAnswer | 'gate' {
    const draw = this.#draw;
    if (request.kind === 'phase') return setPhase(turn, request.phase, { draw, handedOut });
    if (request.kind === 'figure') return enterFigure(turn, request.value, draw);
    if (request.kind === 'shop-seen') return this.#steering.see(turn, request);
    if (request.kind === 'shop-signal') return this.#steering.hear(turn, request);
    return answerRequest(turn, request);
  }
}
