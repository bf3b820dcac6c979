// Tells the caller when the shop begins and ceases to fail, so that nobody pays for the shop's trouble with a turn.

import type { Clock } from './clock.ts';
import type { RoomCaller } from './room-caller.ts';
import type { RoomView } from './room-view.ts';

const periodMs = 250;

/** Returns its stop function. */
export function watchShop(of: {
  readonly view: RoomView;
  readonly clock: Clock;
  readonly caller: Pick<RoomCaller, 'ask'>;
  readonly isFailing: (nowMs: number) => boolean;
}): () => void {
  const { view, clock, caller, isFailing } = of;
  let isAsking = false;
  return clock.every(periodMs, () => {
    const on = isFailing(clock.nowMs());
    if (isAsking || on === view.state.holds.has('shop-failing')) return;
    isAsking = true;
    caller
      .ask({ kind: 'hold', hold: 'shop-failing', on })
      // The store is out of reach: the next look asks again.
      .catch(() => undefined)
      .finally(() => {
        isAsking = false;
      });
  });
}
