// How to reach Redis, as the configuration says it; the adapter asks for no more than this.

export type RedisAddress = { readonly host: string; readonly port: number };

export type RedisServers =
  | { readonly kind: 'single'; readonly server: RedisAddress }
  | {
      readonly kind: 'sentinel';
      /** The name under which the sentinels watch the servers. */
      readonly name: string;
      readonly sentinels: readonly RedisAddress[];
      readonly username: string | null;
      readonly password: string | null;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] };

export type RedisSettings = {
  readonly servers: RedisServers;
  readonly username: string | null;
  readonly password: string | null;
  /** 0 on a Cluster. */
  readonly database: number;
  readonly tls: boolean;
  /** A file with the certificates that vouch for the servers; null: those of the system. */
  readonly caPath: string | null;
  /** Put before every key, with a colon. */
  readonly keyPrefix: string;
};

export function nameServers({ servers }: RedisSettings): string {
  const name = ({ host, port }: RedisAddress) => `${host}:${port}`;
  switch (servers.kind) {
    case 'single':
      return name(servers.server);
    case 'sentinel':
      return `"${servers.name}" of the sentinels ${servers.sentinels.map(name).join(', ')}`;
    case 'cluster':
      return `the Cluster ${servers.nodes.map(name).join(', ')}`;
  }
}
