// The waiting page at an address of its own, `PREFIX/?room=ID&returnTo=/path`, for fronts that ask us and then go to the
// shop by themselves. Who is in line and who may go in is left to front-door.ts.

import type { HttpRequest } from 'uWebSockets.js';
import type { WaitingPage } from '../page/waiting-page.ts';
import type { ApiNeeds } from './api-routes.ts';
import { type Exchange, headerOf, queryValue } from './exchange.ts';
import { answerVisit } from './front-door.ts';
import { isNavigation } from './navigation.ts';
import { ownOrigin } from './origin-check.ts';
import { noticeAnswer, pageWish } from './page-answer.ts';
import { refuseChanging } from './refuse-changing.ts';
import { safeReturnAddress } from './return-address.ts';
import type { DoorHere } from './room-doors.ts';
import { Visit } from './visit.ts';

/** The page's own address must be one that we accept. */
const returnToBytesMax = 8_000;
/** nginx keeps the answer to its sub-request in 4 KB by default; a longer one would become its 500. */
export const returnToBytesMaxOfNginx = 2_048;

/** The address where a fan of this room waits; of an address that is too long to be named there the query is lost. */
export function pageAddress(prefix: string, room: string, returnTo: string, bytesMax = returnToBytesMax): string {
  const path = returnTo.split('?')[0] ?? '/';
  const wanted = [returnTo, path].map(encodeURIComponent).find(({ length }) => length <= bytesMax);
  return `${prefix}/?room=${encodeURIComponent(room)}&returnTo=${wanted ?? '%2F'}`;
}

export type PageNeeds = Pick<ApiNeeds, 'doorOf' | 'roomAt' | 'doorOfHost' | 'nowMs' | 'onFailure'> & {
  /** The page for requests that belong to no room. */
  readonly page: WaitingPage;
};

export function answerPageAddress(exchange: Exchange, req: HttpRequest, needs: PageNeeds): void {
  const { method, accepted, client, prefix } = exchange;
  if (method !== 'GET' && method !== 'HEAD') {
    return exchange.problem('method-not-allowed', 'This page can only be read.', { allow: ['GET', 'HEAD'] });
  }
  const origin = ownOrigin(accepted.host, client.secure);
  const goOnTo = safeReturnAddress(queryValue(exchange.query, 'returnTo') ?? '/', origin, prefix) ?? '/';
  const door = doorMeant(exchange, goOnTo, needs);
  if (door === 'changing') return refuseChanging(exchange, headerOf(req), needs.page);
  if (door === undefined) return refuseRoomless(exchange, req, needs.page);
  answerVisit(new Visit(req, exchange, door, goOnTo, needs));
}

/** The room that is named, or else the one that the fan wants to go on to. */
function doorMeant({ query, accepted }: Exchange, goOnTo: string, needs: PageNeeds): DoorHere {
  const named = queryValue(query, 'room');
  if (named !== null) return needs.doorOf(named);
  const found = needs.roomAt(accepted.host, goOnTo.split(/[?#]/)[0] ?? '/');
  return (found.kind === 'none' ? undefined : needs.doorOf(found.id)) ?? needs.doorOfHost(accepted.host);
}

/** Where no room stands: a page for a person, a problem for everything else. */
export function refuseRoomless(exchange: Exchange, req: HttpRequest, page: WaitingPage): void {
  const header = headerOf(req);
  if (!isNavigation(exchange.method, header)) {
    return exchange.problem('not-found', 'No room stands at this host and path.');
  }
  const wish = pageWish(header, exchange.accepted.cookie, exchange.path);
  exchange.answer(noticeAnswer(page, wish, { kind: 'not-found' }, 404));
}
