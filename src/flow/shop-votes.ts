// What the gateways say about the shop, put together by the caller: their counts are added up, so that one with a bad way
// to the shop does not stop the room of all. A gateway says them again and again, so that one that dies is not believed
// for ever.

import { answersMin, conditionAfter, type ShopCounts } from '../admission/shop-condition.ts';

/** So often a gateway that is asked for the shop says what it saw. */
export const voteAgainMs = 2_000;
/** Without another word a gateway is believed so long. */
const voteMsMax = 3 * voteAgainMs;

/** `seen`: absent where a gateway says no more than whether the shop fails. */
export type ShopVote = { readonly by: string; readonly isFailing: boolean; readonly seen?: ShopCounts | undefined };

type Heard = { readonly atMs: number; readonly isFailing: boolean; readonly seen: ShopCounts };

export class ShopVotes {
  readonly #heard = new Map<string, Heard>();

  hear({ by, isFailing, seen }: ShopVote, nowMs: number): void {
    const counts = seen ?? { answers: isFailing ? answersMin : 0, bad: isFailing ? answersMin : 0 };
    if (counts.answers === 0 && !counts.unanswered && !isFailing) this.#heard.delete(by);
    else this.#heard.set(by, { atMs: nowMs, isFailing, seen: counts });
  }

  /** Whether the shop counts as failing now: by the answers that all gateways got, or because all that got any say so. */
  isFailing(wasFailing: boolean, nowMs: number): boolean {
    const sum = { answers: 0, bad: 0, unanswered: 0 };
    let agree = true;
    for (const [by, { atMs, isFailing, seen }] of this.#heard) {
      if (nowMs - atMs > voteMsMax) {
        this.#heard.delete(by);
        continue;
      }
      sum.answers += seen.answers;
      sum.bad += seen.bad;
      sum.unanswered += seen.unanswered ?? 0;
      agree &&= isFailing;
    }
    if (this.#heard.size > 0 && agree) return true;
    return conditionAfter(wasFailing ? 'failing' : 'well', sum) === 'failing';
  }

  /** Whether every gateway has had the time to tell this caller. */
  areIn(callerSinceMs: number, nowMs: number): boolean {
    return nowMs - callerSinceMs > voteMsMax;
  }
}
