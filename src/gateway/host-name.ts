// What a Host header may look like and which name it names. Whether a room answers to it is left to match-room.ts.
import { isIPv6 } from 'node:net';

const hostName = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/i;
const hostBytesMax = 260;

/** A name, an IPv4 address or a bracketed IPv6 address, and a port if there is a colon; nothing else of an authority. */
export function isHostWellFormed(host: string): boolean {
  if (host.length === 0 || host.length > hostBytesMax) return false;
  const isBracketed = host.charCodeAt(0) === 0x5b;
  const nameEnd = isBracketed ? host.indexOf(']') + 1 : host.indexOf(':');
  if (nameEnd === 0) return false;
  const name = nameEnd === -1 ? host : host.slice(0, nameEnd);
  if (isBracketed ? !isBareIpv6(name.slice(1, -1)) : !hostName.test(name)) return false;
  return name.length === host.length || isPort(host.slice(name.length));
}

/** Lower case, without port and without the dot that ends a fully qualified name. */
export function hostNameOf(host: string): string {
  const colon = host.lastIndexOf(':');
  const name = colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}

/** A zone (`fe80::1%eth0`) means something on one machine only. */
const isBareIpv6 = (address: string): boolean => isIPv6(address) && !address.includes('%');

const isPort = (text: string): boolean => /^:[0-9]{1,5}$/.test(text) && Number(text.slice(1)) <= 65_535;
