// /v1/passes/current: how long a pass lasts, more time, and its end; and the script that shows these on the shop's pages.

import { greatestEndsAtMs, passEndsAtMs } from '../queue/pass-changes.ts';
import { isStoreError } from '../store/store-error.ts';
import { alivePass } from './alive-pass.ts';
import { clearCookie, passCookieName } from './cookies.ts';
import type { Exchange } from './exchange.ts';
import { passCookie } from './passes-api.ts';
import type { RoomDoor } from './room-door.ts';
import type { TicketFound } from './ticket-of.ts';
import { refuseByStore } from './tickets-api.ts';

const bearer = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i;

/** GET: says how long the pass lasts; asking is no use of it. POST: "I am still here", which is one. DELETE: ends it. */
export async function answerPass(
  exchange: Exchange,
  door: RoomDoor,
  nowMs: number,
  found: TicketFound,
  action: 'ask' | 'extend' | 'end',
): Promise<void> {
  exchange.watch();
  const held = await heldPass(exchange, door, found);
  if (held === null) return exchange.problem('pass-missing', 'No pass that is alive came as cookie or bearer token.');
  if (action === 'end') return endPass(exchange, door, held);
  const renewed = action === 'extend' ? door.usePass(held.passId, held.expiresAtMs, '') : null;
  const cookies = renewed === null ? [] : [['Set-Cookie', passCookie(exchange, door, renewed.token)] as const];
  // Who asks keeps cookies. // PS121
  const isShown = door.view.state.passes.get(held.passId)?.isBrief === true;
  if (isShown) door.notePassUse(held.passId);
  exchange.json('200 OK', timesOf(door, held.passId, nowMs, action === 'extend' || isShown), cookies);
}

type HeldPass = {
  readonly passId: string;
  readonly expiresAtMs: number;
  /** It came from the shop, which has it from us, and not from the fan's browser. */
  readonly isFromShop: boolean;
};

async function heldPass(exchange: Exchange, door: RoomDoor, found: TicketFound): Promise<HeldPass | null> {
  const named = bearer.exec(exchange.accepted.authorization)?.[1];
  if (named === undefined) {
    const claims = await alivePass({ exchange, door, found });
    return claims === null ? null : { ...claims, isFromShop: false };
  }
  const verdict = await door.readPass(named);
  if (verdict.kind !== 'valid' && verdict.kind !== 'expired') return null;
  const { passId, expiresAtMs } = verdict.claims;
  return door.view.state.passes.has(passId) ? { passId, expiresAtMs, isFromShop: true } : null;
}

async function endPass(exchange: Exchange, door: RoomDoor, { passId, isFromShop }: HeldPass): Promise<void> {
  try {
    await door.ask({ kind: 'end-pass', passId, cause: isFromShop ? 'shop' : 'left' });
  } catch (error) {
    if (!isStoreError(error)) throw error;
    return refuseByStore(exchange);
  }
  const { secure } = exchange.client;
  exchange.noContent([['Set-Cookie', clearCookie(passCookieName(door.id, secure), secure)]]);
}

/** `standing`: the clock of the pass stands still, because the shop fails. */
function timesOf(door: RoomDoor, passId: string, nowMs: number, isUsedNow: boolean): string {
  const { state, rules } = door.view;
  const pass = state.passes.get(passId);
  if (pass === undefined) return '{}';
  const endsAtMs = greatestEndsAtMs(state, pass, rules, nowMs);
  const idleEndsAtMs = isUsedNow ? nowMs + rules.passIdleMs : passEndsAtMs(state, pass, rules, nowMs);
  return JSON.stringify({
    v: 1,
    room: door.id,
    idleEndsAt: new Date(Math.min(idleEndsAtMs, endsAtMs)).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
    standing: state.passClock.heldSinceMs !== null,
    asOf: new Date(nowMs).toISOString(),
  });
}
