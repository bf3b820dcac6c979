// Every path that is not ours: with a pass on to the shop, without one to the line. Where nobody waits and the limits
// allow it, a device walks straight through.

import { StoreError } from '../store/store-error.ts';
import type { PassClaims } from '../tokens/pass.ts';
import { alivePass } from './alive-pass.ts';
import { passCookieName, readCookie } from './cookies.ts';
import { noticeAnswer, pageAnswer } from './page-answer.ts';
import { passCookie } from './passes-api.ts';
import { refuseToWait } from './refuse-to-wait.ts';
import { isUnknown, mayKeepTicket, ticketCookie, touch, whenToJoin } from './tickets-api.ts';
import type { Visit } from './visit.ts';
import { forward } from './visit-shop.ts';
import { failVisit } from './visit-trouble.ts';
import { mightWalkIn, walkIn } from './walk-in.ts';

export function answerVisit(visit: Visit): void {
  const pass = alivePass(visit);
  if (pass instanceof Promise) {
    pass.then(claims => letIn(visit, claims)).catch(error => failVisit(visit, error));
  } else {
    letIn(visit, pass);
  }
  if (!visit.exchange.isOver) visit.keep();
}

function letIn(visit: Visit, pass: PassClaims | null): void {
  if (visit.exchange.isOver) return;
  try {
    if (pass !== null) forwardWithPass(visit, pass);
    else visitWithoutPass(visit)?.catch(error => failVisit(visit, error));
  } catch (error) {
    failVisit(visit, error);
  }
}

function forwardWithPass(visit: Visit, pass: PassClaims): void {
  const { door } = visit;
  // Before it is used: who comes out of the line comes in with its first request.
  const isFresh = door.isPassUnused(pass.passId);
  const renewed = door.usePass(pass.passId, pass.expiresAtMs, visit.exchange.path);
  if (renewed === null) {
    const { accepted, client } = visit.exchange;
    const token = readCookie(accepted.cookie, passCookieName(door.id, client.secure));
    return forward(visit, { passId: pass.passId, token, isFresh }, []);
  }
  const { token } = renewed;
  forward(visit, { passId: pass.passId, token, isFresh }, [passCookie(visit.exchange, door, token)]);
}

/** At once where nobody has to be asked. */
function visitWithoutPass(visit: Visit): undefined | Promise<void> {
  const { exchange, door, found, isNavigation } = visit;
  const { phase } = door.view.state;
  const kept = found.kind === 'ticket' && mayKeepTicket(door, found.number) ? found : null;
  if (!isNavigation && phase !== 'open') return void refuseToWait(exchange, door);
  if (isUnknown(door)) throw new StoreError('unavailable', `nobody has led room ${door.id} yet`);
  if (phase === 'closed') return void showNotice(visit, 'room-closed');
  if (phase === 'ended' && kept === null) return void showNotice(visit, 'room-ended');
  const mayWalkIn =
    phase === 'open' && exchange.method !== 'HEAD' && !visit.isPrefetch && mightWalkIn(door, kept?.number ?? null);
  if (!isNavigation && !mayWalkIn) return void refuseToWait(exchange, door);
  const number = kept?.number ?? door.takeNumber();
  if (typeof number === 'number' && !mayWalkIn) return void showPage(visit, number, kept);
  return walkInOrWait(visit, number, mayWalkIn, kept);
}

type KeptTicket = Extract<Visit['found'], { kind: 'ticket' }> | null;

async function walkInOrWait(
  visit: Visit,
  taken: number | Promise<number>,
  mayWalkIn: boolean,
  kept: KeptTicket,
): Promise<void> {
  const number = await taken;
  const { exchange, door } = visit;
  const ticket = kept?.token ?? door.signTicket(number);
  if (mayWalkIn && (await walkIn(visit, number, ticket))) return;
  if (exchange.isOver) return;
  if (!visit.isNavigation) return refuseToWait(exchange, door);
  showPage(visit, number, kept, ticket);
}

/** A device that came with its ticket has its cookie, and is there; a new one gets both, and has only taken its number. */
function showPage(visit: Visit, number: number, kept: KeptTicket, signed?: string): void {
  const { exchange, door, wish } = visit;
  if (kept !== null) {
    touch(door, number, visit.nowMs);
    return exchange.answer(pageAnswer(door, wish, number, null, [], visit.nowMs));
  }
  const ticket = signed ?? door.signTicket(number);
  const cookies = [['Set-Cookie', ticketCookie(exchange, door, ticket)]] as const;
  exchange.answer(pageAnswer(door, wish, number, ticket, cookies, visit.nowMs));
}

function showNotice(visit: Visit, kind: 'room-closed' | 'room-ended'): void {
  const { exchange, door } = visit;
  const { opensAt, nextMs } = whenToJoin(door);
  exchange.answer(
    noticeAnswer(
      door.page,
      visit.wish,
      {
        kind,
        ...(kind === 'room-closed' && { opensAt, retryAfterSeconds: nextMs / 1_000 }),
        asOf: new Date(visit.nowMs).toISOString(),
        message: door.view.state.settings.message ?? null,
      },
      door.waitingStatus,
    ),
  );
}
