// Which headers reach the shop and which reach the fan: decoded pairs in, decoded pairs out.
// Framing (length, chunks, Connection) is left to the connection that carries them.

import type { FanFacts, HeaderPairs, ShopCommand } from './shop-port.ts';

type Pair = readonly [name: string, value: string];

export type RequestHeaders = {
  readonly pairs: HeaderPairs;
  /** The one valid Content-Length; null otherwise, and the body then goes in chunks. */
  readonly contentLength: number | null;
};

export type AnswerHeaders = {
  readonly pairs: HeaderPairs;
  readonly contentLength: number | null;
  readonly command: ShopCommand | null;
  /** False when a value holds what would break the framing towards the fan. */
  readonly clean: boolean;
};

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
]);
const handshake = /^sec-websocket-(?:key|version|extensions|protocol|accept)$/;
const onlyFromTrustedPeers = new Set(['forwarded', 'x-real-ip', 'x-original-url', 'x-rewrite-url']);
const rebuilt = new Set(['host', 'forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']);
// A cookie without a name comes back as its value, so a leading "=" hides nothing.
// Cookies know no ports: beside a console on the same host an operator's login comes along.
const ownCookie = /^[\s=]*(?:__host-|__secure-)?junban-(?:(?:ticket|pass)-|ops(?:[\s=;]|$))/i;
const ownHeader = /^(?:x-)?junban-/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const breaksFraming = /[\x00\r\n]/;
const lengthPattern = /^\d{1,15}$/;

/** PX1 to PX5 */
export function headersToShop(
  inbound: HeaderPairs,
  fan: FanFacts,
  room: string,
  passToken: string | null,
): RequestHeaders {
  const named = namedByConnection(inbound);
  const pairs: Pair[] = [];
  const kept = new Map<string, string>();
  let contentLength: number | null = null;
  let lengths = 0;
  for (const pair of inbound) {
    const name = canonical(pair[0]);
    if (name === 'content-length') {
      lengths += 1;
      contentLength = lengthPattern.test(pair[1]) ? Number(pair[1]) : null;
    }
    if (hopByHop.has(name) || named?.has(name) || name === 'expect' || ownHeader.test(name)) continue;
    if (handshake.test(name)) continue;
    if (!fan.trustedPeer && (onlyFromTrustedPeers.has(name) || name.startsWith('x-forwarded-'))) continue;
    if (rebuilt.has(name)) {
      const before = kept.get(name);
      kept.set(name, before === undefined ? pair[1] : `${before}, ${pair[1]}`);
    } else if (name === 'cookie') {
      const cookies = withoutOwnCookies(pair[1]);
      if (cookies !== '') pairs.push(cookies === pair[1] ? pair : [pair[0], cookies]);
    } else {
      pairs.push(pair);
    }
  }
  const host = kept.get('host') ?? '';
  pairs.push(['host', host]);
  addForwarded(pairs, kept, fan, host);
  pairs.push(['junban-room', room]);
  if (passToken !== null) pairs.push(['junban-pass', passToken]);
  return { pairs, contentLength: lengths === 1 ? contentLength : null };
}

/** PX6, PX7 */
export function headersToFan(answered: HeaderPairs): AnswerHeaders {
  const named = namedByConnection(answered);
  const pairs: Pair[] = [];
  let contentLength: number | null = null;
  let lengthRules = true;
  let command: ShopCommand | null = null;
  let clean = true;
  for (const pair of answered) {
    const name = pair[0].toLowerCase();
    if (name === 'content-length') contentLength = lengthPattern.test(pair[1]) ? Number(pair[1]) : null;
    if (name === 'transfer-encoding') lengthRules = false;
    if (name === 'junban-command' && pair[1].trim().toLowerCase() === 'end') command = 'end';
    // The gateway's HTTP server writes a Date of its own, and a second one would be wrong.
    if (hopByHop.has(name) || named?.has(name) || name === 'date' || ownHeader.test(name)) continue;
    if (name === 'set-cookie' && ownCookie.test(pair[1])) continue;
    if (breaksFraming.test(pair[1])) clean = false;
    pairs.push(pair);
  }
  return { pairs, contentLength: lengthRules ? contentLength : null, command, clean };
}

/** The Cookie header without our own cookies, every other byte as it was; empty when nothing is left. */
export function withoutOwnCookies(value: string): string {
  if (!/junban-/i.test(value)) return value;
  const parts = value.split(';');
  const others = parts.filter(part => !ownCookie.test(part));
  if (others.length === parts.length) return value;
  return others.join(';').trimStart();
}

// CGI turns "-" and "_" into the same name, so to such a shop Junban_Pass is Junban-Pass.
function canonical(name: string): string {
  const lower = name.toLowerCase();
  return lower.includes('_') ? lower.replaceAll('_', '-') : lower;
}

function namedByConnection(pairs: HeaderPairs): ReadonlySet<string> | null {
  let named: Set<string> | null = null;
  for (const [name, value] of pairs) {
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    for (const token of value.split(',')) {
      const header = token.trim().toLowerCase();
      // Host, cookies and our own additions are not the fan's to drop.
      if (header === '' || header === 'keep-alive' || header === 'close' || header === 'host') continue;
      named ??= new Set();
      named.add(canonical(header));
    }
  }
  return named;
}

function addForwarded(pairs: Pair[], kept: ReadonlyMap<string, string>, fan: FanFacts, host: string): void {
  const proto = fan.secure ? 'https' : 'http';
  const node = fan.peerIp.includes(':') ? `"[${fan.peerIp}]"` : fan.peerIp;
  const quoted = host.replace(/["\\]/g, '');
  // A trusted proxy has said how the fan came; we only add the proxy itself.
  const before = (name: string) => kept.get(name);
  const append = (name: string, own: string) => {
    const value = before(name);
    pairs.push([name, value === undefined || value === '' ? own : `${value}, ${own}`]);
  };
  append('x-forwarded-for', fan.peerIp);
  pairs.push(['x-forwarded-proto', before('x-forwarded-proto') ?? proto]);
  pairs.push(['x-forwarded-host', before('x-forwarded-host') ?? host]);
  append('forwarded', `for=${node};host="${quoted}";proto=${proto}`);
}
