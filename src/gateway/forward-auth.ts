// Forward-auth: tells a proxy in front (nginx, Traefik, Caddy, Envoy, HAProxy) whether a request may go on to the shop
// past us. Reads the request as that proxy describes it and answers as it understands; the page's own address is in page-address.ts.

import type { HttpRequest } from 'uWebSockets.js';
import type { PassClaims } from '../tokens/pass.ts';
import { RecentMap } from '../tokens/recent-map.ts';
import { alivePass } from './alive-pass.ts';
import { passCookieName, readCookie, ticketCookieName } from './cookies.ts';
import { type Exchange, headerOf, queryValue } from './exchange.ts';
import { isHostWellFormed } from './host-name.ts';
import type { RoomFound } from './match-room.ts';
import { isNavigation } from './navigation.ts';
import { pageAddress, returnToBytesMaxOfNginx } from './page-address.ts';
import { passCookie } from './passes-api.ts';
import { type ProblemCode, problem } from './problem.ts';
import { problemOfChanging } from './refuse-changing.ts';
import { joinFirst, refuseToWait } from './refuse-to-wait.ts';
import { parseTarget } from './request-target.ts';
import type { RoomDoor } from './room-door.ts';
import type { DoorHere } from './room-doors.ts';
import { ticketOf } from './ticket-of.ts';

export type AuthNeeds = {
  doorOf(room: string): DoorHere;
  roomAt(host: string, path: string): RoomFound;
  onFailure(error: unknown, requestId?: string | null): void;
};

/** Which headers describe the request. A front sets its own family and hands the fan's other headers on as they came. */
const families = { nginx: 'original', traefik: 'forwarded', caddy: 'forwarded', haproxy: 'forwarded' } as const;
type Family = (typeof families)[keyof typeof families];
const headerNames = {
  original: { uri: 'x-original-uri', method: 'x-original-method', host: '' },
  forwarded: { uri: 'x-forwarded-uri', method: 'x-forwarded-method', host: 'x-forwarded-host' },
} as const satisfies Record<Family, object>;

type Question = { readonly mode: string | null; readonly room: string | null };

const envoyQuestion: Question = { mode: 'envoy', room: null };
let lastQuery = '';
let lastQuestion: Question = { mode: null, room: null };

/** A front asks with the same query each time, so the last one is kept. */
function questionOf(query: string): Question {
  if (query === lastQuery) return lastQuestion;
  lastQuestion = { mode: queryValue(query, 'mode'), room: queryValue(query, 'room') };
  lastQuery = query;
  return lastQuestion;
}

/** The request that the front asks about. */
type Original = {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  /**
   * Somebody trusted says so, and in the normal form: only then may the path open a bypass. The front sends the shop
   * the path as it came, so what has two readings is not opened.
   */
  isVouched(): boolean;
};

/** How the front learns of a refusal: nginx understands 401 and 403 only, the others hand the answer to the fan. */
type Tone = 'nginx' | 'plain';

/** `suffix` is what follows `/v1/auth`, as Envoy appends it: the path of the request itself. WR80 to WR86 */
export function answerAuth(exchange: Exchange, req: HttpRequest, suffix: string, needs: AuthNeeds): void {
  const { mode, room: named } = suffix === '' ? questionOf(exchange.query) : envoyQuestion;
  const tone: Tone =
    mode === 'envoy' || (mode !== null && mode !== 'nginx' && Object.hasOwn(families, mode)) ? 'plain' : 'nginx';
  const original = readOriginal(exchange, req, suffix, mode);
  if (original === null) return refuse(exchange, tone, 'bad-request', 'The original request is malformed.');
  const { host, path } = original;
  if ((path === exchange.prefix || path.startsWith(`${exchange.prefix}/`)) && original.isVouched())
    return allow(exchange, []);
  const found = needs.roomAt(host, path);
  if (found.kind === 'bypass' && (named === null || named === found.id) && original.isVouched())
    return allow(exchange, []);
  const room = named ?? (found.kind === 'none' ? null : found.id);
  const door = room === null ? undefined : needs.doorOf(room);
  if (door === undefined) return refuse(exchange, tone, 'room-unknown', 'No room stands at this host and path.');
  const fan: Fan = { original, tone };
  if (door === 'changing') return refuseMeanwhile(exchange, room ?? '', fan, isPageLoad(fan, req));
  judge(exchange, req, door, fan, needs);
}

type Fan = { readonly original: Original; readonly tone: Tone };

/** Passes whose ticket was seen to be of the same device, by token; spares a signature a check. About 0.5 KB each. */
const ticketsOfPasses = new RecentMap<string>(20_000);

function judge(exchange: Exchange, req: HttpRequest, door: RoomDoor, fan: Fan, needs: AuthNeeds): void {
  const { accepted, client } = exchange;
  const token = readCookie(accepted.cookie, passCookieName(door.id, client.secure));
  if (token === null) return refuseFan(exchange, door, fan, isPageLoad(fan, req));
  const ticket = readCookie(accepted.cookie, ticketCookieName(door.id, client.secure));
  const isKnown = ticket !== null && ticketsOfPasses.get(token) === ticket;
  const found = isKnown ? ({ kind: 'none' } as const) : ticketOf(door, accepted, '', client.secure);
  const pass = alivePass({ exchange, door, found });
  const remember = () => {
    // Copies: a token cut out of a header would keep the whole header in memory.
    if (found.kind === 'ticket') ticketsOfPasses.set(copyOf(token), copyOf(found.token));
  };
  if (!(pass instanceof Promise)) {
    if (pass === null) return refuseFan(exchange, door, fan, isPageLoad(fan, req));
    remember();
    return conclude(exchange, door, { token, path: fan.original.path }, pass);
  }
  exchange.watch();
  const isPage = isPageLoad(fan, req);
  pass
    .then(claims => {
      if (claims === null) return refuseFan(exchange, door, fan, isPage);
      remember();
      conclude(exchange, door, { token, path: fan.original.path }, claims);
    })
    .catch((error: unknown) => {
      needs.onFailure(error);
      refuseFan(exchange, door, fan, isPage);
    });
}

const copyOf = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

/** The pass as it came, and the path that it is used on. */
type PassUse = { readonly token: string; readonly path: string };

const isPageLoad = ({ original }: Fan, req: HttpRequest): boolean => isNavigation(original.method, headerOf(req));

function conclude(exchange: Exchange, door: RoomDoor, use: PassUse, pass: PassClaims): void {
  const { token, path } = use;
  const renewed = door.usePass(pass.passId, pass.expiresAtMs, path);
  const facts = (current: string) => [['Junban-Room', door.id] as const, ['Junban-Pass', current] as const];
  if (renewed === null) return allow(exchange, facts(token));
  allow(exchange, [...facts(renewed.token), ['Set-Cookie', passCookie(exchange, door, renewed.token)]]);
}

const noStore = ['Cache-Control', 'no-store'] as const;

function allow(exchange: Exchange, headers: readonly (readonly [string, string])[]): void {
  exchange.answer({ status: '200 OK', headers: [noStore, ...headers], body: '' });
}

/** Never 2xx, and never what nginx would turn into 500. */
function refuseFan(exchange: Exchange, door: RoomDoor, fan: Fan, isPage: boolean): void {
  if (!sendToPage(exchange, door.id, fan, isPage)) refuseToWait(exchange, door);
}

/** The page waits until the room can be asked again, and goes on by itself with a pass that is alive. // OP220 */
function refuseMeanwhile(exchange: Exchange, room: string, fan: Fan, isPage: boolean): void {
  if (!sendToPage(exchange, room, fan, isPage)) problemOfChanging(exchange);
}

/** False: this is neither a page load nor a front that sends the fan by itself. */
function sendToPage(exchange: Exchange, room: string, { original, tone }: Fan, isPage: boolean): boolean {
  const bytesMax = tone === 'nginx' ? returnToBytesMaxOfNginx : undefined;
  const page = pageAddress(exchange.prefix, room, `${original.path}${original.query}`, bytesMax);
  if (tone === 'nginx') {
    // Built by hand: what nginx asks thousands of times a second is no refusal of a client of ours.
    const { statusLine, headers, body } = problem('pass-missing', joinFirst, { members: { room, page } });
    exchange.answer({ status: statusLine, headers: [...headers, ['Junban-Location', page]], body });
    return true;
  }
  if (isPage) exchange.answer({ status: '302 Found', headers: [noStore, ['Location', page]], body: '' });
  return isPage;
}

function refuse(exchange: Exchange, tone: Tone, code: ProblemCode, detail: string): void {
  exchange.problem(tone === 'nginx' ? 'auth-refused' : code, detail);
}

function readOriginal(exchange: Exchange, req: HttpRequest, suffix: string, mode: string | null): Original | null {
  const { accepted, method, query, client } = exchange;
  // The gateway has read the path behind the prefix by itself, so dot segments cannot leave it.
  if (suffix !== '') {
    const isNormal = req.getUrl() === exchange.path;
    return { method, host: accepted.host, path: suffix, query, isVouched: () => isNormal };
  }
  const family = familyOf(req, mode);
  if (family === null) return null;
  const names = headerNames[family];
  const uri = req.getHeader(names.uri);
  const host = (names.host === '' ? '' : req.getHeader(names.host)) || accepted.host;
  const target = parseTarget(uri === '' ? '/' : uri, host);
  if (!isHostWellFormed(host) || target.kind === 'refused' || target.path === '*') return null;
  const asked = req.getHeader(names.method) || (method === 'HEAD' ? 'GET' : method);
  const isVouched = () => client.trustedPeer && uri === `${target.path}${target.query}` && isSingle(req, names.uri);
  return { method: asked, host, path: target.path, query: target.query, isVouched };
}

/** Without a mode the headers tell; where both families stand, one of them is the fan's own. */
function familyOf(req: HttpRequest, mode: string | null): Family | null {
  const known = Object.entries(families).find(([name]) => name === mode)?.[1];
  if (known !== undefined) return known;
  const hasOriginal = req.getHeader('x-original-uri') !== '';
  const hasForwarded = req.getHeader('x-forwarded-uri') !== '';
  if (hasOriginal && hasForwarded) return null;
  return hasForwarded ? 'forwarded' : 'original';
}

/** A front that adds its line behind the fan's instead of replacing it vouches for nothing. */
function isSingle(req: HttpRequest, name: string): boolean {
  let lines = 0;
  req.forEach(line => {
    if (line === name) lines += 1;
  });
  return lines === 1;
}
