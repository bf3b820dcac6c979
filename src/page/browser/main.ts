// Wiring of the page: reads what the gateway put into the document, and starts the line, or first waits for a place in it.
import type { Status } from '../status.ts';
import type { Notice } from '../visit.ts';
import { type Api, createApi } from './api.ts';
import { click } from './click.ts';
import { type Joined, joinWhenOpen } from './join.ts';
import { keepsCookies } from './keeps-cookies.ts';
import { startLanguageSwitch } from './language-switch.ts';
import { startLine } from './line.ts';
import { createMemory, type Memory } from './memory.ts';
import { readPageData } from './page-data.ts';
import { reloadWhenShopAnswers } from './shop-probe.ts';
import { type ScreenHandle, startScreen } from './start-screen.ts';

const startNotice = (
  api: Api | null,
  notice: Notice,
  memory: Memory,
  { send, model }: ScreenHandle,
  onJoined: (joined: Joined) => void,
): void => {
  send({ kind: 'notice', notice, atMs: Date.now() });
  if (notice.kind === 'shop-trouble') {
    reloadWhenShopAnswers((notice.retryAfterSeconds ?? 5) * 1_000, memory.countTry());
    click('button', () => location.reload());
    return;
  }
  if (api === null) return;
  const { wake } = joinWhenOpen(api, notice, () => Date.now() + model().clockOffsetMs, {
    onNotice: next => send({ kind: 'notice', notice: next, atMs: Date.now() }),
    onJoined,
  });
  addEventListener('online', wake);
  addEventListener('pageshow', wake);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) wake();
  });
};

const start = (): void => {
  for (const part of document.querySelectorAll<HTMLElement>('#app>[hidden]')) part.hidden = false;
  const data = readPageData();
  const { visit, settings, status } = data;
  const { room } = visit;
  const memory = createMemory(room?.id ?? '');
  let bearerOnly = false;
  const screen = startScreen(data, memory, () => bearerOnly);
  const apiWith = (ticket: string | undefined): Api | null => {
    bearerOnly = ticket !== undefined && !keepsCookies();
    return room === null ? null : createApi(settings.prefix, room.id, ticket, bearerOnly);
  };
  const enterLine = (first: Status, { ticket, commitment }: Pick<Joined, 'ticket' | 'commitment'>): void => {
    const api = apiWith(ticket);
    if (commitment !== undefined) memory.rememberCommitment(first.number, commitment);
    if (room !== null && api !== null) startLine(api, room, visit, memory, screen, first);
  };
  // A choice that is not kept would only cost a reload, and with it the ticket in the page.
  startLanguageSwitch(data, visit.preview !== undefined || keepsCookies());
  if (visit.preview !== undefined) {
    for (const event of visit.preview) screen.send('atMs' in event ? { ...event, atMs: Date.now() } : event);
  } else if (status !== null) enterLine(status, { ticket: visit.ticket, commitment: visit.commitment });
  else {
    const notice = visit.notice ?? { kind: 'busy' };
    startNotice(apiWith(undefined), notice, memory, screen, joined => enterLine(joined.status, joined));
  }
};

document.addEventListener('DOMContentLoaded', start);
