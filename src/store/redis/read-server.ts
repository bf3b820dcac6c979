// Asks the server what it is, or all masters of a Cluster what they are, and has that checked.

import { checkServer, type ServerFacts } from './check-server.ts';
import type { RedisClient } from './open-client.ts';
import type { RedisSettings } from './redis-settings.ts';
import { unavailable } from './server-error.ts';

/** `within` bounds how long each answer may take. */
export async function readServer(
  client: RedisClient,
  settings: RedisSettings,
  within: <Answer>(send: () => Promise<Answer>) => Promise<Answer>,
): Promise<ServerFacts> {
  if (!('nodes' in client)) {
    const { database } = settings;
    // The client goes on in database 0 where it cannot have the one it is told. // ST122
    if (database !== 0) await within(() => client.select(database));
    return checkServer(await within(() => client.info()), null, settings);
  }
  const clusterInfo = await within(() => client.cluster('INFO'));
  const infos = await Promise.all(client.nodes('master').map(node => within(() => node.info())));
  const checked = infos.map(info => checkServer(info, String(clusterInfo), settings));
  const first = checked.find(({ refusal }) => refusal !== null) ?? checked[0];
  if (first === undefined) throw unavailable('the Cluster has no master');
  return { ...first, warnings: [...new Set(checked.flatMap(({ warnings }) => warnings))] };
}
