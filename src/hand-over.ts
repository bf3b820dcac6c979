// While a gateway ends it goes on serving whoever still has a connection to it, for a short time: each answer is the last
// on its connection, so that the next request goes to another gateway. How requests are answered is the gateway's.

import type { Clock } from './flow/clock.ts';

export type HandOverNeeds = {
  readonly clock: Pick<Clock, 'after' | 'every'>;
  /** How long at least; 0 where nobody is there to hand over to. */
  readonly atLeastMs: number;
  /** Requests that the shop has not answered yet are waited for; so long at most, all in all. */
  readonly atMostMs: number;
  /** Requests that the shop has not answered yet. */
  readonly underWay: () => number;
};

const lookPeriodMs = 50;

/** Settles when everybody may be sent away. // OP90 */
export async function handOver({ clock, atLeastMs, atMostMs, underWay }: HandOverNeeds): Promise<void> {
  await new Promise<void>(resolve => clock.after(atLeastMs, resolve));
  if (underWay() === 0) return;
  await new Promise<void>(resolve => {
    const stop = () => {
      stopLooking();
      stopWaiting();
      resolve();
    };
    const stopWaiting = clock.after(atMostMs - atLeastMs, stop);
    const stopLooking = clock.every(lookPeriodMs, () => {
      if (underWay() === 0) stop();
    });
  });
}
