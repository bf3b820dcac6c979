// Everything under the prefix: which path and method is which handler.

import type { HttpRequest } from 'uWebSockets.js';
import type { BrowserScript } from '../page/browser-scripts.ts';
import type { WaitingPage } from '../page/waiting-page.ts';
import { readCookie } from './cookies.ts';
import { answerPass } from './current-pass.ts';
import type { Exchange } from './exchange.ts';
import { headerOf, queryValue } from './exchange.ts';
import { claimByForm, extendByForm, isForm } from './form-claim.ts';
import { type AuthNeeds, answerAuth } from './forward-auth.ts';
import { followByEvents } from './live-events.ts';
import type { SocketCounts } from './live-socket.ts';
import { acceptedBy } from './page-answer.ts';
import { claimPass, extendCall } from './passes-api.ts';
import { problemOfChanging } from './refuse-changing.ts';
import type { RoomDoor } from './room-door.ts';
import type { DoorHere } from './room-doors.ts';
import { answerRoomFacts } from './room-facts.ts';
import { ticketOf } from './ticket-of.ts';
import { answerCurrent, joinByApi, leaveLine } from './tickets-api.ts';

export type BrowserScripts = {
  /** For the shop's own pages, by language. */
  readonly passTime: (language: string) => BrowserScript;
  /** For the page, when a fan checks the draw. */
  readonly drawCheck: BrowserScript;
};

export type ApiNeeds = AuthNeeds & {
  readonly page: Pick<WaitingPage, 'negotiateLanguage'>;
  /** The room of a host where the path cannot tell; undefined if there is none or the host has several. */
  doorOfHost(host: string): DoorHere;
  jwks(): string;
  readonly scripts: BrowserScripts;
  nowMs(): number;
  readonly counts: SocketCounts;
};

type FormRoute = (exchange: Exchange, req: HttpRequest, door: RoomDoor, nowMs: number) => Promise<void> | undefined;
type Route = (exchange: Exchange, door: RoomDoor, needs: ApiNeeds) => void | Promise<void>;

/** Where statuses are followed as events. */
export const eventsPath = '/v1/tickets/current/events';

/** Path below the prefix, then method. */
const routes: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  '/v1/tickets': {
    POST: (exchange, door) => joinByApi(exchange, door, ticketFor(exchange, door)),
  },
  '/v1/tickets/current': {
    GET: (exchange, door, { nowMs }) => answerCurrent(exchange, door, nowMs(), ticketFor(exchange, door)),
    DELETE: (exchange, door) => leaveLine(exchange, door, ticketFor(exchange, door)),
  },
  '/v1/tickets/current/extension': {
    POST: (exchange, door) => extendCall(exchange, door, ticketFor(exchange, door)),
  },
  [eventsPath]: {
    GET: (exchange, door, { counts }) => followByEvents(exchange, door, ticketFor(exchange, door), counts),
  },
  '/v1/passes': {
    POST: (exchange, door, { nowMs }) => claimPass(exchange, door, nowMs(), ticketFor(exchange, door)),
  },
  '/v1/passes/current': {
    GET: (exchange, door, { nowMs }) => answerPass(exchange, door, nowMs(), cookieTicket(exchange, door), 'ask'),
    POST: (exchange, door, { nowMs }) => answerPass(exchange, door, nowMs(), cookieTicket(exchange, door), 'extend'),
    DELETE: (exchange, door, { nowMs }) => answerPass(exchange, door, nowMs(), cookieTicket(exchange, door), 'end'),
  },
};

/** The same for plain HTML forms. */
const formRoutes: Readonly<Record<string, FormRoute>> = {
  '/v1/passes': (exchange, req, door, nowMs) => claimByForm(exchange, req, door, nowMs, ticketFor(exchange, door)),
  '/v1/tickets/current/extension': (exchange, req, door) =>
    extendByForm(exchange, req, door, ticketFor(exchange, door)),
};

export const authPath = '/v1/auth';
const roomPath = /^\/v1\/rooms\/([^/]+)$/;

/** `path` is the normalised path without the prefix. */
export function answerApi(exchange: Exchange, req: HttpRequest, path: string, needs: ApiNeeds): void {
  if (path === authPath || path.startsWith(`${authPath}/`)) {
    return answerAuth(exchange, req, path.slice(authPath.length), needs);
  }
  const methods = routes[path];
  if (methods === undefined) return answerPublic(exchange, req, path, needs);
  const route = methods[exchange.method];
  if (route === undefined) return refuseMethod(exchange, Object.keys(methods));
  const room = queryValue(exchange.query, 'room');
  const door = room === null ? needs.doorOfHost(exchange.accepted.host) : needs.doorOf(room);
  if (door === 'changing') return problemOfChanging(exchange);
  if (door === undefined) return refuseRoom(exchange);
  const fail = (error: unknown) => {
    needs.onFailure(error);
    exchange.problem('internal-error', 'Something went wrong here. Try again.');
  };
  try {
    const formRoute = formRoutes[path];
    const running =
      formRoute !== undefined && isForm(req)
        ? formRoute(exchange, req, door, needs.nowMs())
        : route(exchange, door, needs);
    if (running === undefined) return;
    // Whatever the handler waits for, an abort in between must be noticed.
    if (!exchange.isOver) exchange.watch();
    running.catch(fail);
  } catch (error) {
    fail(error);
  }
}

/** What anybody may read, and what is not there. */
function answerPublic(exchange: Exchange, req: HttpRequest, path: string, needs: ApiNeeds): void {
  if (path === '/v1/jwks.json') {
    if (!allows(exchange, ['GET', 'HEAD'])) return;
    const headers = [
      ['Content-Type', 'application/jwk-set+json'],
      ['Cache-Control', 'public, max-age=300'],
      ['Access-Control-Allow-Origin', '*'],
    ] as const;
    return exchange.answer({ status: '200 OK', headers, body: needs.jwks() });
  }
  if (path === '/v1/draw-check.js') return answerScript(exchange, req, needs.scripts.drawCheck, 'one');
  if (path === '/v1/pass-time.js') {
    return answerScript(exchange, req, needs.scripts.passTime(languageFor(exchange, req, needs)), 'by-language');
  }
  const named = roomPath.exec(path)?.[1];
  if (named !== undefined) {
    if (!allows(exchange, ['GET', 'HEAD'])) return;
    const door = needs.doorOf(named);
    if (door === 'changing') return problemOfChanging(exchange);
    return door === undefined ? refuseRoom(exchange) : answerRoomFacts(exchange, door, needs.nowMs());
  }
  exchange.problem('not-found', `Nothing stands at ${exchange.path}.`);
}

/** As the page chooses it; a page of the shop that is in one language may name it. */
function languageFor({ accepted, query }: Exchange, req: HttpRequest, { page }: ApiNeeds): string {
  const acceptLanguage = headerOf(req)('accept-language');
  const named = queryValue(query, 'language');
  if (named !== null) return page.negotiateLanguage(`${named},${acceptLanguage}`);
  return page.negotiateLanguage(acceptLanguage, readCookie(accepted.cookie, 'junban-language') ?? undefined);
}

function answerScript(
  exchange: Exchange,
  req: HttpRequest,
  { body, gzipped, etag }: BrowserScript,
  edition: 'one' | 'by-language',
): void {
  if (!allows(exchange, ['GET', 'HEAD'])) return;
  const isGzip = acceptedBy(headerOf(req)('accept-encoding')).gzip;
  const headers: (readonly [string, string])[] = [
    ['Content-Type', 'text/javascript; charset=utf-8'],
    // A cache that many share would need one copy for each cookie there is.
    ['Cache-Control', edition === 'one' ? 'public, max-age=300' : 'private, max-age=300'],
    // What runs as a worker needs nothing from anywhere.
    ['Content-Security-Policy', "default-src 'none'"],
    ['ETag', etag],
    ['Vary', edition === 'one' ? 'Accept-Encoding' : 'Accept-Encoding, Accept-Language, Cookie'],
    ['X-Content-Type-Options', 'nosniff'],
  ];
  if (isGzip) headers.push(['Content-Encoding', 'gzip']);
  exchange.answer({ status: '200 OK', headers, body: isGzip ? gzipped : body });
}

function ticketFor({ accepted, client }: Exchange, door: RoomDoor) {
  return ticketOf(door, accepted, accepted.authorization, client.secure);
}

/** Where an Authorization header is the pass. */
function cookieTicket({ accepted, client }: Exchange, door: RoomDoor) {
  return ticketOf(door, accepted, '', client.secure);
}

function allows(exchange: Exchange, methods: readonly string[]): boolean {
  if (methods.includes(exchange.method)) return true;
  refuseMethod(exchange, methods);
  return false;
}

function refuseMethod(exchange: Exchange, allow: readonly string[]): void {
  exchange.problem('method-not-allowed', `${exchange.method} is not possible here; ${allow.join(', ')} is.`, { allow });
}

function refuseRoom(exchange: Exchange): void {
  exchange.problem('room-unknown', 'There is no such room. Name one with ?room=ID.');
}
