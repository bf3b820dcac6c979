// When the certificates run out that the servers of Redis showed us: read off the connections that stand, at the time of
// asking.

import { TLSSocket } from 'node:tls';
import { Cluster } from 'ioredis';
import type { RedisClient } from './open-client.ts';

/** The first of them; null without TLS, or while there is no connection. */
export function certificateEndsAtMs(client: RedisClient): number | null {
  const nodes = client instanceof Cluster ? client.nodes('all') : [client];
  const ends = nodes.flatMap(({ stream }) => {
    if (!(stream instanceof TLSSocket) || stream.destroyed) return [];
    const endsAtMs = Date.parse(stream.getPeerCertificate().valid_to);
    return Number.isNaN(endsAtMs) ? [] : [endsAtMs];
  });
  return ends.length === 0 ? null : Math.min(...ends);
}
