// /v1/passes: a called device takes its turn and gets its pass; a missed one says that it is here.

import { nextMsOf, standingOf } from '../flow/status.ts';
import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import { isStoreError } from '../store/store-error.ts';
import { passCookieName, setCookie } from './cookies.ts';
import type { Exchange } from './exchange.ts';
import { ownOrigin } from './origin-check.ts';
import { retryAfterSeconds } from './problem.ts';
import { readJsonBody } from './request-body.ts';
import { safeReturnAddress } from './return-address.ts';
import type { RoomDoor } from './room-door.ts';
import type { TicketFound } from './ticket-of.ts';
import { refuseByPhase, refuseByStore, refuseWithoutTicket, touch } from './tickets-api.ts';

/** POST /v1/passes: 201 or 200 with the pass, 202 while the gate is busy, 409 before the call. */
export async function claimPass(exchange: Exchange, door: RoomDoor, nowMs: number, found: TicketFound): Promise<void> {
  if (found.kind !== 'ticket') return refuseWithoutTicket(exchange, found);
  exchange.watch();
  const body = await readJsonBody(exchange);
  if (body === null) return;
  const { number } = found;
  const place = door.view.placeOf(number);
  if (place === null && refuseByPhase(exchange, door)) return;
  touch(door, number, nowMs);
  if (place === null) return exchange.problem('not-called', 'The sale has not started yet.');
  try {
    const answer = await door.ask({ kind: 'claim', place });
    await answerClaim(exchange, door, number, answer, returnAddress(exchange, body['returnTo']));
  } catch (error) {
    if (!isStoreError(error)) throw error;
    refuseByStore(exchange);
  }
}

/** POST /v1/tickets/current/extension: more time for a called device; 200 with its STATUS, 409 when there is none to be had. */
export async function extendCall(exchange: Exchange, door: RoomDoor, found: TicketFound): Promise<void> {
  if (found.kind !== 'ticket') return refuseWithoutTicket(exchange, found);
  exchange.watch();
  const { number } = found;
  const place = door.view.placeOf(number);
  try {
    const answer = place === null ? null : await door.ask(extension(door, place));
    if (answer?.kind === 'done') return exchange.json('200 OK', door.statusOf(number));
    if (answer?.kind === 'no-more-time') {
      return exchange.problem('no-more-time', 'This call has had all the time that can be had.');
    }
    exchange.problem('not-called', 'It is not the turn of this device.');
  } catch (error) {
    if (!isStoreError(error)) throw error;
    refuseByStore(exchange);
  }
}

/** Names what the device has already, so that asking twice is asking once. */
export function extension({ view }: RoomDoor, place: number): RoomRequest {
  return { kind: 'extend', place, had: view.state.calls.get(place)?.extensions ?? 0 };
}

async function answerClaim(
  exchange: Exchange,
  door: RoomDoor,
  number: number,
  answer: RoomAnswer,
  returnTo: string,
): Promise<void> {
  switch (answer.kind) {
    case 'admitted': {
      const issued = door.passToken(answer.passId);
      if (issued === null) return exchange.problem('not-called', 'The pass of this ticket has ended. Join again.');
      const expiresAt = new Date(issued.expiresAtMs).toISOString();
      const body = JSON.stringify({ pass: issued.token, expiresAt, returnTo });
      return exchange.json(answer.fresh ? '201 Created' : '200 OK', body, [
        ['Set-Cookie', passCookie(exchange, door, issued.token)],
      ]);
    }
    case 'entering':
    case 'returned': {
      const nextMs = nextMsOf(standingOf(door.view, number, door.isEntering(number)));
      const retryAfter = ['Retry-After', String(retryAfterSeconds(nextMs))] as const;
      return exchange.json('202 Accepted', door.statusOf(number), [retryAfter]);
    }
    case 'left':
      return exchange.problem('not-called', 'The pass of this ticket has ended. Join again.');
    default: {
      if (door.view.state.phase === 'ended') return exchange.problem('room-ended', 'The line has ended.');
      const { ahead } = standingOf(door.view, number, false);
      return exchange.problem('not-called', 'It is not the turn of this device yet.', { members: { ahead } });
    }
  }
}

export function passCookie(exchange: Exchange, door: RoomDoor, token: string): string {
  const { secure } = exchange.client;
  return setCookie(passCookieName(door.id, secure), token, { secure, maxAgeMs: door.view.rules.passMaxMs });
}

/** Where the device goes on to: an address of this very site, or its front page. */
function returnAddress(exchange: Exchange, asked: unknown): string {
  if (typeof asked !== 'string') return '/';
  const origin = ownOrigin(exchange.accepted.host, exchange.client.secure);
  return safeReturnAddress(asked, origin, exchange.prefix) ?? '/';
}
