// The contract suite on the embedded store. A crash is played by copying the folder as it is at that instant; real
// processes die in test/integration/store.

import { EmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { QueueStore } from '../../src/store/queue-store.ts';
import { copyAsCrashed, newStoreFolder, removeStoreFolder } from '../support/store-folder.ts';
import { queueStoreContract } from './queue-store-contract.ts';
import type { StoreRig } from './store-rig.ts';

async function newRig(): Promise<StoreRig> {
  const folders = [newStoreFolder()];
  const stores: QueueStore[] = [];
  const openLast = async () => {
    const store = await EmbeddedStore.open(folders.at(-1) ?? '', { nowMs: () => Date.now() });
    stores.push(store);
    return store;
  };
  return {
    open: openLast,
    async reopen(store) {
      await store.close();
      return openLast();
    },
    async crash() {
      folders.push(copyAsCrashed(folders.at(-1) ?? ''));
      return openLast();
    },
    async end() {
      for (const store of stores) await store.close();
      for (const folder of folders) removeStoreFolder(folder);
    },
  };
}

queueStoreContract('embedded store', { newRig });
