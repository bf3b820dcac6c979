// Devices at the door of a room where nobody waits, a moment before the pace allows one more: their requests are held that
// moment, so that two who come at once do not make a line. Who may walk in is decided in queue/take-turn.ts.

import { paceOf, walkInsMax } from '../queue/pace-in-force.ts';
import { walkInHoldMs } from '../queue/room-rules.ts';
import { admitStraight, mayWalkStraight, type WalkIn } from '../queue/take-turn.ts';
import type { Turn } from '../queue/turn.ts';
import type { Answered, Asked } from './claims-at-gate.ts';

type AtDoor = Asked & { readonly walkIn: WalkIn; readonly untilMs: number };

export class WalkIns {
  #held: AtDoor[] = [];
  /** Answered in the turn at hand, which is not committed yet. */
  #answered: readonly Answered[] = [];

  /** False: as many are held as the pace lets in while they are. */
  hold(asked: Asked, walkIn: WalkIn, { state, rules, nowMs }: Turn): boolean {
    if (this.#held.length >= walkInsMax(state, rules)) return false;
    this.#held.push({ ...asked, walkIn, untilMs: nowMs + walkInHoldMs(paceOf(state, rules)) });
    return true;
  }

  /** Lets in those that may go now, in the order of their coming, and gives their answers and those of who waited in vain. */
  admit(turn: Turn): readonly Answered[] {
    const answers: Answered[] = [];
    this.#held = this.#held.filter(asked => {
      const passId = admitStraight(turn, asked.walkIn);
      if (passId !== null) answers.push({ asked, answer: { kind: 'admitted', passId, fresh: true } });
      else if (turn.nowMs < asked.untilMs && mayWalkStraight(turn, asked.walkIn.place)) return true;
      else answers.push({ asked, answer: { kind: 'wait' } });
      return false;
    });
    this.#answered = answers;
    return answers;
  }

  /** After the commit of the turn: what was answered is so. */
  committed(): void {
    this.#answered = [];
  }

  fail(error: unknown): void {
    for (const { reject } of [...this.#held, ...this.#answered.map(({ asked }) => asked)]) reject(error);
    this.#held = [];
    this.#answered = [];
  }

  /** They wait in line. */
  close(): void {
    for (const { resolve } of this.#held) resolve({ kind: 'wait' });
    this.#held = [];
  }
}
