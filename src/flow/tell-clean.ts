// Tells the caller now and then that this gateway sees the shop without its error signatures: the room then knows it, and
// a gateway that starts in the middle of an outage believes them.

import { type CleanSignatures, isCleanNews } from '../admission/signature-trust.ts';
import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import type { Clock } from './clock.ts';

const periodMs = 1_000;

/** Returns its stop function. */
export function tellClean(of: {
  readonly clock: Clock;
  /** Names the error signatures. */
  readonly signatures: string;
  readonly known: () => CleanSignatures | null;
  /** Whether they were surely not there since this was asked last. */
  readonly takeClean: () => boolean;
  readonly ask: (request: RoomRequest) => Promise<RoomAnswer>;
}): () => void {
  const { clock, signatures, known, takeClean, ask } = of;
  return clock.every(periodMs, () => {
    if (!takeClean() || !isCleanNews(known(), signatures, clock.nowMs())) return;
    // Where it cannot be told, a later look tells it.
    ask({ kind: 'signatures-clean', signatures }).catch(() => undefined);
  });
}
