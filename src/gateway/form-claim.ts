// The turn taken, or made longer, by a plain HTML form, for browsers without JavaScript: the same as with JSON, answered
// by pages and redirects. What a claim is, is left to passes-api.ts.

import type { HttpRequest } from 'uWebSockets.js';
import { isStoreError } from '../store/store-error.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { ownOrigin } from './origin-check.ts';
import { pageAddress } from './page-address.ts';
import { goOnAnswer, type PageWish, pageWish } from './page-answer.ts';
import { extension, passCookie } from './passes-api.ts';
import { readFormBody } from './request-body.ts';
import { safeReturnAddress } from './return-address.ts';
import type { RoomDoor } from './room-door.ts';
import type { TicketFound } from './ticket-of.ts';
import { touch } from './tickets-api.ts';
import { sendOn } from './visit-shop.ts';

export function isForm(req: HttpRequest): boolean {
  return /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(req.getHeader('content-type'));
}

/** WR87 The pass and a page that goes on to `returnTo`, or 303 back to the waiting page while it is not this device's turn. */
export function claimByForm(
  exchange: Exchange,
  req: HttpRequest,
  door: RoomDoor,
  nowMs: number,
  found: TicketFound,
): Promise<void> | undefined {
  if (!isOwnForm(exchange, req)) {
    exchange.problem('origin-refused', 'A turn is taken by the waiting page of this site only.');
    return undefined;
  }
  return claim(exchange, door, pageWish(headerOf(req), exchange.accepted.cookie, '/'), nowMs, found);
}

/** PG122 303 back to the waiting page, with more time where there was more to be had. */
export function extendByForm(
  exchange: Exchange,
  req: HttpRequest,
  door: RoomDoor,
  found: TicketFound,
): Promise<void> | undefined {
  if (!isOwnForm(exchange, req)) {
    exchange.problem('origin-refused', 'Time is asked for by the waiting page of this site only.');
    return undefined;
  }
  return extend(exchange, door, found);
}

async function claim(
  exchange: Exchange,
  door: RoomDoor,
  wish: PageWish,
  nowMs: number,
  found: TicketFound,
): Promise<void> {
  const returnTo = await returnAddress(exchange);
  if (returnTo === null) return;
  const token = await passOf(door, nowMs, found);
  if (token === null || found.kind !== 'ticket') {
    return sendOn(exchange, pageAddress(exchange.prefix, door.id, returnTo), []);
  }
  const cookies = [['Set-Cookie', passCookie(exchange, door, token)]] as const;
  exchange.answer(goOnAnswer(door, { ...wish, target: returnTo }, found.number, cookies, nowMs));
}

async function extend(exchange: Exchange, door: RoomDoor, found: TicketFound): Promise<void> {
  const returnTo = await returnAddress(exchange);
  if (returnTo === null) return;
  const place = found.kind === 'ticket' ? door.view.placeOf(found.number) : null;
  try {
    // Whatever the answer: the page says how much time there is.
    if (place !== null) await door.ask(extension(door, place));
  } catch (error) {
    if (!isStoreError(error)) throw error;
  }
  sendOn(exchange, pageAddress(exchange.prefix, door.id, returnTo), []);
}

/** Null when the form was refused, and that answered. */
async function returnAddress(exchange: Exchange): Promise<string | null> {
  exchange.watch();
  const { accepted, client, prefix } = exchange;
  const fields = await readFormBody(exchange);
  if (fields === null) return null;
  const origin = ownOrigin(accepted.host, client.secure);
  return safeReturnAddress(fields.get('returnTo') ?? '/', origin, prefix) ?? '/';
}

/** The pass of this device if it may have one now; the page says everything else. */
async function passOf(door: RoomDoor, nowMs: number, found: TicketFound): Promise<string | null> {
  const place = found.kind === 'ticket' ? door.view.placeOf(found.number) : null;
  if (found.kind !== 'ticket' || place === null) return null;
  touch(door, found.number, nowMs);
  try {
    const answer = await door.ask({ kind: 'claim', place });
    return answer.kind === 'admitted' ? (door.passToken(answer.passId)?.token ?? null) : null;
  } catch (error) {
    if (!isStoreError(error)) throw error;
    return null;
  }
}

/** Foreign pages can post forms with the fan's cookies; browsers say which page it was. Neither header: no browser. */
function isOwnForm({ accepted, client }: Exchange, req: HttpRequest): boolean {
  const site = req.getHeader('sec-fetch-site');
  if (site !== '') return site === 'same-origin' || site === 'none';
  const origin = req.getHeader('origin');
  return origin === '' || origin === ownOrigin(accepted.host, client.secure);
}
