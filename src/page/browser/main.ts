// Wiring of the page: reads what the gateway put into the document, starts the connection, and draws the state whenever
// it or the clock has changed.
import { describe } from '../describe.ts';
import { createFormats, type Formats } from '../formats.ts';
import type { Status } from '../status.ts';
import type { Notice, PageRoom, Visit } from '../visit.ts';
import { startAlertSwitch } from './alert-switch.ts';
import { isOfGateway, isTicketRefused } from './answer.ts';
import { type Api, createApi } from './api.ts';
import { connectToLine, type LineConnection } from './connection.ts';
import { type Joined, joinWhenOpen } from './join.ts';
import { keepsCookies } from './keeps-cookies.ts';
import { createMemory, type Memory } from './memory.ts';
import { type PageData, readPageData } from './page-data.ts';
import { startProofCheck } from './proof-view.ts';
import { reloadWhenShopAnswers } from './shop-probe.ts';
import { type Model, type PageEvent, reduce, sceneAt, startModel } from './state.ts';
import { compareTabs } from './tabs.ts';
import { createTurn, type Turn } from './turn.ts';
import { createView } from './view.ts';

/** A stream has a frame every 20 s: a screen that comes back after a longer silence connects anew at once. */
const silentMsMax = 25_000;
const rejoinAgainAfterMs = 600_000;
const languageKeptSeconds = 31_536_000;

interface ScreenHandle {
  readonly formats: Formats;
  readonly send: (event: PageEvent) => void;
  readonly model: () => Model;
}

const click = (id: string, act: () => void): void => document.getElementById(id)?.addEventListener('click', act);

/** Draws on every event and at every full second of the server's clock. Returns how to send it events. */
const startScreen = (data: PageData, memory: Memory, isBearerOnly: () => boolean): ScreenHandle => {
  const formats = createFormats(data.wording);
  const draw = createView(formats);
  const alertAt = startAlertSwitch();
  let model = startModel(data.visit, memory.aheadAtFirst(data.status?.number ?? null));
  let timer = 0;
  const redraw = (): void => {
    clearTimeout(timer);
    const scene = {
      ...sceneAt(model, Date.now()),
      cookiesBlocked: isBearerOnly() && !keepsCookies(),
      draws: data.visit.draws === true || memory.commitment(model.status?.number ?? null) !== null,
    };
    const view = describe(scene, formats);
    // A live connection to a gateway that cannot see the line gives no live numbers.
    const isChecking = model.connection === 'live' && model.status?.checking === true;
    draw(view, isChecking ? 'checking' : model.connection, model.leaving, scene.nowMs);
    alertAt(view);
    timer = setTimeout(redraw, 1_000 - (scene.nowMs % 1_000));
  };
  const send = (event: PageEvent): void => {
    model = reduce(model, event);
    if (model.aheadAtFirst !== null) memory.rememberAhead(model.status?.number ?? null, model.aheadAtFirst);
    redraw();
  };
  document.addEventListener('visibilitychange', redraw);
  return { formats, send, model: () => model };
};

const startLanguageSwitch = ({ settings }: PageData, isUsable: boolean): void => {
  const select = document.getElementById('language');
  const label = document.getElementById('languages');
  if (!(select instanceof HTMLSelectElement) || label === null || settings.languages.length < 2 || !isUsable) return;
  for (const [tag, name] of settings.languages) {
    const option = new Option(name, tag, false, tag === settings.language);
    option.lang = tag;
    select.append(option);
  }
  label.hidden = false;
  select.addEventListener('change', () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is younger than the browsers we serve.
    document.cookie = `junban-language=${select.value};path=/;max-age=${languageKeptSeconds};samesite=lax`;
    location.reload();
  });
};

/** Everything that a device in line does: follow, claim, leave. */
const startLine = (
  api: Api,
  room: PageRoom,
  visit: Visit,
  memory: Memory,
  { formats, send, model }: ScreenHandle,
  first: Status,
): void => {
  let connection: LineConnection | null = null;
  let isBarred = false;
  let cookieTimer = 0;
  let heardAtMs = Date.now();
  const bar = (kind: 'superseded' | 'invalid' | 'left'): void => {
    isBarred = true;
    connection?.stop();
    turn.stop();
    clearInterval(cookieTimer);
    cookieTimer = 0;
    if (kind === 'invalid' && memory.mayDo('rejoin', rejoinAgainAfterMs)) location.reload();
    else send({ kind: 'barred', bar: kind });
  };
  // Without cookies the shop would send the fan back here without a place: the turn waits until they are allowed.
  const mayEnter = (): boolean => !api.bearerOnly || keepsCookies();
  const take = (status: Status): void => {
    send({ kind: 'status', status, atMs: Date.now() });
    tellTabs(status.number);
    // Whoever left in another tab is not put back into the line by this one.
    if (status.state === 'left') bar('left');
    else if (mayEnter()) turn.follow(status);
  };
  const turn: Turn = createTurn(api, room, visit.returnTo, memory, {
    onStatus: status => {
      if (model().connection === 'lost') send({ kind: 'opened' });
      send({ kind: 'status', status, atMs: Date.now() });
    },
    onUnanswered: () => send({ kind: 'lost', atMs: Date.now() }),
    onClaiming: claiming => send({ kind: 'claiming', claiming }),
    onInvalid: () => bar('invalid'),
  });
  const connect = (): void => {
    isBarred = false;
    connection = connectToLine(api, {
      onStatus: status => {
        heardAtMs = Date.now();
        if (model().connection === 'lost') send({ kind: 'opened' });
        take(status);
      },
      onOpened: () => send({ kind: 'opened' }),
      onLost: () => send({ kind: 'lost', atMs: Date.now() }),
      onBarred: bar,
    });
  };
  const wake = (): void => {
    if (!isBarred) connection?.wake();
  };
  // A page that carries its own ticket has no cookie to agree on.
  const tellTabs = api.bearerOnly ? () => undefined : compareTabs(room.id, wake);
  /** What failed keeps its question open, so that the fan may answer it again. */
  const leave = async (): Promise<void> => {
    const answer = await api.call('DELETE', 'tickets/current');
    if (answer.code === 204 || isTicketRefused(answer)) {
      bar('left');
      send({ kind: 'leaving', leaving: false });
    } else if (!isOfGateway(answer)) send({ kind: 'lost', atMs: Date.now() });
  };
  /** The fan's wish to enter is kept, and carried out as soon as the cookies are allowed. */
  const askForCookies = (): void => {
    clearInterval(cookieTimer);
    cookieTimer = setInterval(() => {
      if (!mayEnter()) return;
      clearInterval(cookieTimer);
      // By now the call may be over, and "I am here" is the fan's to say.
      if (model().status?.state === 'called') turn.claim();
    }, 1_000);
    send({ kind: 'cookies-asked' });
  };
  const actions: Readonly<Record<string, () => unknown>> = {
    claim: () => {
      if (mayEnter()) turn.claim();
      else askForCookies();
    },
    here: turn.claim,
    go: turn.claim,
    rejoin: () => location.reload(),
    resume: () => {
      send({ kind: 'barred', bar: 'none' });
      connect();
    },
  };
  click('button', () => actions[document.getElementById('button')?.dataset.action ?? '']?.());
  const extend = async (): Promise<void> => {
    const answer = await api.call('POST', 'tickets/current/extension');
    if (answer.status !== null) take(answer.status);
    else if (answer.body.code === 'no-more-time') send({ kind: 'extensions-spent' });
    else if (!isOfGateway(answer)) send({ kind: 'lost', atMs: Date.now() });
  };
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
  startProofCheck(api, room.id, formats, () => {
    const { status } = model();
    return { status, commitmentSeen: memory.commitment(status?.number ?? null) };
  });
  addEventListener('online', wake);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && Date.now() - heardAtMs > silentMsMax) wake();
  });
  addEventListener('offline', () => send({ kind: 'lost', atMs: Date.now() }));
  addEventListener('pagehide', () => {
    connection?.stop();
    turn.stop();
  });
  addEventListener('pageshow', event => {
    if (!event.persisted) return;
    send({ kind: 'claiming', claiming: 'idle' });
    wake();
  });
  // What the gateway has said stands on the screen before anything else is tried.
  take(first);
  if (!isBarred) connect();
};

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
