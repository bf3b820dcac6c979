// Path prefixes of the configuration: our own prefix, and what a room matches and passes by.
// Matching requests against them is the gateway's; here they are only read and compared.
import { type Parsed, parsed, refused } from './parsed.ts';

/** A prefix must be what is left after normalisation, else it could never match. */
export function parsePathPrefix(text: string): Parsed<string> {
  const shown = JSON.stringify(text.slice(0, 80));
  if (!text.startsWith('/')) return refused(`${shown} must start with "/"`);
  if (text.includes(';'))
    return refused(`${shown} must be written without ";": parameters of segments are not matched`);
  if (/[?#]/.test(text)) return refused(`${shown} must be a path only, without "?" or "#"`);
  if (/[\s\p{C}\\"<>^`{|}]/u.test(text)) return refused(`${shown} has a character that must be percent-encoded`);
  if (!isEscapedSafely(text)) {
    return refused(`${shown} has an escape that no request path keeps: write plain characters as they are`);
  }
  if (/\/\//.test(text) || /\/\.{1,2}(\/|$)/.test(text))
    return refused(`${shown} must not contain "//", "/./" or "/../"`);
  return parsed(text);
}

/** Escapes of other scripts' letters are good; of ASCII only a blank within a word, the rest has a plain form or a danger. */
function isEscapedSafely(text: string): boolean {
  if (/%[0-7]/.test(text.replace(/(?<=[a-z0-9])%20(?=[a-z0-9])/gi, ''))) return false;
  return text.isWellFormed() && isDecodable(text);
}

function isDecodable(text: string): boolean {
  try {
    return !/[\s\p{C}]/u.test(decodeURIComponent(text).replaceAll(' ', ''));
  } catch {
    return false; // A cut escape, or bytes that are not UTF-8.
  }
}

/** Junban's own prefix: never "/", since the shop lives there. */
export function parseOwnPrefix(text: string): Parsed<string> {
  const shown = JSON.stringify(text.slice(0, 80));
  if (!text.startsWith('/')) return refused(`${shown} must start with "/", as in "/_junban"`);
  if (text === '/') return refused('"/" would leave no path for the shop: write one as in "/_junban"');
  if (text.endsWith('/')) return refused(`${shown} must not end with "/"`);
  if (!/^(\/[a-z0-9_~-][a-z0-9._~-]*)+$/i.test(text) || text.length > 64) {
    return refused(`${shown} may hold letters, digits and "_", "-", ".", "~" between slashes, 64 characters at most`);
  }
  return parsed(text);
}

/** "/a/" and "/a" match the same requests. */
export const withoutSlashAtEnd = (path: string): string => (path.length > 1 ? path.replace(/\/$/, '') : path);

/** Is `path` the prefix itself or below it, on a segment border? */
export function isUnder(path: string, prefix: string): boolean {
  const plain = withoutSlashAtEnd(path);
  return plain === prefix || plain.startsWith(`${prefix}/`);
}
