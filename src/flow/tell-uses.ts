// Tells the caller which passes were used, in batches: a use that could not be told is told again.

import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import type { Clock } from './clock.ts';
import type { PassDesk } from './pass-desk.ts';

const periodMsMax = 2_000;
/** Of the time after which an idle pass ends: so late a use may be told. */
const idleShare = 1 / 4;

/** Returns its stop function, which tells what is left, once. */
export function tellUses(of: {
  readonly desk: Pick<PassDesk, 'takeUsed' | 'giveBackUsed'>;
  readonly clock: Clock;
  readonly ask: (request: RoomRequest) => Promise<RoomAnswer>;
  /** The shortest time after which an idle pass of the room ends. */
  readonly idleMs: number;
}): () => Promise<void> {
  const { desk, clock, ask, idleMs } = of;
  let telling: Promise<void> | null = null;

  const tell = async (): Promise<void> => {
    const uses = desk.takeUsed();
    if (uses.passIds.length === 0) return;
    // Whatever went wrong: the caller may hear of a use twice, but must hear of it. // PS80
    await ask({ kind: 'use-passes', ...uses }).catch(() => desk.giveBackUsed(uses));
  };
  const stopTimer = clock.every(Math.min(periodMsMax, idleMs * idleShare), () => {
    telling ??= tell().finally(() => {
      telling = null;
    });
  });
  return async () => {
    stopTimer();
    await telling;
    await tell();
  };
}
