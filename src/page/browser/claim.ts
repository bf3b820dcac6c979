// Takes the turn: asks for the pass until it is granted or refused. A busy claim gate keeps the turn as long as the page
// asks again in time, so failures are retried soon.
import type { Status } from '../status.ts';
import { type Answer, type Api, isTicketRefused } from './api.ts';
import { delayMs } from './backoff.ts';

export type ClaimEnd =
  | { readonly kind: 'granted'; readonly returnTo: string }
  /** Not this device's turn (any more): the line says what is. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'invalid' };

type ClaimStep = ClaimEnd | { readonly kind: 'again'; readonly waitMs: number };

export interface ClaimListener {
  readonly onStatus: (status: Status) => void;
  readonly onEnd: (end: ClaimEnd) => void;
}

/** The turn is kept for `next` plus 5 s. */
const backoff = { firstMs: 1_000, mostMs: 4_000 };
const nextMsMax = 10_000;

const keepsAsking = ({ state }: Status): boolean => state === 'called' || state === 'entering' || state === 'admitted';

export const stepOfAnswer = (answer: Answer, returnTo: string, failures: number, chance: number): ClaimStep => {
  if (answer.code === 200 || answer.code === 201) {
    const named = answer.body.returnTo;
    return { kind: 'granted', returnTo: typeof named === 'string' ? named : returnTo };
  }
  if (answer.code === 202 && answer.status !== null) {
    if (!keepsAsking(answer.status)) return { kind: 'refused' };
    return { kind: 'again', waitMs: Math.min(Math.max(answer.status.next, 200), nextMsMax) };
  }
  if (isTicketRefused(answer)) return { kind: 'invalid' };
  if (answer.code === 409 || answer.code === 410) return { kind: 'refused' };
  return { kind: 'again', waitMs: delayMs(backoff, failures, chance) };
};

/** Returns its stop function. */
export const claimTurn = (api: Api, returnTo: string, listener: ClaimListener): (() => void) => {
  let isOver = false;
  let timer = 0;
  let failures = 0;
  const ask = async (): Promise<void> => {
    const answer = await api.call('POST', 'passes', { returnTo });
    if (isOver) return;
    if (answer.status !== null) listener.onStatus(answer.status);
    failures = answer.status === null ? failures + 1 : 0;
    const step = stepOfAnswer(answer, returnTo, failures, Math.random());
    if (step.kind === 'again') {
      timer = setTimeout(ask, step.waitMs);
      return;
    }
    isOver = true;
    listener.onEnd(step);
  };
  void ask();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
};
