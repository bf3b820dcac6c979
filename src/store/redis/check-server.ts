// What a server must be before Junban keeps a line on it, and the remedy where it is not. Reads what INFO tells.

import type { RedisSettings } from './redis-settings.ts';
import { handshakeRefusal } from './trusted-authority.ts';

const versionMin = 7;
const slotCount = '16384';

export type ServerFacts = {
  /** Changes whenever the server's process does. */
  readonly runId: string;
  /** Why this server cannot be used, with the remedy; null when it can. */
  readonly refusal: string | null;
  /** What an operator should know though the server can be used. */
  readonly warnings: readonly string[];
};

/** `info` is the answer to INFO, `clusterInfo` that to CLUSTER INFO where a Cluster is meant. */
export function checkServer(info: string, clusterInfo: string | null, { servers }: RedisSettings): ServerFacts {
  const facts = factsOf(info);
  return {
    runId: facts.get('run_id') ?? '',
    refusal:
      tooOld(facts) ??
      wrongKind(facts, servers.kind) ??
      readOnly(facts) ??
      evicting(facts) ??
      missingSlots(clusterInfo),
    warnings: warningsAbout(facts),
  };
}

/** Why a Cluster cannot be used, as far as one of its nodes can tell; null when it can tell nothing against it. */
export function refusalByNode(info: string, clusterInfo: string, { servers }: RedisSettings): string | null {
  const facts = factsOf(info);
  return tooOld(facts) ?? wrongKind(facts, servers.kind) ?? missingSlots(clusterInfo);
}

type Facts = ReadonlyMap<string, string>;

function factsOf(info: string): Facts {
  const lines = info.split(/\r?\n/).filter(line => line.includes(':'));
  return new Map(lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

function tooOld(facts: Facts): string | null {
  const version = facts.get('valkey_version') ?? facts.get('redis_version') ?? '0';
  if (Number.parseInt(version, 10) >= versionMin) return null;
  return `the server is version ${version}: Redis ${versionMin} or Valkey ${versionMin} or later is needed`;
}

function wrongKind(facts: Facts, kind: RedisSettings['servers']['kind']): string | null {
  const isCluster = facts.get('cluster_enabled') === '1';
  if (facts.get('redis_mode') === 'sentinel') return 'this is a Sentinel: name it in the sentinel form of store';
  if (isCluster && kind !== 'cluster') return 'this server is part of a Cluster: use the cluster form of store';
  if (!isCluster && kind === 'cluster') return 'this server is no Cluster: use the url form of store';
  return null;
}

function readOnly(facts: Facts): string | null {
  if (facts.get('role') === 'master') return null;
  const master = `${facts.get('master_host') ?? '?'}:${facts.get('master_port') ?? '?'}`;
  return `this server is a read-only replica: name its master (${master}), or use the sentinel form of store`;
}

function evicting(facts: Facts): string | null {
  const policy = facts.get('maxmemory_policy') ?? 'noeviction';
  if (policy === 'noeviction') return null;
  return `maxmemory-policy is "${policy}", with which Redis throws places away when memory is short: set it to "noeviction"`;
}

function missingSlots(clusterInfo: string | null): string | null {
  if (clusterInfo === null) return null;
  const facts = factsOf(clusterInfo);
  const served = facts.get('cluster_slots_ok') ?? '0';
  if (facts.get('cluster_slots_assigned') === slotCount && served === slotCount) return null;
  return `the Cluster serves ${served} of ${slotCount} slots: "redis-cli --cluster fix" assigns what is missing`;
}

function warningsAbout(facts: Facts): string[] {
  if (facts.get('aof_enabled') !== '0') return [];
  return ['appendonly is off: a restart of Redis loses what was written since its last snapshot; set "appendonly yes"'];
}

/** The sentence for a refusal by Redis itself; null when the error is none. */
export function refusalIn(message: string, settings: RedisSettings): string | null {
  const { username, database } = settings;
  const user = username ?? 'default';
  if (message.startsWith('WRONGPASS')) {
    return `Redis refuses the password of user "${user}": check store.url, or JUNBAN_STORE_PASSWORD and the ACL of the server`;
  }
  if (message.startsWith('NOAUTH')) return 'Redis wants a password and none is configured: set it in store';
  if (/^(?:ERR )?AUTH .*without any password/.test(message)) return null;
  if (/DB index is out of range/.test(message)) {
    return `Redis has no database ${database}: name another one in store.url, or raise "databases" of the server`;
  }
  if (message.startsWith('NOPERM') || /ACL failure in script|user executing the script can't/.test(message)) {
    return `Redis denies user "${user}" what Junban needs: deploy/redis/users.acl has the permissions (${message})`;
  }
  return handshakeRefusal(message, settings);
}

/** What Redis said, as operators read it. */
export function wordRefusal(message: string, settings: RedisSettings): string {
  return refusalIn(message, settings) ?? wordRefusedWrite(message) ?? `Redis: ${message}`;
}

/** Writes that a server does not take at present, with the remedy. */
function wordRefusedWrite(message: string): string | null {
  if (/^(?:ERR )?(?:Redis: )?-?OOM|OOM command not allowed/.test(message)) {
    return `Redis is out of memory: raise "maxmemory", or remove what others keep there (${message})`;
  }
  if (/^-?NOREPLICAS|NOREPLICAS Not enough/.test(message)) {
    return `Redis takes no writes without its replicas: see to them, or to "min-replicas-to-write" (${message})`;
  }
  if (/MISCONF/.test(message)) return `Redis takes no writes because it cannot save: look at its disk (${message})`;
  if (/^CLUSTERDOWN|Too many Cluster redirections/.test(message)) {
    return `the Cluster does not serve every slot: "redis-cli --cluster check" says what is missing (${message})`;
  }
  if (/^READONLY|READONLY You can't write/.test(message)) {
    return `the server became a read-only replica: its master is looked for (${message})`;
  }
  return null;
}
