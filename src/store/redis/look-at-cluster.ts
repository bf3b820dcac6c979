// A look at a Cluster through one of its nodes, before the Cluster client is asked: that one never says what is amiss with
// a Cluster that does not serve.

import type { Redis } from 'ioredis';
import { refusalByNode } from './check-server.ts';
import { openNode } from './open-client.ts';
import type { RedisSettings } from './redis-settings.ts';

/** Why the Cluster cannot be used; null when no node tells, or no Cluster is meant. */
export async function lookAtCluster(settings: RedisSettings): Promise<string | null> {
  if (settings.servers.kind !== 'cluster') return null;
  for (const address of settings.servers.nodes) {
    const node = openNode(settings, address);
    // What ails a connection is told by the Cluster client as well, with its attempts.
    node.on('error', () => undefined);
    try {
      await node.connect();
      return refusalByNode(await node.info(), await clusterInfoOf(node), settings);
    } catch {
      // Not reached, or not allowed to ask: another node may tell, and if none does the start goes on and reports it.
    } finally {
      node.disconnect();
    }
  }
  return null;
}

/** A server that is no Cluster refuses the question; INFO has told so by then. */
async function clusterInfoOf(node: Redis): Promise<string> {
  return String(await node.cluster('INFO').catch(() => ''));
}
