// What a fan in line may tap: enter, say "I am here", ask for more time, go on in this tab, leave.
import type { Status } from '../status.ts';
import { isOfGateway, isTicketRefused } from './answer.ts';
import type { Api } from './api.ts';
import { click } from './click.ts';
import type { ScreenHandle } from './start-screen.ts';

export interface LineActs {
  readonly take: (status: Status) => void;
  readonly connect: () => void;
  /** False where the shop could not know this device. */
  readonly mayEnter: () => boolean;
  readonly claim: () => void;
  readonly onLeft: () => void;
}

const lookForCookiesMs = 1_000;

/** Returns the stop function of what it waits for. */
export const startActs = (
  api: Api,
  { send, model }: ScreenHandle,
  { take, connect, mayEnter, claim, onLeft }: LineActs,
): (() => void) => {
  let cookieTimer = 0;
  const stopWaiting = (): void => clearInterval(cookieTimer);
  /** The fan's wish to enter is kept, and carried out as soon as the cookies are allowed. */
  const askForCookies = (): void => {
    stopWaiting();
    cookieTimer = setInterval(() => {
      if (!mayEnter()) return;
      stopWaiting();
      // By now the call may be over, and "I am here" is the fan's to say.
      if (model().status?.state === 'called') claim();
    }, lookForCookiesMs);
    send({ kind: 'cookies-asked' });
  };
  /** What failed keeps its question open, so that the fan may answer it again. */
  const leave = async (): Promise<void> => {
    const answer = await api.call('DELETE', 'tickets/current');
    if (answer.code === 204 || isTicketRefused(answer)) {
      onLeft();
      send({ kind: 'leaving', leaving: false });
    } else if (!isOfGateway(answer)) send({ kind: 'lost', atMs: Date.now() });
  };
  const extend = async (): Promise<void> => {
    const answer = await api.call('POST', 'tickets/current/extension');
    if (answer.status !== null) take(answer.status);
    else if (answer.body.code === 'no-more-time') send({ kind: 'extensions-spent' });
    else if (!isOfGateway(answer)) send({ kind: 'lost', atMs: Date.now() });
  };
  const actions: Readonly<Record<string, () => unknown>> = {
    claim: () => {
      if (mayEnter()) claim();
      else askForCookies();
    },
    here: claim,
    go: claim,
    rejoin: () => location.reload(),
    resume: () => {
      send({ kind: 'barred', bar: 'none' });
      connect();
    },
  };
  click('button', () => actions[document.getElementById('button')?.dataset.action ?? '']?.());
  click('extend', () => void extend());
  click('leave', () => {
    send({ kind: 'leaving', leaving: true });
    document.getElementById('stay')?.focus();
  });
  click('stay', () => {
    send({ kind: 'leaving', leaving: false });
    document.getElementById('leave')?.focus();
  });
  click('confirm', () => void leave());
  return stopWaiting;
};
