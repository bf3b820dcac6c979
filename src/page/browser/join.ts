// Joins from a page that was served without a ticket (line not open yet, too busy, store out of reach): asks politely
// until it has a place. No reload.
import type { Status } from '../status.ts';
import type { Notice } from '../visit.ts';
import type { Answer } from './answer.ts';
import type { Api } from './api.ts';
import { delayMs } from './backoff.ts';
import { isOverdue, joinDelayMs } from './join-delay.ts';

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

/** The server names the instant again, so that a moved opening is followed; the operator's words stay. */
const noticeOfAnswer = ({ body, retryAfterMs }: Answer, shown: Notice): Notice | null => {
  const { message = null } = shown;
  if (body.code === 'room-closed') {
    const waitMs = typeof body.next === 'number' ? body.next : retryAfterMs;
    const told = waitMs === null ? {} : { retryAfterSeconds: waitMs / 1_000 };
    return { kind: 'room-closed', message, opensAt: textOf(body.opensAt) ?? null, ...told };
  }
  if (body.code === 'room-ended') return { kind: 'room-ended', message };
  if (retryAfterMs === null) return null;
  const kind = shown.kind === 'busy' ? 'busy' : 'store-unavailable';
  return { kind, message, retryAfterSeconds: retryAfterMs / 1_000 };
};

export interface Joining {
  /** The screen or the network is back: asks now if it is time, and never sooner. */
  readonly wake: () => void;
  readonly stop: () => void;
}

/** `serverNowMs` reads the server's clock. */
export const joinWhenOpen = (api: Api, first: Notice, serverNowMs: () => number, listener: JoinListener): Joining => {
  let isOver = false;
  let timer = 0;
  let failures = 0;
  let overdues = 0;
  let shown = first;
  /** By the device's clock, which goes on in its sleep; timers do not. Null while nothing is waited for. */
  let askAtMs: number | null = null;
  const arm = (): void => {
    clearTimeout(timer);
    if (askAtMs !== null) timer = setTimeout(ask, Math.max(0, askAtMs - Date.now()));
  };
  const waitFor = (waitMs: number | null): void => {
    askAtMs = waitMs === null ? null : Date.now() + waitMs;
    arm();
  };
  const waitAfter = (notice: Notice): void => {
    shown = notice;
    waitFor(joinDelayMs(notice, serverNowMs(), overdues, Math.random()));
  };
  const ask = async (): Promise<void> => {
    askAtMs = null;
    const answer = await api.call('POST', 'tickets', {});
    if (isOver) return;
    if (answer.status !== null && answer.code < 300) {
      stop();
      const { ticket, commitment } = answer.body;
      listener.onJoined({ status: answer.status, ticket: textOf(ticket), commitment: textOf(commitment) });
      return;
    }
    const notice = noticeOfAnswer(answer, shown);
    if (notice === null) {
      failures += 1;
      waitFor(delayMs(backoff, failures, Math.random()));
      return;
    }
    failures = 0;
    overdues = isOverdue(notice, serverNowMs()) ? overdues + 1 : 0;
    listener.onNotice(notice);
    waitAfter(notice);
  };
  const stop = (): void => {
    isOver = true;
    clearTimeout(timer);
  };
  waitAfter(first);
  return {
    wake: () => {
      if (!isOver) arm();
    },
    stop,
  };
};
