// The one normalisation of a request target: what rooms are matched on is byte for byte what the shop is asked for.
// Which room a path belongs to is left to match-room.ts.

export type Target =
  | { readonly kind: 'ok'; readonly path: string /** With its question mark, or ''. */; readonly query: string }
  | { readonly kind: 'refused'; readonly detail: string };

/** Of the target as sent and of the normalised path: encoding a raw `{` must not push it over the edge later. */
const targetBytesMax = 8192;

/*
 * Why so strict: shops decode paths in different ways (once, twice, before or after resolving `..`, with `\` or `;`
 * as a separator). Where two readings exist, one of them may lie outside the room, so the ambiguous is refused and
 * the unambiguous is rewritten to one form:
 *  - unreserved characters are decoded, other encodings are upper case, raw characters that no path may hold are encoded;
 *  - runs of slashes become one, then dot segments are resolved, never above the root (`new URL('//a')` reads a host);
 *  - refused: encoded slashes, any backslash, control characters, invalid UTF-8, a broken or doubled percent-encoding,
 *    a fragment, and segments some server takes for a dot segment or for nothing (`..;a`, `...`, `..%20`, `;a`).
 * The query is kept byte for byte: no rule looks at it.
 */

/** `host` is the Host header, needed for the absolute form; `method` decides about the asterisk form. */
export function parseTarget(rawTarget: string, host = '', method = 'GET'): Target {
  if (rawTarget.length > targetBytesMax) return refused('The target is too long.');
  if (rawTarget === '*') {
    return method === 'OPTIONS' ? { kind: 'ok', path: '*', query: '' } : refused('The target * belongs to OPTIONS.');
  }
  const origin = rawTarget.charCodeAt(0) === slash ? rawTarget : originForm(rawTarget, host);
  if (origin === null) return refused('The target is neither a path nor an address of this host.');
  const mark = origin.indexOf('?');
  const query = mark === -1 ? '' : origin.slice(mark);
  if (!isQueryClean(query)) return refused('The query contains something other than printable ASCII.');
  const rawPath = mark === -1 ? origin : origin.slice(0, mark);
  if (isNormalPath(rawPath)) return { kind: 'ok', path: rawPath, query };
  return normalise(rawPath, query);
}

const slash = 0x2f;
const refused = (detail: string): Target => ({ kind: 'refused', detail });

/** Strips `http://HOST` where HOST is the one of the Host header, so that an absolute target can't name another shop. */
function originForm(rawTarget: string, host: string): string | null {
  const scheme = /^https?:\/\//i.exec(rawTarget);
  if (scheme === null || host === '') return null;
  const rest = rawTarget.slice(scheme[0].length);
  if (rest.slice(0, host.length).toLowerCase() !== host.toLowerCase()) return null;
  const after = rest.slice(host.length);
  if (after === '' || after.startsWith('?')) return `/${after}`;
  return after.startsWith('/') ? after : null;
}

function isQueryClean(query: string): boolean {
  for (let at = 0; at < query.length; at += 1) {
    const code = query.charCodeAt(at);
    if (code < 0x21 || code > 0x7e || code === 0x23) return false;
  }
  return true;
}

const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
const bytesOf = (characters: string): Uint8Array => {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
};
const isUnreserved = bytesOf(unreserved);
/** What a path may hold as it stands (RFC 3986 pchar), the percent sign aside. */
const isPlain = bytesOf(`${unreserved}!$&'()*+,;=:@`);

/** The common case in one pass: plain characters, no empty segment, no segment that begins with `.` or `;`. */
function isNormalPath(path: string): boolean {
  let previous = 0;
  for (let at = 0; at < path.length; at += 1) {
    const code = path.charCodeAt(at);
    if (previous === slash && (code === slash || code === 0x2e || code === 0x3b)) return false;
    if (isPlain[code] !== 1 && code !== slash) return false;
    previous = code;
  }
  return true;
}

function normalise(rawPath: string, query: string): Target {
  const kept: string[] = [];
  let endsOpen = false;
  for (const rawSegment of rawPath.split('/')) {
    const segment = normaliseSegment(rawSegment);
    if (segment.kind === 'refused') return segment;
    const { text } = segment;
    endsOpen = text === '' || text === '.' || text === '..';
    if (text === '..') kept.pop();
    else if (!endsOpen && namesNothing(text)) return refused('A path segment can be read as a dot segment.');
    else if (!endsOpen) kept.push(text);
  }
  const path = kept.length === 0 ? '/' : `/${kept.join('/')}${endsOpen ? '/' : ''}`;
  return path.length > targetBytesMax ? refused('The target is too long.') : { kind: 'ok', path, query };
}

type Segment = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'refused'; readonly detail: string };
const refusedSegment = (detail: string): Segment => ({ kind: 'refused', detail });

function normaliseSegment(raw: string): Segment {
  let text = '';
  let hasUtf8 = false;
  for (let at = 0; at < raw.length; at += 1) {
    const code = raw.charCodeAt(at);
    if (code !== 0x25) {
      if (isPlain[code] === 1) text += raw[at];
      else if (code <= 0x20 || code >= 0x7f) return refusedSegment('The path is not printable ASCII.');
      else if (code === 0x5c || code === 0x23) return refusedSegment('The path contains a backslash or a fragment.');
      else text += encodeByte(code);
      continue;
    }
    const byte = decodeByte(raw, at + 1);
    if (byte === -1) return refusedSegment('The path contains a broken percent-encoding.');
    if (byte === slash || byte === 0x5c) return refusedSegment('The path contains an encoded slash or backslash.');
    if (byte < 0x20 || byte === 0x7f) return refusedSegment('The path contains an encoded control character.');
    if (byte >= 0x80) hasUtf8 = true;
    text += isUnreserved[byte] === 1 ? String.fromCharCode(byte) : encodeByte(byte);
    at += 2;
  }
  if (hasUtf8 && !isUtf8(text)) return refusedSegment('The path is not UTF-8.');
  if (/%25[0-9A-Fa-f]{2}/.test(text)) return refusedSegment('The path is percent-encoded twice.');
  return { kind: 'text', text };
}

const encodeByte = (byte: number): string => `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;

function decodeByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high === -1 || low === -1 ? -1 : high * 16 + low;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function isUtf8(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    // The one thing it throws for is the answer asked for.
    return false;
  }
}

/**
 * Java servers cut `;…` off a segment, Windows dots and blanks at its end: something has to be left. Decoding first
 * covers the servers that cut after decoding as well.
 */
const namesNothing = (segment: string): boolean => trimSegment(cutParameters(decodeURIComponent(segment))) === '';

/**
 * The form rooms are compared in: as the most liberal shop would read the path, so parameters of segments, encodings,
 * blanks and dots at the end of a segment and letter case make no difference. Wants a path that `parseTarget` gave.
 */
export function foldPath(path: string): string {
  const isBare = !path.includes('%') && !path.includes(';') && !path.includes('./') && !path.endsWith('.');
  if (isBare) return path.toLowerCase();
  return cutParameters(literalPath(path)).split('/').map(trimSegment).join('/').toLowerCase();
}

/** The path as a shop that decodes once reads it; letter case and parameters stay. */
export const literalPath = (path: string): string => (path.includes('%') ? decodeURIComponent(path) : path);

const cutParameters = (path: string): string => (path.includes(';') ? path.replace(/;[^/]*/g, '') : path);

function trimSegment(segment: string): string {
  let end = segment.length;
  while (end > 0 && (segment[end - 1] === '.' || segment[end - 1] === ' ')) end -= 1;
  return end === segment.length ? segment : segment.slice(0, end);
}
