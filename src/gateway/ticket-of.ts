// Finds the ticket that a request carries: the bearer token of an app, or the cookie of a browser.

import { readCookie, ticketCookieName } from './cookies.ts';
import type { RoomDoor } from './room-door.ts';
import type { AcceptedRequest } from './strict-request.ts';

export type TicketFound =
  | { readonly kind: 'none' }
  | { readonly kind: 'ticket'; readonly token: string; readonly number: number; readonly usesCookie: boolean }
  | {
      readonly kind: 'refused';
      readonly code: 'ticket-invalid' | 'ticket-other-room';
      readonly usesCookie: boolean;
    };

const bearer = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i;

/** A bearer ticket comes before the cookie: an app that names one means that one. */
export function ticketOf(
  door: RoomDoor,
  accepted: AcceptedRequest,
  authorization: string,
  secure: boolean,
): TicketFound {
  const named = authorization === '' ? null : (bearer.exec(authorization)?.[1] ?? '');
  const token = named ?? readCookie(accepted.cookie, ticketCookieName(door.id, secure));
  if (token === null) return { kind: 'none' };
  const usesCookie = named === null;
  const verdict = door.readTicket(token);
  if (verdict.kind !== 'valid') return { kind: 'refused', code: verdict.code, usesCookie };
  return { kind: 'ticket', token, number: verdict.number, usesCookie };
}

export function ticketProblemDetail(code: 'ticket-invalid' | 'ticket-other-room'): string {
  return code === 'ticket-invalid'
    ? 'This ticket is not one of ours, was altered, or is too old. Join again without it.'
    : 'This ticket belongs to another room.';
}
