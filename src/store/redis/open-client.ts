// Opens connections as the settings say. Nothing is queued while there is none, nothing is sent twice.

import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress, RedisSettings } from './redis-settings.ts';
import { trustIn } from './trusted-authority.ts';

export type RedisClient = Redis | Cluster;

/** A server that says nothing for so long, asked several times meanwhile, is behind a dead connection. */
const silenceMsMax = 4_000;
const connectMsMax = 2_000;
const reconnectAfterMsMax = 500;
/** The keys of a room may move while they are asked for: the new place is asked at once. */
const redirectionsMax = 8;
const beginAgainAfterMs = 100;

export function openClient(settings: RedisSettings): RedisClient {
  const { servers } = settings;
  if (servers.kind === 'cluster') {
    const nodes = servers.nodes.map(({ host, port }) => ({ host, port }));
    return new Cluster(nodes, clusterOptions(settings));
  }
  const base = { ...optionsOf(settings), db: settings.database, retryStrategy: reconnectAfterMs };
  if (servers.kind === 'single') return new Redis({ ...base, host: servers.server.host, port: servers.server.port });
  return new Redis({
    ...base,
    name: servers.name,
    sentinels: servers.sentinels.map(({ host, port }) => ({ host, port })),
    ...(servers.username === null ? {} : { sentinelUsername: servers.username }),
    ...(servers.password === null ? {} : { sentinelPassword: servers.password }),
    ...(settings.tls ? { enableTLSForSentinelMode: true, sentinelTLS: trustIn(settings) } : {}),
    // A hung old master does not close its connections: the sentinels tell of its successor.
    failoverDetector: true,
    sentinelReconnectStrategy: reconnectAfterMs,
    sentinelRetryStrategy: reconnectAfterMs,
    sentinelCommandTimeout: connectMsMax,
  });
}

/**
 * A client may give up for good, whatever its strategies say: ioredis 6.0 does when a sentinel tells of a failover while
 * it asks that sentinel for the master. It begins again, until the returned function says that it shall end. // ST143
 */
export function keepConnecting(client: RedisClient): () => void {
  let timer: NodeJS.Timeout | undefined;
  const beginAgain = () => {
    // What fails is told as an error event, and tried again after the next end.
    timer = setTimeout(() => void client.connect().catch(() => undefined), beginAgainAfterMs);
  };
  client.on('end', beginAgain);
  return () => {
    client.off('end', beginAgain);
    clearTimeout(timer);
  };
}

/** Connections to listen on: a Cluster tells at any node what is said at another one. // ST191 */
export function listenBeside(commands: RedisClient, settings: RedisSettings): () => Redis | null {
  if (commands instanceof Redis) return () => commands.duplicate();
  let last = '';
  return () => {
    const addresses = commands.nodes('master').map(({ options: { host = '', port = 0 } }) => ({ host, port }));
    const others = addresses.filter(address => nameOf(address) !== last);
    const choice = others.length > 0 ? others : addresses;
    const address = choice[Math.floor(Math.random() * choice.length)];
    if (address === undefined) return null;
    last = nameOf(address);
    const node = openNode(settings, address);
    // What fails is told as an error event; the end follows.
    node.connect().catch(() => undefined);
    return node;
  };
}

function nameOf({ host, port }: RedisAddress): string {
  return `${host}:${port}`;
}

/** A connection to one node of a Cluster, for a look at it before the Cluster is asked; it tries once. */
export function openNode(settings: RedisSettings, { host, port }: RedisAddress): Redis {
  return new Redis({ ...optionsOf(settings), host, port, lazyConnect: true, retryStrategy: () => null });
}

function optionsOf(settings: RedisSettings) {
  const { username, password, tls } = settings;
  return {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: trustIn(settings) } : {}),
    protocol: 2,
    disableClientInfo: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectMsMax,
    socketTimeout: silenceMsMax,
    keepAlive: 10_000,
    // A master that became a replica: another connection finds the new master; the command is not sent again.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions;
}

function clusterOptions(settings: RedisSettings) {
  return {
    enableOfflineQueue: false,
    maxRedirections: redirectionsMax,
    retryDelayOnFailover: 100,
    // All tries fit into the time that an answer may take: the reason is told, not that there was none.
    retryDelayOnClusterDown: 100,
    slotsRefreshTimeout: connectMsMax,
    slotsRefreshInterval: 5_000,
    clusterRetryStrategy: reconnectAfterMs,
    redisOptions: optionsOf(settings),
  } satisfies ClusterOptions;
}

function reconnectAfterMs(times: number): number {
  return Math.min(reconnectAfterMsMax, 50 * times);
}
