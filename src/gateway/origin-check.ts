// Decides whether a WebSocket upgrade comes from a page that may speak for its user. Browsers send cookies with an
// upgrade from any site and let the site read the answers, so only the Origin tells a foreign page from ours.

export interface UpgradeRequest {
  /** '' = the header is absent. */
  readonly origin: string;
  readonly host: string;
  readonly secure: boolean;
  /** Whether the ticket came in a cookie, which a foreign page sends along without knowing it. */
  readonly usesCookie: boolean;
}

/** Further origins whose pages may follow a place, in the form `https://app.example:8443`; throws for any other form. */
export function buildAllowedOrigins(origins: readonly string[]): ReadonlySet<string> {
  return new Set(origins.map(readOrigin));
}

/**
 * WR17 Scheme, host and port have to equal the request's own or an allowed origin. Browsers always send Origin on an
 * upgrade, so its absence means an app: allowed with a bearer ticket, refused with a cookie. `null` is never allowed.
 */
export function isOriginAllowed(request: UpgradeRequest, allowed: ReadonlySet<string>): boolean {
  const { origin } = request;
  if (origin === '') return !request.usesCookie;
  return origin === ownOrigin(request.host, request.secure) || allowed.has(origin);
}

/** As browsers write it: lower case and without the default port of the scheme. */
export function ownOrigin(host: string, secure: boolean): string {
  const defaultPort = secure ? ':443' : ':80';
  const name = host.endsWith(defaultPort) ? host.slice(0, -defaultPort.length) : host;
  return `${secure ? 'https' : 'http'}://${name.toLowerCase()}`;
}

/** The pattern comes before the parser, which would forgive paths, user info and backslashes. */
function readOrigin(text: string): string {
  const url = /^https?:\/\/[^/?#@\\\s]+$/i.test(text) ? URL.parse(text) : null;
  if (url === null || url.hostname.includes('*')) {
    throw new Error(`allowed origin ${JSON.stringify(text)}: expected the form https://host or https://host:port`);
  }
  return url.origin;
}
