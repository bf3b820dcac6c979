// The waiting page and the notices as answers: language and encoding of the request, headers of the page.

import { STATUS_CODES } from 'node:http';
import type { Notice } from '../page/visit.ts';
import type { Encoding, WaitingPage } from '../page/waiting-page.ts';
import { readCookie } from './cookies.ts';
import type { Answer, Headers } from './exchange.ts';
import type { RoomDoor } from './room-door.ts';

/** What of a request decides how a page for it looks; copied while the request is alive. */
export type PageWish = {
  readonly acceptLanguage: string;
  readonly encoding: Encoding;
  readonly cookie: string;
  /** Path and query asked for. */
  readonly target: string;
  readonly isPrefetch: boolean;
};

export function pageWish(header: (name: string) => string, cookie: string, target: string): PageWish {
  const purpose = `${header('sec-purpose')} ${header('purpose')} ${header('x-moz')}`;
  return {
    acceptLanguage: header('accept-language'),
    encoding: acceptsGzip(header('accept-encoding')) ? 'gzip' : 'identity',
    cookie,
    target,
    isPrefetch: purpose.includes('prefetch') || purpose.includes('preview'),
  };
}

export function acceptsGzip(acceptEncoding: string): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(acceptEncoding);
}

function languageOf(page: WaitingPage, wish: PageWish): string {
  return page.negotiateLanguage(wish.acceptLanguage, readCookie(wish.cookie, 'junban-language') ?? undefined);
}

/** The waiting page with the device's first status in it. */
export function pageAnswer(door: RoomDoor, wish: PageWish, number: number, ticket: string, headers: Headers): Answer {
  const rendering = { language: languageOf(door.page, wish), encoding: wish.encoding };
  const commitment = door.view.state.draw?.commitment;
  const body = door.page.render({
    ...rendering,
    status: door.statusOf(number),
    returnTo: wish.target,
    ticket,
    ...(commitment === undefined ? {} : { commitment }),
  });
  return { status: statusLine(door.waitingStatus), headers: [...door.page.headers(rendering), ...headers], body };
}

export function noticeAnswer(page: WaitingPage, wish: PageWish, notice: Notice, status = 200): Answer {
  const rendering = { language: languageOf(page, wish), encoding: wish.encoding };
  const body = page.renderNotice({ ...rendering, ...notice, returnTo: wish.target });
  return { status: statusLine(status), headers: page.headers(rendering), body };
}

function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`;
}
