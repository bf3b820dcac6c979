// The contract suite on a real Redis. A crash is a process that says nothing any more: its store is left open, unused,
// until the end; another opens what it left.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { QueueStore } from '../../src/store/queue-store.ts';
import { RedisStore } from '../../src/store/redis/redis-store.ts';
import { RedisProcess } from '../support/redis-process.ts';
import { queueStoreContract } from './queue-store-contract.ts';
import type { StoreRig } from './store-rig.ts';

let server: RedisProcess;
beforeAll(async () => {
  server = await RedisProcess.start();
});
afterAll(() => server.remove());

async function newRig(): Promise<StoreRig> {
  const stores: QueueStore[] = [];
  const settings = { ...server.settings, keyPrefix: randomBytes(6).toString('hex') };
  const open = async () => {
    const store = await RedisStore.open(settings, {
      onFailure: error => {
        throw error;
      },
    });
    stores.push(store);
    return store;
  };
  return {
    open,
    async reopen(store) {
      await store.close();
      return open();
    },
    crash: open,
    async end() {
      for (const store of stores) await store.close();
    },
  };
}

queueStoreContract('Redis store', { newRig });
