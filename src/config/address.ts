// Network addresses of the configuration: listeners, the shop's origin, allowed origins, CIDR ranges.
// Names are not resolved here; what is compared is what the file says.
import { isIP } from 'node:net';
import { type Parsed, parsed, refused } from './parsed.ts';
import type { Address } from './settings.ts';

const namePattern = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

/** "127.0.0.1:8080", "[::1]:8080", "localhost:8080", or ":8080" for every interface; port 0 takes a free one. */
export function parseListen(text: string): Parsed<Address> {
  return parseAddress(text, '0.0.0.0', 0, 'write "127.0.0.1:8080", or ":8080" for every interface');
}

/** "redis-1:6379" or "[fd00::1]:6379": a server to connect to. */
export function parseServer(text: string): Parsed<Address> {
  return parseAddress(text, null, 1, 'write "host:port", as in "redis-1:6379"');
}

function parseAddress(text: string, hostAbsent: string | null, portMin: number, hint: string): Parsed<Address> {
  const shown = JSON.stringify(text.slice(0, 80));
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/@\s]*)):(\d{1,5})$/.exec(text);
  if (match === null) return refused(`${shown} is not host and port: ${hint}`);
  const port = Number(match[3]);
  if (port < portMin || port > 65_535) return refused(`${shown} has no port from ${portMin} to 65535: ${hint}`);
  const host = (match[1] ?? match[2] ?? '') || hostAbsent;
  const hostIsGood = host !== null && (match[1] === undefined ? isHostName(host) : isIP(host) === 6);
  return hostIsGood ? parsed({ host, port }) : refused(`${shown} has no valid host: ${hint}`);
}

export const showAddress = ({ host, port }: Address): string => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

/** A name or an IPv4 address; four groups of digits must be an address, so 10.0.0.300 is neither. */
export function isHostName(text: string): boolean {
  if (/^[\d.]+$/.test(text)) return isIP(text) === 4;
  return namePattern.test(text);
}

/** The shop: scheme, host and port only; Junban adds the path of each request. */
export function parseShop(text: string): Parsed<string> {
  const hint = 'write the shop\'s origin, as in "http://127.0.0.1:3000"';
  if (!/^https?:\/\//i.test(text)) return refused(`the shop's address must start with http:// or https://: ${hint}`);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || /[\s\\]/.test(text)) return refused(`this is not an address: ${hint}`);
  if (url.username !== '' || url.password !== '' || text.includes('@')) {
    return refused("the shop's address must not carry a user name or password");
  }
  if (url.port === '0') return refused(`port 0 cannot be connected to: ${hint}`);
  if (url.pathname !== '/' || /[?#]/.test(text) || !/^https?:\/\/[^/]+\/?$/i.test(text)) {
    return refused(`the shop's address must end after host and port (fans' paths are passed on as they are): ${hint}`);
  }
  return parsed(url.origin);
}

/** An origin as browsers send it. Apps may have schemes of their own, as in "capacitor://localhost". */
export function parseOrigin(text: string): Parsed<string> {
  const hint = 'write scheme, host and port, as in "https://shop.example"';
  if (text.includes('*')) return refused(`wildcards are refused, name each origin: ${hint}`);
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#\\@\s]+)$/i.exec(text);
  if (match === null || !URL.canParse(text))
    return refused(`${JSON.stringify(text.slice(0, 80))} is not an origin: ${hint}`);
  return parsed(/^https?$/i.test(match[1] ?? '') ? new URL(text).origin : text.toLowerCase());
}

/** "10.0.0.0/8", "fd00::/8"; an address alone stands for itself and comes back with its full length. */
export function parseCidr(text: string): Parsed<string> {
  const [address = '', length, ...more] = text.split('/');
  const family = isIP(address);
  const lengthMax = family === 6 ? 128 : 32;
  const bad = family === 0 || more.length > 0 || address.includes('%');
  if (bad || (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > lengthMax))) {
    return refused(`${JSON.stringify(text.slice(0, 80))} is not an address range: write "10.0.0.0/8" or "fd00::/8"`);
  }
  return parsed(`${address}/${length === undefined ? lengthMax : Number(length)}`);
}

/** Does a connection to `target` certainly arrive at the listener itself? Names other than localhost are not resolved. */
export function reachesListener(target: Address, listener: Address): boolean {
  if (target.port !== listener.port || listener.port === 0) return false;
  const [to, at] = [plainHost(target.host), plainHost(listener.host)];
  if (to === at) return true;
  if (isEveryInterface(at)) return isLoopback(to) || isEveryInterface(to);
  if (!isLoopback(at)) return false;
  return isEveryInterface(to) || (isLoopback(to) && (to === 'localhost' || at === 'localhost'));
}

const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
const isEveryInterface = (host: string): boolean => host === '0.0.0.0' || host === '::';
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
