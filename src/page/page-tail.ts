// The part of the document that differs per device: the first STATUS and the visit as data, and the same screen in plain
// HTML for a browser without JavaScript, which refreshes itself.
import { describePlain, type PlainView } from './describe.ts';
import type { Formats } from './formats.ts';
import { dataBlock, escapeHtml } from './markup.ts';
import type { Scene } from './screen.ts';
import type { Status } from './status.ts';
import type { Notice, PageRoom, Visit } from './visit.ts';

const refreshSecondsMin = 15;
const refreshSpreadSeconds = 10;
const refreshSecondsWhenCalled = 10;

const documentEnd = '</body></html>\n';

const sceneOf = (room: PageRoom | null, status: Status | null, notice: Notice | null): Scene => {
  const asOf = status?.asOf ?? notice?.asOf;
  return {
    room,
    status,
    notice,
    bar: 'none',
    claiming: status?.state === 'admitted' ? 'stuck' : 'idle',
    connection: 'none',
    lostAtMs: null,
    aheadAtFirst: null,
    roseAtMs: null,
    leaving: false,
    nowMs: asOf === undefined ? Date.now() : Date.parse(asOf),
  };
};

/** Spread over the devices, so that pages that came together do not refresh together. */
const refreshSeconds = (status: Status | null, notice: Notice | null, spread: number): number | null => {
  if (notice !== null) {
    const isFinal = notice.kind === 'not-found' || notice.kind === 'room-ended';
    return isFinal ? null : Math.max(refreshSecondsMin, notice.retryAfterSeconds ?? 0) + spread;
  }
  if (status === null || status.state === 'left' || status.state === 'ended') return null;
  if (status.state === 'called' || status.state === 'entering') return refreshSecondsWhenCalled;
  return refreshSecondsMin + spread;
};

/** Without JavaScript the turn is taken by a plain form; the gateway answers it with a redirect to `returnTo`. */
const claimForm = (view: PlainView, formats: Formats, room: PageRoom, returnTo: string, prefix: string): string => {
  const words = formats.wording.buttons;
  const labels = { called: words.claim, missed: words.here, entering: words.claim, admitted: words.go };
  const label = Object.entries(labels).find(([screen]) => screen === view.screen)?.[1];
  if (label === undefined) return '';
  const action = escapeHtml(`${prefix}/v1/passes?room=${encodeURIComponent(room.id)}`);
  return `<form method="post" action="${action}"><input type="hidden" name="returnTo" value="${escapeHtml(returnTo)}"><button>${escapeHtml(label)}</button></form>`;
};

const plainScreen = (view: PlainView, form: string, seconds: number | null, formats: Formats): string => {
  const refresh = seconds === null ? '' : `<meta http-equiv="refresh" content="${seconds}">`;
  const message = view.message === null ? '' : `<p class="say" dir="auto">${escapeHtml(view.message)}</p>`;
  const figure = view.figure;
  const number =
    figure === null
      ? ''
      : `<p>${figure.before === '' ? '' : `${escapeHtml(figure.before)}<br>`}<b>${escapeHtml(figure.value)}</b> ${escapeHtml(figure.after)}</p>`;
  const facts = view.facts
    .map(([label, value]) => `<div><dt dir="auto">${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`)
    .join('');
  const list = facts === '' ? '' : `<dl>${facts}</dl>`;
  const last = seconds === null ? '' : `<p>${escapeHtml(formats.wording.notes.refreshesItself)}</p>`;
  return `<noscript>${refresh}<main class="plain">${message}<h1>${escapeHtml(view.headline)}</h1><p>${escapeHtml(view.lead)}</p>${number}${form}${list}${last}</main></noscript>`;
};

export interface TailInput {
  readonly prefix: string;
  readonly formats: Formats;
  readonly room: PageRoom | null;
  /** The room as JSON, encoded once. */
  readonly roomJson: string;
  readonly returnTo: string;
  readonly ticket: string | null;
  readonly commitment: string | null;
  readonly preview: Visit['preview'] | null;
  readonly status: Status | null;
  readonly statusJson: string;
  readonly notice: Notice | null;
}

export const documentTail = (input: TailInput): string => {
  const { formats, room, returnTo, ticket, commitment, status, notice } = input;
  const view = describePlain(sceneOf(room, status, notice), formats);
  const spread =
    status?.number == null ? Math.floor(Math.random() * refreshSpreadSeconds) : status.number % refreshSpreadSeconds;
  const form = room === null ? '' : claimForm(view, formats, room, returnTo, input.prefix);
  const ticketJson = ticket === null ? '' : `,"ticket":${JSON.stringify(ticket)}`;
  const previewJson = input.preview == null ? '' : `,"preview":${JSON.stringify(input.preview)}`;
  const commitmentJson = commitment === null ? '' : `,"commitment":${JSON.stringify(commitment)}`;
  const noticeJson = notice === null ? '' : `,"notice":${JSON.stringify(notice)}`;
  const visitJson = `{"room":${input.roomJson},"returnTo":${JSON.stringify(returnTo)}${ticketJson}${previewJson}${commitmentJson}${noticeJson}}`;
  return (
    dataBlock('status', input.statusJson) +
    dataBlock('visit', visitJson) +
    plainScreen(view, form, refreshSeconds(status, notice, spread), formats) +
    documentEnd
  );
};
