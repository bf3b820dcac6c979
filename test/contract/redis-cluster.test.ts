// The contract suite on a real Redis Cluster of three masters.

import { afterAll, beforeAll } from 'vitest';
import { RedisStore } from '../../src/store/redis/redis-store.ts';
import { RedisCluster } from '../support/redis-cluster.ts';
import { randomPrefix } from '../support/redis-rig.ts';
import { queueStoreContract } from './queue-store-contract.ts';
import { redisRig } from './redis-store-rig.ts';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await RedisCluster.start();
});
afterAll(() => cluster.remove());

queueStoreContract('Redis store on a Cluster', {
  newRig: async () => {
    const settings = { ...cluster.settings, keyPrefix: randomPrefix() };
    return redisRig(onFailure => RedisStore.open(settings, { onFailure }));
  },
});
