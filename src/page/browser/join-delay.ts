// When a page without a ticket asks for one again. Pure.
import type { Notice } from '../visit.ts';
import { delayMs, politeDelayMs } from './backoff.ts';

const retryAfterMsDefault = 5_000;
/** Where the server did not say: how often a page looks whether the opening was moved. */
const lookAgainMs = 120_000;
/** For a room that should be open and is not: soon at first, since its caller opens it with its next turn. */
const overdueBackoff = { firstMs: 250, mostMs: 30_000 };

/** A room that names so short a wait should be open by now, whatever the clock of the device says. */
const overdueMsMax = 5_000;

/** What the server says is spread as the room wants it, so it is kept to exactly. // DR65 */
const toldMsOf = ({ opensAt, retryAfterSeconds }: Notice, nowMs: number): number => {
  if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1_000;
  const opensInMs = opensAt == null ? lookAgainMs : Date.parse(opensAt) - nowMs;
  return Math.min(lookAgainMs, Math.max(0, opensInMs));
};

/** The room is still closed though the opening has come: whoever asks again is one of all who wait. */
export const isOverdue = (notice: Notice, nowMs: number): boolean =>
  notice.kind === 'room-closed' && toldMsOf(notice, nowMs) < overdueMsMax;

/** When to ask after a notice, and after so many that were overdue; null: never again. */
export const joinDelayMs = (notice: Notice, nowMs: number, overdues: number, chance: number): number | null => {
  const { kind, retryAfterSeconds } = notice;
  switch (kind) {
    case 'room-closed': {
      const toldMs = toldMsOf(notice, nowMs);
      return overdues === 0 ? toldMs : Math.max(toldMs, delayMs(overdueBackoff, overdues, chance));
    }
    case 'store-unavailable':
    case 'busy':
      return politeDelayMs((retryAfterSeconds ?? 0) * 1_000 || retryAfterMsDefault, chance);
    default:
      return null;
  }
};
