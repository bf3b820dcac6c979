// Claims that wait at the gate: each request is held until its device is let in, is no longer called, or has waited long
// enough to be told "entering". Who is let in, and when, is decided elsewhere (queue/take-turn.ts).

import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import type { RoomChange } from '../queue/room-change.ts';
import { claimHoldMs } from '../queue/room-rules.ts';
import type { RoomState } from '../queue/room-state.ts';
import type { EnteringClaims } from '../queue/turn.ts';

/** A request that waits for its answer. */
export type Asked = {
  readonly request: RoomRequest;
  readonly resolve: (answer: RoomAnswer) => void;
  readonly reject: (error: unknown) => void;
};

/** An answer that may be given once the turn is committed. */
export type Answered = { readonly asked: Asked; readonly answer: RoomAnswer };

type AtGate = Asked & { readonly untilMs: number };

/** So many requests of one device are held: all that its tabs ask at once. The first of more is answered "entering". */
const heldMax = 100;

export class ClaimsAtGate {
  /** Devices that were told "entering", with the instant: they keep their turn while they ask again. */
  readonly entering: EnteringClaims = new Map();
  /** Passes that no answer has named yet: their devices were let in while no request of theirs was held. */
  readonly #unnamed = new Set<string>();
  /** By place. */
  #held = new Map<number, AtGate[]>();

  hold(asked: Asked, place: number, nowMs: number): void {
    const held = this.#held.get(place) ?? [];
    this.#held.set(place, held);
    held.push({ ...asked, untilMs: nowMs + claimHoldMs });
    if (held.length > heldMax) held.shift()?.resolve({ kind: 'entering' });
  }

  /** After the commit of a turn: answers who was let in, who is no longer called, and who has waited long enough. */
  answer(
    state: RoomState,
    { nowMs, changes }: { readonly nowMs: number; readonly changes: readonly RoomChange[] },
  ): void {
    this.#notePasses(changes);
    for (const [place, held] of this.#held) {
      const waiting = held.filter(each => !this.#answerOne(state, place, each, nowMs));
      if (waiting.length === 0) this.#held.delete(place);
      else this.#held.set(place, waiting);
    }
  }

  /** False: it waits on. */
  #answerOne(state: RoomState, place: number, { untilMs, resolve }: AtGate, nowMs: number): boolean {
    const passId = state.passOfPlace.get(place);
    if (passId !== undefined) {
      resolve({ kind: 'admitted', passId, fresh: this.#unnamed.delete(passId) });
    } else if (!state.calls.has(place)) resolve({ kind: 'not-called' });
    else if (nowMs >= untilMs) {
      // The device keeps its turn for so long after this answer, not after its asking.
      this.entering.set(place, nowMs);
      resolve({ kind: 'entering' });
    } else return false;
    return true;
  }

  /** An answer as its device gets it: the first that names a pass says that the pass is fresh. */
  named(answer: RoomAnswer): RoomAnswer {
    const isFirst = answer.kind === 'admitted' && this.#unnamed.delete(answer.passId);
    return isFirst ? { ...answer, fresh: true } : answer;
  }

  /** The room was loaded anew: which passes were named nobody knows. */
  forgetPasses(): void {
    this.#unnamed.clear();
  }

  fail(error: unknown): void {
    for (const { reject } of [...this.#held.values()].flat()) reject(error);
    this.#held = new Map();
  }

  /** The devices keep their turn and ask again. */
  close(): void {
    for (const { resolve } of [...this.#held.values()].flat()) resolve({ kind: 'entering' });
    this.#held = new Map();
  }

  /** Who was let in between two requests hears of it in the answer to the next. */
  #notePasses(changes: readonly RoomChange[]): void {
    for (const change of changes) {
      if (change.kind === 'admitted') for (const { passId } of change.passes) this.#unnamed.add(passId);
      if (change.kind === 'pass-ended') for (const passId of change.passIds) this.#unnamed.delete(passId);
    }
  }
}
