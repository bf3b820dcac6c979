// The part of the document behind its head: a screen in plain HTML for a browser without JavaScript, which refreshes
// itself, and the first STATUS and the visit as data. What is the same for all devices on a screen comes first.
import { agedText, describePlain, type PlainView } from './describe.ts';
import type { Formats } from './formats.ts';
import { dataBlock, escapeHtml, escapeJson } from './markup.ts';
import { remember } from './remember.ts';
import { leftToEnterMs } from './scene-times.ts';
import type { Scene } from './screen.ts';
import type { Status } from './status.ts';
import type { Notice, PageRoom, Visit } from './visit.ts';
import type { Screen, Wording } from './wording.ts';

const refreshSecondsMin = 15;
const refreshSpreadSeconds = 10;
const refreshSecondsWhenCalled = 10;

/** Most fans ask for the same few addresses; the longer ones are few. */
const returnToJson = remember((returnTo: string) => escapeJson(JSON.stringify(returnTo)));
const rememberedCharactersMax = 256;

const documentEnd = '</body></html>\n';

/** From here on a fan who taps at the next refresh is still in time to ask for more. */
const extendFromMs = 60_000;
const finalScreens: readonly Screen[] = ['left', 'ended', 'not-found'];

/** Without JavaScript nothing enters by itself: whatever the room says, the fan has a button and a clock. */
const sceneOf = ({ room, status, notice, nowMs, goesOn }: TailInput): Scene => ({
  room: room === null ? null : { ...room, claim: 'confirm' },
  status,
  notice,
  bar: 'none',
  claiming: goesOn ? 'going' : status?.state === 'admitted' ? 'stuck' : 'idle',
  connection: 'none',
  lostAtMs: null,
  aheadAtFirst: null,
  roseAtMs: null,
  leaving: false,
  nowMs,
});

/** Spread over the devices, so that pages that came together do not refresh together. */
const refreshSeconds = (status: Status | null, notice: Notice | null, spread: number): number | null => {
  if (notice !== null) {
    const isFinal = notice.kind === 'not-found' || notice.kind === 'room-ended';
    // A room that is not open yet says when a script is to ask; who has none looks as often as in line.
    const askedSeconds = notice.kind === 'room-closed' ? 0 : (notice.retryAfterSeconds ?? 0);
    return isFinal ? null : Math.max(refreshSecondsMin, askedSeconds) + spread;
  }
  if (status === null || status.state === 'left' || status.state === 'ended') return null;
  if (status.state === 'called' || status.state === 'entering') return refreshSecondsWhenCalled;
  return refreshSecondsMin + spread;
};

const form = (action: string, returnTo: string, label: string): string =>
  `<form method="post" action="${escapeHtml(action)}"><input type="hidden" name="returnTo" value="${escapeHtml(returnTo)}"><button>${escapeHtml(label)}</button></form>`;

/** Without JavaScript the turn is taken, and made longer, by plain forms; the gateway answers them with redirects. */
const formsOf = (view: PlainView, { formats, room, returnTo, prefix }: TailInput, scene: Scene): string => {
  if (room === null) return '';
  const words = formats.wording.buttons;
  const labels: Readonly<Partial<Record<Screen, string>>> = {
    called: words.claim,
    missed: words.here,
    entering: words.claim,
    admitted: words.go,
  };
  const label = labels[view.screen];
  if (label === undefined) return '';
  const query = `?room=${encodeURIComponent(room.id)}`;
  const claim = form(`${prefix}/v1/passes${query}`, returnTo, label);
  const leftMs = view.screen === 'called' && view.figure !== null ? leftToEnterMs(scene) : null;
  const isHurried = room.extension === true && leftMs !== null && leftMs <= extendFromMs;
  return isHurried ? claim + form(`${prefix}/v1/tickets/current/extension${query}`, returnTo, words.moreTime) : claim;
};

/** What every device on this screen is shown without JavaScript; `plainScreen` goes on from here. */
export const plainScreenStart = (screen: Screen, wording: Wording): string => {
  const { headline, lead } = wording.screens[screen];
  const start = `<noscript><main class="plain"><h1>${escapeHtml(headline)}</h1>`;
  return isLeadLate(screen) ? start : start + plainLead(screen, lead, wording);
};

/** What it says is not the same for every device. // AP82 */
const isLeadLate = (screen: Screen): boolean => screen === 'shop-trouble';

const plainLead = (screen: Screen, lead: string, { notes }: Wording): string => {
  const last = finalScreens.includes(screen) ? '' : `<p>${escapeHtml(notes.refreshesItself)}</p>`;
  return `<p>${escapeHtml(lead)}</p>${last}`;
};

/** Named, because where the address has a fragment a refresh to "here" only scrolls. Two slashes would name a host. // PG170 */
const refreshTag = (seconds: number, returnTo: string): string =>
  `<meta http-equiv="refresh" content="${seconds};url=${escapeHtml(onThisHost(returnTo))}">`;

const onThisHost = (returnTo: string): string => (returnTo.startsWith('//') ? `/.${returnTo}` : returnTo);

/** The form of the turn is answered by this and not by a redirect: our form-action would hold for all that the shop redirects to. // PG175 */
const goOn = ({ formats, returnTo }: TailInput): string =>
  `<p><a href="${escapeHtml(onThisHost(returnTo))}">${escapeHtml(formats.wording.buttons.go)}</a></p>`;

const plainScreen = (view: PlainView, aged: string, forms: string, refresh: string): string => {
  const message = view.message === null ? '' : `<p class="say" dir="auto">${escapeHtml(view.message)}</p>`;
  const age = aged === '' ? '' : `<p>${escapeHtml(aged)}</p>`;
  const figure = view.figure;
  const number =
    figure === null
      ? ''
      : `${figure.before === '' ? '' : `<p>${escapeHtml(figure.before)}</p>`}<p class="figure"><b>${escapeHtml(figure.value)}</b> <span>${escapeHtml(figure.after)}</span></p>`;
  const facts = view.facts
    .map(([label, value]) => `<div><dt dir="auto">${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`)
    .join('');
  const list = facts === '' ? '' : `<dl>${facts}</dl>`;
  return `${refresh}${message}${number}${age}${forms}${list}</main></noscript></div>`;
};

export interface TailInput {
  readonly prefix: string;
  readonly formats: Formats;
  readonly room: PageRoom | null;
  /** The room as JSON, encoded once. */
  readonly roomJson: string;
  readonly returnTo: string;
  readonly nowMs: number;
  readonly goesOn: boolean;
  readonly ticket: string | null;
  readonly commitment: string | null;
  readonly draws: boolean;
  readonly preview: Visit['preview'] | null;
  readonly status: Status | null;
  readonly statusJson: string;
  readonly notice: Notice | null;
}

export interface DocumentTail {
  /** Whose `plainScreenStart` stands before the text. */
  readonly screen: Screen;
  readonly text: string;
}

export const documentTail = (input: TailInput): DocumentTail => {
  const { formats, returnTo, ticket, commitment, status, notice } = input;
  const scene = sceneOf(input);
  const view = describePlain(scene, formats);
  const spread =
    status?.number == null ? Math.floor(Math.random() * refreshSpreadSeconds) : status.number % refreshSpreadSeconds;
  const seconds = input.goesOn ? 0 : refreshSeconds(status, notice, spread);
  const returnToText = returnTo.length > rememberedCharactersMax ? JSON.stringify(returnTo) : returnToJson(returnTo);
  const ticketJson = ticket === null ? '' : `,"ticket":${JSON.stringify(ticket)}`;
  const previewJson = input.preview == null ? '' : `,"preview":${JSON.stringify(input.preview)}`;
  const commitmentJson = commitment === null ? '' : `,"commitment":${JSON.stringify(commitment)}`;
  const drawsJson = input.draws ? ',"draws":true' : '';
  // What is known now has the time in its `asOf`.
  const servedJson = status?.checking === true ? `,"servedAtMs":${input.nowMs}` : '';
  const noticeJson = notice === null ? '' : `,"notice":${JSON.stringify(notice)}`;
  const visitJson = `{"room":${input.roomJson},"returnTo":${returnToText}${ticketJson}${previewJson}${commitmentJson}${drawsJson}${servedJson}${noticeJson}}`;
  return {
    screen: view.screen,
    text:
      (isLeadLate(view.screen) ? plainLead(view.screen, view.lead, formats.wording) : '') +
      plainScreen(
        view,
        status?.checking === true ? agedText(scene, formats) : '',
        input.goesOn ? goOn(input) : formsOf(view, input, scene),
        seconds === null ? '' : refreshTag(seconds, returnTo),
      ) +
      dataBlock('status', input.statusJson) +
      dataBlock('visit', visitJson) +
      documentEnd,
  };
};
