// Takes the turn: asks for the pass until it is granted or refused. A busy claim gate keeps the turn as long as the page
// asks again in time, so failures are retried soon.
import type { Status } from '../status.ts';
import { isOfGateway } from './answer.ts';
import type { Api } from './api.ts';
import { type ClaimEnd, stepOfAnswer } from './claim-step.ts';

export interface ClaimListener {
  readonly onStatus: (status: Status) => void;
  /** Nobody answered, or not the gateway; it is asked again. */
  readonly onUnanswered: () => void;
  readonly onEnd: (end: ClaimEnd) => void;
}

export interface Claim {
  /** The fan asked once more: the wait between two attempts is over. */
  readonly askNow: () => void;
  readonly stop: () => void;
}

export const claimTurn = (api: Api, returnTo: string, listener: ClaimListener): Claim => {
  let isOver = false;
  let isWaiting = false;
  let timer = 0;
  let failures = 0;
  const ask = async (): Promise<void> => {
    isWaiting = false;
    const answer = await api.call('POST', 'passes', { returnTo });
    if (isOver) return;
    if (answer.status !== null) listener.onStatus(answer.status);
    else if (!isOfGateway(answer)) listener.onUnanswered();
    failures = answer.status === null ? failures + 1 : 0;
    const step = stepOfAnswer(answer, returnTo, failures, Math.random());
    if (step.kind === 'again') {
      isWaiting = true;
      timer = setTimeout(ask, step.waitMs);
      return;
    }
    isOver = true;
    listener.onEnd(step);
  };
  void ask();
  return {
    askNow: () => {
      if (!isWaiting || isOver) return;
      clearTimeout(timer);
      void ask();
    },
    stop: () => {
      isOver = true;
      clearTimeout(timer);
    },
  };
};
