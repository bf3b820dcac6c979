// Reads and writes our two cookies without parsing the others; the proxy cuts them out before the shop sees them. What stands in them is left to the tokens.

/** `__Host-` binds a cookie to this very host, path / and TLS, so no sibling host can plant one. */
const namePrefix = (secure: boolean): string => (secure ? '__Host-junban-' : 'junban-');

export const ticketCookieName = (room: string, secure: boolean): string => `${namePrefix(secure)}ticket-${room}`;
export const passCookieName = (room: string, secure: boolean): string => `${namePrefix(secure)}pass-${room}`;

/**
 * WR18 The value of a cookie, or null. Of duplicates the first counts: browsers send the longest path and then the
 * oldest first, and one fixed rule keeps a place where leaving out both would lose it. Over TLS there are no duplicates.
 */
export function readCookie(header: string, name: string): string | null {
  for (let at = header.indexOf(name); at !== -1; at = header.indexOf(name, at + name.length)) {
    const valueAt = at + name.length + 1;
    if (header.charCodeAt(valueAt - 1) !== equals || !startsPair(header, at)) continue;
    const end = header.indexOf(';', valueAt);
    return header.slice(valueAt, end === -1 ? header.length : end).trimEnd();
  }
  return null;
}

const equals = 0x3d;

function startsPair(header: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && (header[before] === ' ' || header[before] === '\t')) before -= 1;
  return before < 0 || header[before] === ';';
}

export interface CookieSettings {
  readonly secure: boolean;
  /** Rounded down to whole seconds: a cookie must not outlive what it carries. */
  readonly maxAgeMs: number;
}

/** The value of a Set-Cookie header; `value` is a token of ours, which needs no quoting. */
export function setCookie(name: string, value: string, settings: CookieSettings): string {
  const maxAgeSeconds = Math.max(0, Math.floor(settings.maxAgeMs / 1000));
  return `${name}=${value}; Max-Age=${maxAgeSeconds}; ${attributes(settings.secure)}`;
}

export const clearCookie = (name: string, secure: boolean): string => `${name}=; Max-Age=0; ${attributes(secure)}`;

/** Lax, not Strict: a fan who follows a link in a mail has to keep the place. */
const attributes = (secure: boolean): string => `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
