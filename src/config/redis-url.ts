// The address of one Redis: "redis://user:password@host:6379/0", "rediss://" for TLS. Messages never repeat the text,
// since it may carry a password.
import { isHostName } from './address.ts';
import { type Parsed, parsed, refused } from './parsed.ts';
import type { Address } from './settings.ts';

export interface RedisUrl {
  readonly server: Address;
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
  readonly tls: boolean;
}

const hint = 'write "redis://host:6379/0", or "rediss://" for TLS';

export function parseRedisUrl(text: string): Parsed<RedisUrl> {
  if (!/^rediss?:\/\//i.test(text))
    return refused(`the address of Redis must start with redis:// or rediss://: ${hint}`);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || /[\s\\]/.test(text)) return refused(`this is not an address: ${hint}`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!url.hostname.startsWith('[') && !isHostName(host))
    return refused(`the address of Redis has no valid host: ${hint}`);
  if (url.search !== '' || url.hash !== '') return refused(`options behind "?" or "#" are not known: ${hint}`);
  const path = /^\/?(\d{0,4})$/.exec(url.pathname);
  if (path === null || url.port === '0')
    return refused(`what follows the host must be a port and a database number: ${hint}`);
  const username = decoded(url.username);
  const password = decoded(url.password);
  if (username === undefined || password === undefined)
    return refused('user name or password is not well percent-encoded');
  const server = { host, port: url.port === '' ? 6379 : Number(url.port) };
  const database = Number(path[1] ?? 0);
  return parsed({ server, username, password, database, tls: url.protocol.toLowerCase() === 'rediss:' });
}

function decoded(part: string): string | null | undefined {
  try {
    return part === '' ? null : decodeURIComponent(part);
  } catch {
    return undefined; // A lone "%": the caller says so.
  }
}
