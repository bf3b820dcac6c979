// The rig of the Redis store. A crash is a process that says nothing any more: its store is left open, unused, until the
// end; another opens what it left.

import type { QueueStore } from '../../src/store/queue-store.ts';
import type { StoreRig } from './store-rig.ts';

export function redisRig(openStore: (onFailure: (error: unknown) => void) => Promise<QueueStore>): StoreRig {
  const stores: QueueStore[] = [];
  const open = async () => {
    const store = await openStore(error => {
      throw error;
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
    leftOverMax: 5_000,
    async end() {
      for (const store of stores) await store.close();
    },
  };
}
