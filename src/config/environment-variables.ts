// The table of JUNBAN_ variables: which setting each one overrides. Reading and laying them over the file is overlay.ts.

export interface Variable {
  readonly name: string;
  /** The key it overrides, as in "ops.listen"; a secret that the file cannot hold has the key that it is shown under. */
  readonly key: string;
  readonly kind: 'text' | 'list' | 'path' | 'secret' | 'secret-key';
  readonly meaning: string;
}

/** A secret may come from a file as well, named by NAME_FILE. A "secret-key" is one that stands in the file too. */
export const variables: readonly Variable[] = [
  { name: 'JUNBAN_LISTEN', key: 'listen', kind: 'text', meaning: 'where fans and proxies connect, host:port' },
  { name: 'JUNBAN_PREFIX', key: 'prefix', kind: 'text', meaning: 'path prefix of everything of ours' },
  { name: 'JUNBAN_OPS_LISTEN', key: 'ops.listen', kind: 'text', meaning: 'where the ops listener listens, host:port' },
  { name: 'JUNBAN_OPS_TOKEN', key: 'ops.token', kind: 'secret', meaning: "the operators' token" },
  { name: 'JUNBAN_STORE_KIND', key: 'store.kind', kind: 'text', meaning: 'embedded or redis' },
  { name: 'JUNBAN_STORE_PATH', key: 'store.path', kind: 'path', meaning: 'folder of the store when it is embedded' },
  {
    name: 'JUNBAN_STORE_URL',
    key: 'store.url',
    kind: 'secret-key',
    meaning: 'address of a single Redis; takes the redis store',
  },
  { name: 'JUNBAN_STORE_USERNAME', key: 'store.username', kind: 'text', meaning: 'user name at Redis' },
  { name: 'JUNBAN_STORE_PASSWORD', key: 'store.password', kind: 'secret', meaning: 'password at Redis' },
  {
    name: 'JUNBAN_STORE_SENTINEL_PASSWORD',
    key: 'store.sentinel.password',
    kind: 'secret',
    meaning: 'password at the sentinels',
  },
  { name: 'JUNBAN_STORE_KEY_PREFIX', key: 'store.keyPrefix', kind: 'text', meaning: 'put before every key of ours' },
  { name: 'JUNBAN_KEYS_PATH', key: 'keys.path', kind: 'path', meaning: 'folder of the signing keys' },
  {
    name: 'JUNBAN_TRUSTED_PROXIES',
    key: 'trustedProxies',
    kind: 'list',
    meaning: 'address ranges, separated by commas',
  },
  {
    name: 'JUNBAN_LOG_LEVEL',
    key: 'log.level',
    kind: 'text',
    meaning: 'trace, debug, info, warn, error, fatal or silent',
  },
];

export const isSecret = (variable: Variable): boolean => variable.kind === 'secret' || variable.kind === 'secret-key';

/** Every legal name, the _FILE forms of secrets included. */
export const variableNames: readonly string[] = variables.flatMap(variable =>
  isSecret(variable) ? [variable.name, `${variable.name}_FILE`] : [variable.name],
);

/**
 * Kubernetes puts JUNBAN_SERVICE_HOST, JUNBAN_PORT=tcp://... and the like into every pod beside a service called
 * "junban" or "junban-...". Nobody wrote them for us, so they are no slips.
 */
export function isFromKubernetes(name: string, value: string): boolean {
  if (/^JUNBAN_(\w+_)?SERVICE_(HOST|PORT(_\w+)?)$/.test(name)) return true;
  if (/^JUNBAN_(\w+_)?PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name)) return true;
  return /^JUNBAN_(\w+_)?PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value);
}
