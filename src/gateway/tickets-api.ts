// /v1/tickets: joining, asking where one stands, leaving.

import { nextMsOf, standingOf } from '../flow/status.ts';
import { scheduleOf } from '../queue/room-state.ts';
import { isStoreError } from '../store/store-error.ts';
import { clearCookie, passCookieName, setCookie, ticketCookieName } from './cookies.ts';
import type { Exchange } from './exchange.ts';
import { readJsonBody } from './request-body.ts';
import type { RoomDoor } from './room-door.ts';
import { type TicketFound, ticketProblemDetail } from './ticket-of.ts';

export const storeRetryMs = 3_000;
/** Whoever comes long before the opening asks again this often: it may be moved. */
const lookAgainMs = 120_000;
const openingSpreadMs = 3_000;
/** The caller opens a room with its next turn. */
const openingTurnMs = 50;

/** When a closed room opens, and in how many milliseconds whoever comes now asks again. */
export function whenToJoin({ view }: Pick<RoomDoor, 'view'>): {
  readonly opensAt: string | null;
  readonly nextMs: number;
} {
  const { opensAtMs: lobbyAtMs, startsAtMs } = scheduleOf(view.state, view.rules);
  const opensAtMs = lobbyAtMs ?? startsAtMs;
  if (opensAtMs === null) return { opensAt: null, nextMs: lookAgainMs };
  const inMs = Math.max(0, opensAtMs - view.asOfMs) + openingTurnMs;
  // Nobody is early in a lobby, so those who come are spread; where places go by arrival nobody is made to wait. // DR65
  const spreadMs = opensAtMs === startsAtMs ? 0 : Math.random() * openingSpreadMs;
  return {
    opensAt: new Date(opensAtMs).toISOString(),
    nextMs: Math.round(Math.min(lookAgainMs, inMs) + spreadMs),
  };
}

/** POST /v1/tickets: 201 with a new ticket, 200 with the one that the device has. At once when nothing has to be awaited. */
export function joinByApi(exchange: Exchange, door: RoomDoor, found: TicketFound): void | Promise<void> {
  const { framing } = exchange.accepted;
  const isBodiless = framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0);
  if (isBodiless) return join(exchange, door, found);
  return readJsonBody(exchange).then(body => (body === null ? undefined : join(exchange, door, found)));
}

function join(exchange: Exchange, door: RoomDoor, found: TicketFound): void | Promise<void> {
  if (found.kind === 'refused' && !found.usesCookie) return refuseTicket(exchange, found.code);
  if (found.kind === 'ticket' && mayKeepTicket(door, found.number)) {
    return answerTicket(exchange, door, '200 OK', found.number, found.token);
  }
  if (refuseByPhase(exchange, door)) return;
  const taken = door.takeNumber();
  if (typeof taken === 'number') return answerTicket(exchange, door, '201 Created', taken, door.signTicket(taken));
  exchange.watch();
  return taken.then(
    number => answerTicket(exchange, door, '201 Created', number, door.signTicket(number)),
    (error: unknown) => {
      if (!isStoreError(error)) throw error;
      refuseByStore(exchange);
    },
  );
}

export function refuseByStore(exchange: Exchange): void {
  exchange.problem('store-unavailable', 'The store does not answer now. Places already given are kept.', {
    retryAfterMs: storeRetryMs,
  });
}

/** A device whose pass has ended joins anew; every other ticket is kept. */
export function mayKeepTicket(door: RoomDoor, number: number): boolean {
  return standingOf(door.view, number, false).state !== 'left';
}

/** Of a room that nobody led yet nobody knows whether it is closed. // LN155 */
export function isUnknown({ view }: Pick<RoomDoor, 'view'>): boolean {
  return view.checking && view.state.version === 0;
}

/** Answers 409 or 410 when nobody can join now; 503 where that is not known. */
export function refuseByPhase(exchange: Exchange, door: RoomDoor): boolean {
  const { state } = door.view;
  if (isUnknown(door)) {
    refuseByStore(exchange);
    return true;
  }
  if (state.phase === 'closed') {
    const { opensAt, nextMs } = whenToJoin(door);
    exchange.problem('room-closed', 'The line is not open yet.', {
      retryAfterMs: nextMs,
      members: { opensAt, next: nextMs },
    });
    return true;
  }
  if (state.phase !== 'ended') return false;
  exchange.problem('room-ended', 'The line has ended.');
  return true;
}

function answerTicket(exchange: Exchange, door: RoomDoor, status: string, number: number, token: string): void {
  const { phase, draw } = door.view.state;
  // For the device to hold the room to it after the draw. // PG141
  const commitment = phase === 'lobby' && draw !== null ? `,"commitment":"${draw.commitment}"` : '';
  const body = `{"room":"${door.id}","ticket":"${token}","status":${door.statusOf(number)}${commitment}}`;
  exchange.json(status, body, [['Set-Cookie', ticketCookie(exchange, door, token)]]);
}

export function ticketCookie(exchange: Exchange, door: RoomDoor, token: string): string {
  const { secure } = exchange.client;
  return setCookie(ticketCookieName(door.id, secure), token, { secure, maxAgeMs: door.ticketLifetimeMs });
}

/** GET /v1/tickets/current: asking is being there, until the device should have asked again and the grace time. */
export function answerCurrent(exchange: Exchange, door: RoomDoor, nowMs: number, found: TicketFound): void {
  if (found.kind !== 'ticket') return refuseWithoutTicket(exchange, found);
  touch(door, found.number, nowMs);
  exchange.json('200 OK', door.statusOf(found.number));
}

/** A device that asks without staying connected is present until it should have asked again, and the grace time. */
export function touch(door: RoomDoor, number: number, nowMs: number): void {
  const standing = standingOf(door.view, number, door.isEntering(number));
  door.view.touch(number, nowMs + nextMsOf(standing) + door.view.rules.graceTimeMs);
}

/** DELETE /v1/tickets/current: leaves the line at once; the ticket still holds the place, should it come back. */
export async function leaveLine(exchange: Exchange, door: RoomDoor, found: TicketFound): Promise<void> {
  if (found.kind !== 'ticket') return refuseWithoutTicket(exchange, found);
  exchange.watch();
  const place = door.view.placeOf(found.number);
  door.view.forget(found.number);
  door.tellLeft(found.number);
  try {
    if (place !== null) await door.ask({ kind: 'leave', place });
  } catch (error) {
    if (!isStoreError(error)) throw error;
    return refuseByStore(exchange);
  }
  const { secure } = exchange.client;
  exchange.noContent([
    ['Set-Cookie', clearCookie(ticketCookieName(door.id, secure), secure)],
    ['Set-Cookie', clearCookie(passCookieName(door.id, secure), secure)],
  ]);
}

export function refuseWithoutTicket(exchange: Exchange, found: Exclude<TicketFound, { kind: 'ticket' }>): void {
  if (found.kind === 'refused') return refuseTicket(exchange, found.code);
  exchange.problem('ticket-missing', 'Join first, and send the ticket as cookie or bearer token.');
}

function refuseTicket(exchange: Exchange, code: 'ticket-invalid' | 'ticket-other-room'): void {
  exchange.problem(code, ticketProblemDetail(code));
}
