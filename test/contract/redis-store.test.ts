// The contract suite on a real Redis.

import { afterAll, beforeAll } from 'vitest';
import { RedisStore } from '../../src/store/redis/redis-store.ts';
import { RedisProcess } from '../support/redis-process.ts';
import { randomPrefix } from '../support/redis-rig.ts';
import { queueStoreContract } from './queue-store-contract.ts';
import { redisRig } from './redis-store-rig.ts';

let server: RedisProcess;
beforeAll(async () => {
  server = await RedisProcess.start();
});
afterAll(() => server.remove());

queueStoreContract('Redis store', {
  newRig: async () => {
    const settings = { ...server.settings, keyPrefix: randomPrefix() };
    return redisRig(onFailure => RedisStore.open(settings, { onFailure }));
  },
});
