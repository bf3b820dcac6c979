// Who vouches for the servers behind TLS: the certificates of a file, or those that the system trusts.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StoreError } from '../store-error.ts';
import type { RedisSettings } from './redis-settings.ts';

/** Throws StoreError when the file has no certificate. */
export function trustIn({ caPath }: RedisSettings): { readonly ca?: string } {
  if (caPath === null) return {};
  const refuse = (why: string, cause: unknown) =>
    new StoreError('unavailable', `store: ${caPath} (store.caFile) ${why}`, { cause });
  let pem: string;
  try {
    pem = readFileSync(caPath, 'utf8');
  } catch (cause) {
    throw refuse(`cannot be read: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw refuse('holds no certificate: it must be PEM, "-----BEGIN CERTIFICATE-----"', cause);
  }
  return { ca: pem };
}

/** The sentence for a handshake that failed; null when the error is none. */
export function handshakeRefusal(message: string, { tls, caPath }: RedisSettings): string | null {
  const trusted =
    caPath === null ? 'the authorities of the system (or name yours in store.caFile)' : `${caPath} (store.caFile)`;
  if (/self-signed certificate|unable to (?:verify|get)|unable to get local issuer/.test(message)) {
    return `the certificate of Redis is not vouched for by ${trusted}: ${message}`;
  }
  if (/certificate has expired|certificate is not yet valid/.test(message))
    return `the certificate of Redis: ${message}`;
  if (/does not match certificate's altnames/.test(message)) {
    return `the certificate of Redis is for another host than store names: ${message}`;
  }
  if (tls && /SSL routines|SSL alert/.test(message)) return `Redis and this gateway find no common TLS: ${message}`;
  return null;
}

/** What may be amiss where a server takes the connection and then says nothing that can be understood; '' nothing. */
export function tlsHint(message: string, { tls }: RedisSettings): string {
  if (tls && /ETIMEDOUT/.test(message)) return ' (where it has no TLS, write redis://, or tls: false)';
  if (!tls && /closed|ECONNRESET|Protocol error/i.test(message))
    return ' (where it has TLS, write rediss://, or tls: true)';
  return '';
}
