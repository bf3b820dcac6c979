// Tells the caller when the shop begins and ceases to fail as this gateway sees it, so that nobody pays for the shop's
// trouble with a turn.

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
}): () => void {
  const { clock, by, ask, isFailing } = of;
  let told = false;
  let toldAtMs = 0;
  let isAsking = false;
  return clock.every(periodMs, () => {
    const nowMs = clock.nowMs();
    const on = isFailing(nowMs);
    if (isAsking || (on === told && !(on && nowMs - toldAtMs >= voteAgainMs))) return;
    isAsking = true;
    ask({ kind: 'hold', hold: 'shop-failing', on, by })
      .then(
        () => {
          told = on;
          toldAtMs = nowMs;
        },
        // The store is out of reach: the next look asks again.
        () => undefined,
      )
      .finally(() => {
        isAsking = false;
      });
  });
}
