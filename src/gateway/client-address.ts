// Tells whose request it is and whether it came over TLS, believing forwarding headers only as far as the trusted
// proxies reach. Only X-Forwarded-For and X-Forwarded-Proto are read; RFC 7239 Forwarded is not.
import { BlockList, isIP, isIPv4 } from 'node:net';

export interface ClientAddress {
  /** IPv4 dotted, IPv6 compressed; IPv4 mapped into IPv6 is written as IPv4. */
  readonly ip: string;
  readonly secure: boolean;
  readonly trustedPeer: boolean;
}

export interface ForwardingHeaders {
  /** All lines in order, joined by commas: HAProxy adds a line of its own, and reading the first would believe the client. '' = none. */
  readonly forwardedFor: string;
  readonly forwardedProto: string;
}

export type AddressReader = (peer: string, headers: ForwardingHeaders, listenerSecure: boolean) => ClientAddress;

/** Fronts are few and send everything, so whether they are trusted is looked up once; strangers are not remembered. */
const frontsMax = 256;

/** More proxies than that are a forged chain; the walk stops there. */
const hopsMax = 32;

/** `trustedProxies` are CIDR ranges or single addresses; throws for anything else. An empty list trusts nobody. */
export function createAddressReader(trustedProxies: readonly string[]): AddressReader {
  const trusted = new BlockList();
  for (const range of trustedProxies) addRange(trusted, range);
  const trustsAnyone = trustedProxies.length > 0;
  const isTrusted = (ip: string): boolean => trustsAnyone && trusted.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6');

  const fronts = new Map<string, string>();

  return (peer, headers, listenerSecure) => {
    const peerIp = fronts.get(peer) ?? canonicalIp(peer) ?? peer;
    if (!fronts.has(peer)) {
      if (isIP(peerIp) === 0 || !isTrusted(peerIp)) return { ip: peerIp, secure: listenerSecure, trustedPeer: false };
      if (fronts.size < frontsMax) fronts.set(peer, peerIp);
    }
    const { ip, hops } = walkFromRight(peerIp, headers.forwardedFor, isTrusted);
    return { ip, secure: schemeSeen(headers.forwardedProto, hops) ?? listenerSecure, trustedPeer: true };
  };
}

/** Each trusted hop vouches for the entry to its left; the first address that is not trusted is the client. */
function walkFromRight(
  peerIp: string,
  forwardedFor: string,
  isTrusted: (ip: string) => boolean,
): { readonly ip: string; readonly hops: number } {
  let ip = peerIp;
  let end = forwardedFor.length;
  for (let hops = 0; hops < hopsMax; hops += 1) {
    if (end <= 0 || (hops > 0 && !isTrusted(ip))) return { ip, hops };
    const comma = forwardedFor.lastIndexOf(',', end - 1);
    const entry = canonicalIp(withoutPort(forwardedFor.slice(comma + 1, end).trim()));
    // A proxy that hides the address (`unknown`) or garbage: the last address that somebody vouched for stands.
    if (entry === null) return { ip, hops };
    ip = entry;
    end = comma;
  }
  return { ip, hops: hopsMax };
}

/** The entry of the outermost trusted hop, as seen by it from the client; null says nothing was forwarded. */
function schemeSeen(forwardedProto: string, hops: number): boolean | null {
  if (forwardedProto === '') return null;
  const schemes = forwardedProto.split(',');
  const scheme = schemes[Math.max(0, schemes.length - Math.max(1, hops))]?.trim().toLowerCase();
  if (scheme === 'https' || scheme === 'wss') return true;
  return scheme === 'http' || scheme === 'ws' ? false : null;
}

/** Some proxies write `1.2.3.4:5678` and `[::1]:5678`. */
function withoutPort(entry: string): string {
  if (entry.startsWith('[')) return entry.slice(1, Math.max(1, entry.indexOf(']')));
  const colon = entry.indexOf(':');
  return colon !== -1 && colon === entry.lastIndexOf(':') ? entry.slice(0, colon) : entry;
}

/** One spelling for one address, else one client has many; null if it is none. A zone is not part of the address. */
export function canonicalIp(text: string): string | null {
  if (isIPv4(text)) return text;
  const zone = text.indexOf('%');
  const address = zone === -1 ? text : text.slice(0, zone);
  if (isIP(address) !== 6) return null;
  const host = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (mapped === null) return host;
  const high = Number.parseInt(mapped[1] ?? '', 16);
  const low = Number.parseInt(mapped[2] ?? '', 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function addRange(trusted: BlockList, range: string): void {
  const cut = range.indexOf('/');
  const address = canonicalIp(cut === -1 ? range : range.slice(0, cut));
  if (address === null) throw new Error(`trusted proxy ${JSON.stringify(range)}: not an address or CIDR range`);
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const widest = family === 'ipv4' ? 32 : 128;
  const bits = cut === -1 ? String(widest) : range.slice(cut + 1);
  // The prefix length of a mapped address would count bits of the other family.
  const isMappedRange = cut !== -1 && family === 'ipv4' && range.includes(':');
  if (isMappedRange || !/^\d{1,3}$/.test(bits) || Number(bits) > widest) {
    throw new Error(`trusted proxy ${JSON.stringify(range)}: not an address or CIDR range`);
  }
  trusted.addSubnet(address, Number(bits), family);
}
