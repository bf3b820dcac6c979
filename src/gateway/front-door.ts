// Every path that is not ours: with a pass on to the shop, without one to the line. Where nobody waits and the limits
// allow it, a device walks straight through.

import type { VisitRank } from '../admission/shop-turnstile.ts';
import { standingOf } from '../flow/status.ts';
import type { ShopTrouble } from '../proxy/shop-port.ts';
import type { RoomAnswer } from '../queue/answer-request.ts';
import { messageIn } from '../queue/operator-message.ts';
import { planTake } from '../queue/pace-bucket.ts';
import { capOf, paceOf, walkInsMax } from '../queue/pace-in-force.ts';
import { paceBurstMs, walkInHoldMs } from '../queue/room-rules.ts';
import { scheduleOf } from '../queue/room-state.ts';
import { isStoreError } from '../store/store-error.ts';
import type { PassClaims, PassVerdict } from '../tokens/pass.ts';
import { passCookieName, readCookie } from './cookies.ts';
import { stoppingDetail, stoppingRetryMs } from './draining.ts';
import type { Exchange } from './exchange.ts';
import { noticeAnswer, pageAnswer } from './page-answer.ts';
import { passCookie } from './passes-api.ts';
import { problem } from './problem.ts';
import { refuseToWait } from './refuse-to-wait.ts';
import type { RoomDoor } from './room-door.ts';
import { forwardToShop, type TroublePage } from './shop-exchange.ts';
import { mayKeepTicket, refuseByStore, storeRetryMs, ticketCookie, touch } from './tickets-api.ts';
import type { Visit } from './visit.ts';

const troubleRetryMs = 5_000;

/** Whose pass is asked for. */
type Caller = Pick<Visit, 'exchange' | 'door' | 'found'>;

/** The pass that a request carries, if it is alive and belongs to this device. */
export function alivePass(visit: Caller): PassClaims | null | Promise<PassClaims | null> {
  const { exchange, door } = visit;
  const token = readCookie(exchange.accepted.cookie, passCookieName(door.id, exchange.client.secure));
  if (token === null) return null;
  const verdict = door.peekPass(token);
  return verdict === undefined
    ? door.readPass(token).then(read => aliveClaims(visit, read))
    : aliveClaims(visit, verdict);
}

/** The room's record decides whether a pass is alive; what the token says of its end is for those who cannot ask us. */
function aliveClaims({ door, found }: Caller, verdict: PassVerdict): PassClaims | null {
  if (verdict.kind !== 'valid' && verdict.kind !== 'expired') return null;
  const { claims } = verdict;
  if (!door.view.state.passes.has(claims.passId)) return null;
  // A pass beside another device's ticket was handed on. // PS21
  return found.kind === 'ticket' && found.number !== claims.number ? null : claims;
}

export function answerVisit(visit: Visit): void {
  const pass = alivePass(visit);
  if (pass instanceof Promise) {
    pass.then(claims => letIn(visit, claims)).catch(error => failVisit(visit, error));
  } else {
    letIn(visit, pass);
  }
  if (!visit.exchange.isOver) visit.keep();
}

/** Answers what went wrong inside: with the store, or what nobody expected. */
export function failVisit(visit: Visit, error: unknown): void {
  const { exchange, door, wish } = visit;
  if (!isStoreError(error)) {
    visit.onFailure(error);
    return exchange.problem('internal-error', 'Something went wrong here. Try again.');
  }
  if (!visit.isNavigation) return refuseByStore(exchange);
  const retryAfterSeconds = storeRetryMs / 1_000;
  const page = noticeAnswer(door.page, wish, { kind: 'store-unavailable', retryAfterSeconds }, 503);
  exchange.answer({ ...page, headers: [...page.headers, ['Retry-After', String(retryAfterSeconds)]] });
}

function letIn(visit: Visit, pass: PassClaims | null): void {
  if (visit.exchange.isOver) return;
  if (pass !== null) forwardWithPass(visit, pass);
  else letWait(visit);
}

function letWait(visit: Visit): void {
  try {
    visitWithoutPass(visit)?.catch(error => failVisit(visit, error));
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
  renewed
    .then(({ token }) =>
      forward(visit, { passId: pass.passId, token, isFresh }, [passCookie(visit.exchange, door, token)]),
    )
    .catch(error => failVisit(visit, error));
}

/** Sends the request on to the shop. `pass` null: the path needs none. */
export function forward(
  visit: Visit,
  pass: { readonly passId: string; readonly token: string | null; readonly isFresh: boolean } | null,
  setCookies: readonly string[],
): void {
  const { exchange, copied, door, goOnTo } = visit;
  if (exchange.isOver) return;
  if (goOnTo !== null) return sendOn(exchange, goOnTo, setCookies);
  const rank = pass === null ? null : rankOf(visit, pass.isFresh);
  exchange.handOver();
  forwardToShop({
    rank,
    res: exchange.res,
    request: copied,
    shop: door.shop,
    room: door.id,
    passToken: pass?.token ?? null,
    extraSetCookies: setCookies,
    onOutcome: outcome => door.onShopOutcome(outcome, rank),
    onCommand: () => {
      if (pass !== null) endPass(visit, pass.passId);
    },
    troublePage: trouble => troublePage(visit, trouble),
  });
}

/** Who is at the checkout is deepest in; who has just come has the least to lose by waiting. */
function rankOf({ door, exchange }: Visit, isFresh: boolean): VisitRank {
  if (door.isCheckout(exchange.path)) return 'checkout';
  return isFresh ? 'entry' : 'inside';
}

/** A plain redirect with a GET, whatever was asked before. */
export function sendOn(exchange: Exchange, address: string, setCookies: readonly string[]): void {
  const cookies = setCookies.map(cookie => ['Set-Cookie', cookie] as const);
  const headers = [['Location', address], ['Cache-Control', 'no-store'], ...cookies] as const;
  exchange.answer({ status: '303 See Other', headers, body: '' });
}

/** The shop ended the pass; while the store is out of reach the pass ends by its own time. */
function endPass({ door, onFailure }: Visit, passId: string): void {
  door.ask({ kind: 'end-pass', passId, cause: 'shop' }).catch((error: unknown) => {
    if (!isStoreError(error)) onFailure(error);
  });
}

/** The shop is down or too slow: said honestly, and the pass stays. */
export function troublePage(visit: Visit, trouble: ShopTrouble): TroublePage {
  if (visit.isNavigation && trouble.kind !== 'bad-request') return troubleNotice(visit, trouble.kind);
  if (trouble.kind === 'closed') return problem('stopping', stoppingDetail, { retryAfterMs: stoppingRetryMs });
  if (trouble.kind === 'bad-request') return problem('bad-request', 'This request cannot be passed on to the shop.');
  if (trouble.kind === 'busy') {
    const detail = 'The shop has as much to do as it can. The pass and its time are kept; ask again.';
    return problem('shop-busy', detail, { retryAfterMs: troubleRetryMs });
  }
  const code = trouble.kind === 'timed-out' ? 'shop-timeout' : 'shop-unreachable';
  return problem(code, 'The shop does not answer. The pass and its time are kept.', { retryAfterMs: troubleRetryMs });
}

function troubleNotice({ door, wish }: Visit, kind: Exclude<ShopTrouble['kind'], 'bad-request'>): TroublePage {
  const isOurs = kind === 'closed';
  const retryAfterSeconds = (isOurs ? stoppingRetryMs : troubleRetryMs) / 1_000;
  const notice = { kind: isOurs ? 'store-unavailable' : 'shop-trouble', retryAfterSeconds } as const;
  const { headers, body } = noticeAnswer(door.page, wish, notice);
  const status = isOurs || kind === 'busy' ? 503 : kind === 'timed-out' ? 504 : 502;
  return { status, headers: [...headers, ['Retry-After', String(retryAfterSeconds)]], body };
}

/** At once where nobody has to be asked. */
function visitWithoutPass(visit: Visit): undefined | Promise<void> {
  const { exchange, door, found, isNavigation } = visit;
  const { phase } = door.view.state;
  const kept = found.kind === 'ticket' && mayKeepTicket(door, found.number) ? found : null;
  if (!isNavigation && phase !== 'open') return void refuseToWait(exchange, door);
  if (phase === 'closed') return void showNotice(visit, 'room-closed');
  if (phase === 'ended' && kept === null) return void showNotice(visit, 'room-ended');
  const mayWalkIn =
    phase === 'open' && exchange.method !== 'HEAD' && !visit.wish.isPrefetch && mightWalkIn(door, kept?.number ?? null);
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
    return exchange.answer(pageAnswer(door, wish, number, null, []));
  }
  const ticket = signed ?? door.signTicket(number);
  exchange.answer(pageAnswer(door, wish, number, ticket, [['Set-Cookie', ticketCookie(exchange, door, ticket)]]));
}

/** How many ask the caller now whether they may walk in. */
const walkingIn = new WeakMap<RoomDoor, number>();

/** A cheap look before the caller is asked: in a rush nobody walks in, and nobody should have to ask. */
function mightWalkIn(door: RoomDoor, number: number | null): boolean {
  const { view } = door;
  if (view.checking || view.order === null || !hasRoom(door)) return false;
  if (number === null) return view.line().total === 0;
  const standing = standingOf(view, number, false);
  // Whose time ran out while it was active says "I am here" by coming. // PS63
  if (standing.place !== null && view.state.comebacks.has(standing.place)) return true;
  return standing.state === 'admitted' || (standing.state === 'waiting' && standing.ahead === 0);
}

function hasRoom(door: RoomDoor): boolean {
  const { state, rules, asOfMs } = door.view;
  if ((walkingIn.get(door) ?? 0) > walkInsMax(state, rules)) return false;
  if (state.holds.size > 0 || state.passes.size >= capOf(state, rules)) return false;
  const take = { pacePerMinute: paceOf(state, rules), burstMs: paceBurstMs, nowMs: asOfMs, wanted: 1 };
  const { taken, nextAtMs } = planTake(state.claimBucket, take);
  return taken > 0 || nextAtMs - asOfMs <= walkInHoldMs;
}

/** True when the device was let in and its request is on the way to the shop. */
async function walkIn(visit: Visit, number: number, ticket: string): Promise<boolean> {
  const { exchange, door } = visit;
  const place = door.view.placeOf(number);
  if (place === null) return false;
  const answer = await askToWalkIn(door, place);
  if (answer.kind !== 'admitted') return false;
  const issued = await door.passToken(answer.passId);
  if (issued === null) return false;
  const cookies = [ticketCookie(exchange, door, ticket), passCookie(exchange, door, issued.token)];
  forward(visit, { passId: answer.passId, token: issued.token, isFresh: true }, cookies);
  return true;
}

async function askToWalkIn(door: RoomDoor, place: number): Promise<RoomAnswer> {
  walkingIn.set(door, (walkingIn.get(door) ?? 0) + 1);
  try {
    return await door.ask({ kind: 'enter', place });
  } finally {
    walkingIn.set(door, (walkingIn.get(door) ?? 1) - 1);
  }
}

function showNotice(visit: Visit, kind: 'room-closed' | 'room-ended'): void {
  const { exchange, door } = visit;
  const { rules, state } = door.view;
  const schedule = scheduleOf(state, rules);
  const opensAtMs = schedule.opensAtMs ?? schedule.startsAtMs;
  exchange.answer(
    noticeAnswer(
      door.page,
      visit.wish,
      {
        kind,
        opensAt: opensAtMs === null ? null : new Date(opensAtMs).toISOString(),
        asOf: new Date(visit.nowMs).toISOString(),
        message: messageIn(state.settings.message, visit.wish.acceptLanguage.split(',')[0] ?? ''),
      },
      door.waitingStatus,
    ),
  );
}
