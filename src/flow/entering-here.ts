// Which devices wait at the claim gate, as far as this gateway asked for them: only the caller knows of all.

import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import { claimTurnMs } from '../queue/room-rules.ts';
import type { Clock } from './clock.ts';

export class EnteringHere {
  readonly #clock: Clock;
  /** Until when a device that was told "entering" keeps its turn; Infinity while its request is held. */
  readonly #untilMs = new Map<number, number>();

  /** Devices that are known to wait, or waited a moment ago. */
  get size(): number {
    return this.#untilMs.size;
  }

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(place: number): boolean {
    const untilMs = this.#untilMs.get(place);
    if (untilMs === undefined || untilMs > this.#clock.nowMs()) return untilMs !== undefined;
    this.#untilMs.delete(place);
    return false;
  }

  /** Passes the answer on and remembers what it says about waiting at the gate. */
  async during(request: RoomRequest, asking: Promise<RoomAnswer>): Promise<RoomAnswer> {
    if (request.kind !== 'claim') return asking;
    const { place } = request;
    this.#untilMs.set(place, Number.POSITIVE_INFINITY);
    try {
      const answer = await asking;
      if (answer.kind !== 'entering') this.#untilMs.delete(place);
      else {
        this.#untilMs.set(place, this.#clock.nowMs() + claimTurnMs);
        // Of a device that does not come back nothing is kept.
        this.#clock.after(claimTurnMs, () => this.has(place));
      }
      return answer;
    } catch (error) {
      this.#untilMs.delete(place);
      throw error;
    }
  }
}
