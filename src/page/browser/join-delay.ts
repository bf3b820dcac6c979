// When a page without a ticket asks for one again. Pure.
import type { Notice } from '../visit.ts';
import { politeDelayMs } from './backoff.ts';

const retryAfterMsDefault = 5_000;
/** How often a page looks whether the opening was moved. */
const lookAgainMs = 120_000;
const openingSpreadMs = 2_000;

/** When to ask after a notice; null: never again. */
export const joinDelayMs = (notice: Notice, nowMs: number, chance: number): number | null => {
  switch (notice.kind) {
    case 'room-closed': {
      const lookMs = politeDelayMs(lookAgainMs, chance);
      const opensInMs = notice.opensAt == null ? lookMs : Date.parse(notice.opensAt) - nowMs;
      return Math.min(lookMs, Math.max(0, opensInMs) + chance * openingSpreadMs + 50);
    }
    case 'store-unavailable':
    case 'busy':
      return politeDelayMs((notice.retryAfterSeconds ?? 0) * 1_000 || retryAfterMsDefault, chance);
    default:
      return null;
  }
};
