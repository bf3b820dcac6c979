// Who sends a request to the operators' API: by bearer token, by the console's session, or by the word of a trusted proxy
// in front. There is no default credential.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import type { FailureLimit } from './failure-limit.ts';
import type { Operator, Role } from './operator.ts';
import { type OpsAnswer, opsProblem } from './ops-problem.ts';
import { type Sessions, sessionIn } from './session.ts';
import type { TokenBook } from './token-book.ts';

/** A proxy that logs operators in (mTLS, OIDC) and names them in a header. Believed from its addresses only. */
export type ProxyLogin = {
  readonly header: string;
  readonly from: readonly string[];
  readonly role: Role;
};

/** Whose request it is, by its peer and what the trusted proxies among its forwarders say. */
export type ClientReader = (peer: string, forwardedFor: string) => string;

export type AuthenticationNeeds = {
  readonly tokens: TokenBook;
  readonly sessions: Sessions;
  readonly failures: FailureLimit;
  readonly proxyLogin: ProxyLogin | null;
  readonly clientOf: ClientReader;
  readonly nowMs: () => number;
};

export type Authentication =
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: 'refused'; readonly answer: OpsAnswer };

export type Authenticate = (request: IncomingMessage) => Authentication;

/** OP4, OP5, OP66 to OP70. */
export function authenticator(needs: AuthenticationNeeds): Authenticate {
  const proxies = proxyList(needs.proxyLogin?.from ?? []);
  return request => {
    const named = namedByProxy(needs.proxyLogin, proxies, request);
    if (named === 'cross-site') return refused('cross-site', 'A write must come from the console, or from no browser.');
    if (named !== null) return { kind: 'operator', operator: named };
    if (needs.tokens.isEmpty) return refused('no-credential', noCredential);
    const { authorization } = request.headers;
    if (authorization !== undefined) return byToken(needs, request, authorization);
    const cookie = sessionIn(request.headers.cookie);
    if (cookie !== null) return bySession(needs, request, cookie);
    return refused('credential-missing', 'Send an ops token: "Authorization: Bearer TOKEN".');
  };
}

const noCredential =
  'This gateway has no ops token, so only probes and metrics answer. ' +
  'Set one with ops.tokenFile in the configuration or JUNBAN_OPS_TOKEN in the environment, and start again.';

function byToken(needs: AuthenticationNeeds, request: IncomingMessage, authorization: string): Authentication {
  const [, given] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (given === undefined) return refused('credential-wrong', 'The Authorization header must read "Bearer TOKEN".');
  return checkToken(needs, request, given);
}

/** Also for the login, which takes a token once for a session. */
export function checkToken(needs: AuthenticationNeeds, request: IncomingMessage, given: string): Authentication {
  const { tokens, failures } = needs;
  const address = clientAddressOf(needs, request);
  const mark = markOf(given);
  const waitMs = failures.waitMs(address, mark);
  if (waitMs > 0) return tooMany(waitMs);
  const found = tokens.find(given);
  if (found === 'unknown' || found === 'expired') {
    failures.failed(address);
    if (found === 'expired') return refused('credential-expired', 'This token has run out: an admin can make another.');
    return refused('credential-wrong', 'This is no ops token of this gateway.');
  }
  failures.succeeded(address, mark);
  const { name, role } = found.facts;
  const isValid = () => tokens.stillHas(name, hash => hash === found.hash) !== null;
  return { kind: 'operator', operator: { name, role, via: 'token', isValid } };
}

function bySession(needs: AuthenticationNeeds, request: IncomingMessage, cookie: string): Authentication {
  const { tokens, sessions, failures, nowMs } = needs;
  const [address, mark] = [clientAddressOf(needs, request), markOf(cookie)];
  const waitMs = failures.waitMs(address, mark);
  if (waitMs > 0) return tooMany(waitMs);
  const claims = sessions.read(cookie, nowMs());
  const token = typeof claims === 'string' ? null : tokens.stillHas(claims.name, hash => sessions.isFor(claims, hash));
  if (typeof claims === 'string' || token === null) {
    // A session that ran out is no guess; one that we never signed is.
    if (claims === 'not-ours') failures.failed(address);
    return refused('session-over', 'This login is over: log in again with a token.');
  }
  failures.succeeded(address, mark);
  if (!isRead(request) && !isFromOurPage(needs, request, cookie)) {
    return refused(
      'cross-site',
      'A write with a login must come from the console: send Junban-Csrf as GET session says.',
    );
  }
  const { name } = claims;
  const isValid = () =>
    typeof sessions.read(cookie, nowMs()) !== 'string' &&
    tokens.stillHas(name, hash => sessions.isFor(claims, hash)) !== null;
  return { kind: 'operator', operator: { name, role: token.role, via: 'session', isValid } };
}

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

function isFromOurPage({ sessions }: AuthenticationNeeds, request: IncomingMessage, cookie: string): boolean {
  const given = request.headers['junban-csrf'];
  return isSameSite(request) && typeof given === 'string' && sessions.isCsrfOf(cookie, given);
}

/** What the browser itself says about where a request comes from; clients that say nothing are no browsers. */
export function isSameSite({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function namedByProxy(
  login: ProxyLogin | null,
  proxies: BlockList,
  request: IncomingMessage,
): Operator | 'cross-site' | null {
  if (login === null) return null;
  const name = request.headers[login.header.toLowerCase()];
  if (typeof name !== 'string' || !/^[\x21-\x7e]{1,100}$/.test(name)) return null;
  const address = addressOf(request);
  if (!proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return null;
  // The proxy attaches its own header to what a browser sends, so a write has to prove where it comes from.
  if (!isRead(request) && !isSameSite(request)) return 'cross-site';
  return { name, role: login.role, via: 'proxy', isValid: () => true };
}

function proxyList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits] = range.split('/');
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    list.addSubnet(network, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

function addressOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

/** Who guesses behind a front does not lock out everybody else behind it. // OP224 */
function clientAddressOf({ clientOf }: AuthenticationNeeds, request: IncomingMessage): string {
  const forwardedFor = request.headers['x-forwarded-for'] ?? '';
  return clientOf(addressOf(request), typeof forwardedFor === 'string' ? forwardedFor : forwardedFor.join(','));
}

function markOf(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url');
}

function refused(code: Parameters<typeof opsProblem>[0], detail: string): Authentication {
  return { kind: 'refused', answer: opsProblem(code, detail) };
}

function tooMany(waitMs: number): Authentication {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const detail = `Too many wrong credentials came from this address: wait ${seconds} s.`;
  return {
    kind: 'refused',
    answer: opsProblem('too-many-failures', detail, { headers: { 'Retry-After': String(seconds) } }),
  };
}
