// Decides where a fan may be sent after the turn: only to an address of the same shop, never back into our own calls.
import { parseTarget } from './request-target.ts';

/** As long as a target may be. // WR6 */
const addressBytesMax = 8192;

/** A base that no address can be equal to: without an origin of our own, only paths are same-origin. */
const noOrigin = 'http://junban.invalid';

/**
 * WR13 Path, query and fragment of a same-origin address in normal form, or null. `ownOrigin` is `https://shop.example`;
 * without it absolute addresses are refused. What is written to a Location or a link is this answer, never the candidate.
 */
export function safeReturnAddress(candidate: string, ownOrigin?: string, ownPrefix = '/_junban'): string | null {
  if (candidate.length > addressBytesMax || !isPathOrAbsolute(candidate) || hasDoubtful(candidate)) return null;
  const base = ownOrigin ?? noOrigin;
  const url = URL.parse(candidate, base);
  if (url === null || url.origin !== new URL(base).origin || url.username !== '' || url.password !== '') return null;
  if (ownOrigin === undefined && !candidate.startsWith('/')) return null;
  // WHATWG resolves `/a/..//evil` to the path `//evil`, which as a Location names a host; this merges the slashes.
  const target = parseTarget(`${url.pathname}${url.search}`);
  if (target.kind === 'refused') return null;
  if (target.path === ownPrefix || target.path.startsWith(`${ownPrefix}/`)) return null;
  const address = `${target.path}${target.query}${url.hash}`;
  return address.length > addressBytesMax ? null : address;
}

/** `evil`, `javascript:…` and `//evil` are out before any parsing; `/\evil` falls to the backslash rule. */
function isPathOrAbsolute(candidate: string): boolean {
  if (candidate.startsWith('/')) return !candidate.startsWith('//');
  return /^https?:\/\/[^/]/i.test(candidate);
}

/** URL parsers drop tabs and line feeds and turn backslashes into slashes: what is read is not what was written. */
function hasDoubtful(candidate: string): boolean {
  for (let at = 0; at < candidate.length; at += 1) {
    const code = candidate.charCodeAt(at);
    if (code <= 0x20 || code === 0x5c || (code >= 0x7f && code <= 0xa0)) return true;
  }
  return !candidate.isWellFormed();
}
