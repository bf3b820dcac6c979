// The waiting page and the notices as answers: language and encoding of the request, headers of the page.

import { STATUS_CODES } from 'node:http';
import { remember } from '../page/remember.ts';
import type { Notice } from '../page/visit.ts';
import type { Accepted, Rendering, WaitingPage } from '../page/waiting-page.ts';
import { messageIn } from '../queue/operator-message.ts';
import type { OperatorMessage } from '../queue/room-change.ts';
import { readCookie } from './cookies.ts';
import type { Answer, Headers } from './exchange.ts';
import type { RoomDoor } from './room-door.ts';

/** What of a request decides how a page for it looks; copied while the request is alive. */
export type PageWish = {
  readonly acceptLanguage: string;
  readonly accepted: Accepted;
  readonly cookie: string;
  /** Path and query asked for. */
  readonly target: string;
};

export function pageWish(header: (name: string) => string, cookie: string, target: string): PageWish {
  return {
    acceptLanguage: header('accept-language'),
    accepted: acceptedBy(header('accept-encoding')),
    cookie,
    target,
  };
}

/** Browsers send few different ones; the longer ones are nobody's. */
const knownEncodings = remember(readEncodings);
const acceptEncodingCharactersMax = 64;

export function acceptedBy(acceptEncoding: string): Accepted {
  return acceptEncoding.length > acceptEncodingCharactersMax
    ? readEncodings(acceptEncoding)
    : knownEncodings(acceptEncoding);
}

function readEncodings(acceptEncoding: string): Accepted {
  return {
    br: /\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(acceptEncoding),
    gzip: /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(acceptEncoding),
  };
}

function renderingFor(page: WaitingPage, wish: PageWish): Rendering {
  const chosen = readCookie(wish.cookie, 'junban-language') ?? undefined;
  const language = page.negotiateLanguage(wish.acceptLanguage, chosen);
  return { language, encoding: page.chooseEncoding(language, wish.accepted) };
}

/** The waiting page with the device's first status in it, and its ticket where it may have no cookies. */
export function pageAnswer(
  door: RoomDoor,
  wish: PageWish,
  number: number,
  ticket: string | null,
  headers: Headers,
  nowMs: number,
): Answer {
  const rendering = renderingFor(door.page, wish);
  const commitment = door.view.state.draw?.commitment;
  const body = door.page.render({
    ...rendering,
    status: door.statusWithFields(number),
    returnTo: wish.target,
    nowMs,
    ...(ticket === null ? {} : { ticket }),
    ...(commitment === undefined ? {} : { commitment }),
  });
  return { status: statusLine(door.waitingStatus), headers, headerLines: door.page.headerLines(rendering), body };
}

/** The same for a device that a form has let in: the page goes on to the shop by itself. // PG175 */
export function goOnAnswer(door: RoomDoor, wish: PageWish, number: number, headers: Headers, nowMs: number): Answer {
  const rendering = renderingFor(door.page, wish);
  const given = { status: door.statusWithFields(number), returnTo: wish.target, nowMs, goesOn: true } as const;
  const body = door.page.render({ ...rendering, ...given });
  return { status: statusLine(200), headers, headerLines: door.page.headerLines(rendering), body };
}

/** A notice with the operator's message in all its languages: the page is in one of them. */
export type NoticeGiven = Omit<Notice, 'message'> & { readonly message?: OperatorMessage | null };

export function noticeAnswer(page: WaitingPage, wish: PageWish, given: NoticeGiven, status = 200): Answer {
  const rendering = renderingFor(page, wish);
  const message = messageIn(given.message, rendering.language);
  const body = page.renderNotice({ ...rendering, ...given, message, returnTo: wish.target });
  return { status: statusLine(status), headers: page.headers(rendering), body };
}

function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`;
}
