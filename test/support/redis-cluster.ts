// A Redis Cluster of masters for tests, its slots spread evenly, and the moving of one slot.

import { Redis } from 'ioredis';
import type { RedisSettings } from '../../src/store/redis/redis-settings.ts';
import { RedisProcess, singleSettings } from './redis-process.ts';

const slotCount = 16_384;
const options = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '1000' };

export class RedisCluster {
  readonly nodes: readonly RedisProcess[];
  readonly #replicas: RedisProcess[] = [];

  static async start(nodeCount = 3): Promise<RedisCluster> {
    const nodes = await Promise.all(Array.from({ length: nodeCount }, () => RedisProcess.start(options)));
    const cluster = new RedisCluster(nodes);
    for (const [index, node] of nodes.entries()) {
      const first = Math.floor((index * slotCount) / nodeCount);
      const last = Math.floor(((index + 1) * slotCount) / nodeCount) - 1;
      await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      await node.command('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last));
      const [head = node] = nodes;
      if (node !== head) {
        await node.command('CLUSTER', 'MEET', '127.0.0.1', String(head.port), String(head.busPort));
      }
    }
    for (const node of nodes) await untilOk(node, nodeCount);
    return cluster;
  }

  private constructor(nodes: readonly RedisProcess[]) {
    this.nodes = nodes;
  }

  get settings(): RedisSettings {
    const servers = { kind: 'cluster', nodes: this.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) } as const;
    return { ...singleSettings(0), servers };
  }

  async ownerOf(key: string): Promise<RedisProcess> {
    const slot = await this.#slotOf(key);
    for (const node of this.nodes) {
      for (const [first, last, owner] of rangesOf(await node.command('CLUSTER', 'SLOTS'))) {
        const found = this.nodes.find(({ port }) => port === owner);
        if (slot >= first && slot <= last && found !== undefined) return found;
      }
    }
    throw new Error(`nobody has slot ${slot}`);
  }

  /** Moves the slot of a key, key by key, to another node while it is used. */
  async moveSlotOf(key: string): Promise<void> {
    const slot = String(await this.#slotOf(key));
    const from = await this.ownerOf(key);
    const to = this.nodes.find(node => node !== from) ?? from;
    const [fromId, toId] = [String(await from.command('CLUSTER', 'MYID')), String(await to.command('CLUSTER', 'MYID'))];
    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
    const client = new Redis({ port: from.port });
    for (;;) {
      const keys = await client.cluster('GETKEYSINSLOT', Number(slot), 1);
      if (keys.length === 0) break;
      await client.call('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys.map(String));
    }
    client.disconnect();
    for (const node of [to, from, ...this.nodes]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
  }

  /** A slot of a node that is not the one of the key. */
  async otherSlotOf(node: RedisProcess, key: string): Promise<string> {
    const slot = await this.#slotOf(key);
    for (const [first, last, owner] of rangesOf(await node.command('CLUSTER', 'SLOTS'))) {
      if (owner === node.port && first < last) return String(first === slot ? last : first);
    }
    throw new Error('the node has no other slot');
  }

  /** Adds a replica of one node; it is up to date when this resolves, and the others know of it. */
  async addReplica(master: RedisProcess): Promise<RedisProcess> {
    const replica = await RedisProcess.start(options);
    this.#replicas.push(replica);
    await replica.command('CLUSTER', 'MEET', '127.0.0.1', String(master.port), String(master.busPort));
    for (const node of [replica, ...this.nodes]) await untilOk(node, this.nodes.length + this.#replicas.length);
    await replica.command('CLUSTER', 'REPLICATE', String(await master.command('CLUSTER', 'MYID')));
    for (let tries = 0; tries < 500; tries++) {
      const isOnline = String(await master.command('INFO', 'replication')).includes('state=online');
      const known = await Promise.all(this.nodes.map(node => node.command('CLUSTER', 'NODES')));
      if (isOnline && known.every(nodes => String(nodes).includes(' slave '))) return replica;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    throw new Error('the replica does not come up');
  }

  async remove(): Promise<void> {
    for (const node of [...this.#replicas, ...this.nodes]) await node.remove();
  }

  async #slotOf(key: string): Promise<number> {
    return Number(await this.nodes[0]?.command('CLUSTER', 'KEYSLOT', key));
  }
}

async function untilOk(node: RedisProcess, nodeCount: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const info = String(await node.command('CLUSTER', 'INFO'));
    if (info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodeCount}`)) return;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw new Error('the Cluster does not come together');
}

/** First slot, last slot, port of the owner. */
function rangesOf(reply: unknown): (readonly [number, number, number])[] {
  if (!Array.isArray(reply)) throw new Error('CLUSTER SLOTS has no answer');
  return reply.map(([first, last, owner]) => [Number(first), Number(last), Number(owner[1])] as const);
}
