// Tells the caller what this gateway sees of the shop: at once when it begins or ceases to fail, and now and then while
// it answers, so that one gateway's trouble is told from the shop's and nobody pays for that with a turn.

import type { ShopCounts } from '../admission/shop-condition.ts';
import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import type { Clock } from './clock.ts';
import { voteAgainMs } from './shop-votes.ts';

const periodMs = 250;

/** Returns its stop function. */
export function watchShop(of: {
  readonly clock: Clock;
  /** Names this gateway. */
  readonly by: string;
  readonly ask: (request: RoomRequest) => Promise<RoomAnswer>;
  readonly isFailing: (nowMs: number) => boolean;
  /** The answers of the last seconds. */
  readonly countsAt: (nowMs: number) => ShopCounts;
}): () => void {
  const { clock, by, ask, isFailing, countsAt } = of;
  let told = { on: false, asked: 0, atMs: 0 };
  let isAsking = false;
  return clock.every(periodMs, () => {
    const nowMs = clock.nowMs();
    const on = isFailing(nowMs);
    const seen = countsAt(nowMs);
    const isNews = on !== told.on;
    // Who sees no answers says so once.
    const asked = Math.max(seen.answers, seen.unanswered ?? 0);
    const isDue = nowMs - told.atMs >= voteAgainMs && (on || asked > 0 || told.asked > 0);
    if (isAsking || !(isNews || isDue)) return;
    isAsking = true;
    ask({ kind: 'hold', hold: 'shop-failing', on, by, seen })
      .then(
        () => {
          told = { on, asked, atMs: nowMs };
        },
        // The store is out of reach: the next look asks again.
        () => undefined,
      )
      .finally(() => {
        isAsking = false;
      });
  });
}
