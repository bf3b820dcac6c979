// Tells the caller every second how the shop answered this gateway: what the autopilot steers by.

import type { ShopReport } from '../admission/shop-report.ts';
import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import type { Clock } from './clock.ts';

const periodMs = 1_000;

/** Nobody is told while nobody steers by it. `take` gives what was seen since it was asked last; null: nothing. Returns its stop function. */
export function reportShop(of: {
  readonly clock: Clock;
  readonly ask: (request: RoomRequest) => Promise<RoomAnswer>;
  readonly isSteering: () => boolean;
  readonly take: () => ShopReport | null;
}): () => void {
  const { clock, ask, isSteering, take } = of;
  return clock.every(periodMs, () => {
    const report = take();
    // A second that cannot be told is lost: the autopilot steers by what it hears.
    if (report !== null && isSteering()) ask({ kind: 'shop-seen', report }).catch(() => undefined);
  });
}
