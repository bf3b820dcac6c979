// Joins from a page that was served without a ticket (line not open yet, too busy, store out of reach): asks politely
// until it has a place. No reload.
import type { Status } from '../status.ts';
import type { Notice } from '../visit.ts';
import type { Answer } from './answer.ts';
import type { Api } from './api.ts';
import { delayMs } from './backoff.ts';
import { joinDelayMs } from './join-delay.ts';

export interface Joined {
  readonly status: Status;
  /** For a browser that kept no cookie of it. */
  readonly ticket: string | undefined;
  /** Of the draw, if it is told in the lobby. */
  readonly commitment: string | undefined;
}

export interface JoinListener {
  readonly onJoined: (joined: Joined) => void;
  readonly onNotice: (notice: Notice) => void;
}

const backoff = { firstMs: 2_000, mostMs: 60_000 };

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The server names the instant again, so that a moved opening is followed. */
const noticeOfAnswer = (answer: Answer, shown: Notice): Notice | null => {
  if (answer.body.code === 'room-closed') return { kind: 'room-closed', opensAt: textOf(answer.body.opensAt) ?? null };
  if (answer.body.code === 'room-ended') return { kind: 'room-ended' };
  if (answer.retryAfterMs === null) return null;
  return { kind: shown.kind === 'busy' ? 'busy' : 'store-unavailable', retryAfterSeconds: answer.retryAfterMs / 1_000 };
};

/** `serverNowMs` reads the server's clock. Returns its stop function. */
export const joinWhenOpen = (
  api: Api,
  first: Notice,
  serverNowMs: () => number,
  listener: JoinListener,
): (() => void) => {
  let isOver = false;
  let timer = 0;
  let failures = 0;
  const wait = (notice: Notice): void => {
    const waitMs = joinDelayMs(notice, serverNowMs(), Math.random());
    if (waitMs !== null) timer = setTimeout(ask, waitMs, notice);
  };
  const ask = async (shown: Notice): Promise<void> => {
    const answer = await api.call('POST', 'tickets', {});
    if (isOver) return;
    if (answer.status !== null && answer.code < 300) {
      const { ticket, commitment } = answer.body;
      listener.onJoined({ status: answer.status, ticket: textOf(ticket), commitment: textOf(commitment) });
      return;
    }
    const notice = noticeOfAnswer(answer, shown);
    if (notice !== null) {
      failures = 0;
      listener.onNotice(notice);
      wait(notice);
      return;
    }
    failures += 1;
    timer = setTimeout(ask, delayMs(backoff, failures, Math.random()), shown);
  };
  wait(first);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
};
