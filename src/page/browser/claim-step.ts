// What the answer to a claim means: granted, not this device's turn, or ask again soon. By what is ours in it alone:
// whatever stands in between answers with the same numbers. Pure.
import type { Status } from '../status.ts';
import { type Answer, isTicketRefused } from './answer.ts';
import { delayMs } from './backoff.ts';

export type ClaimEnd =
  | { readonly kind: 'granted'; readonly returnTo: string }
  /** Not this device's turn (any more): the line says what is. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'invalid' };

export type ClaimStep = ClaimEnd | { readonly kind: 'again'; readonly waitMs: number };

/** The turn is kept for `next` plus 5 s. */
const backoff = { firstMs: 1_000, mostMs: 4_000 };
const nextMsMax = 10_000;

const refusals: readonly unknown[] = ['not-called', 'room-closed', 'room-ended'];

const keepsAsking = ({ state }: Status): boolean => state === 'called' || state === 'entering' || state === 'admitted';

export const stepOfAnswer = (answer: Answer, returnTo: string, failures: number, chance: number): ClaimStep => {
  if (typeof answer.body.pass === 'string') {
    const named = answer.body.returnTo;
    return { kind: 'granted', returnTo: typeof named === 'string' ? named : returnTo };
  }
  if (answer.code === 202 && answer.status !== null) {
    if (!keepsAsking(answer.status)) return { kind: 'refused' };
    return { kind: 'again', waitMs: Math.min(Math.max(answer.status.next, 200), nextMsMax) };
  }
  if (isTicketRefused(answer)) return { kind: 'invalid' };
  if (refusals.includes(answer.body.code)) return { kind: 'refused' };
  return { kind: 'again', waitMs: delayMs(backoff, failures, chance) };
};
