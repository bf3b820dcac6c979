// Operators' documents and logs on both stores.

import { afterAll, beforeAll } from 'vitest';
import { EmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { RedisStore } from '../../src/store/redis/redis-store.ts';
import { RedisProcess } from '../support/redis-process.ts';
import { randomPrefix } from '../support/redis-rig.ts';
import { newStoreFolder, removeStoreFolder } from '../support/store-folder.ts';
import { type OperatorsRig, operatorsContract } from './operators-contract.ts';

let server: RedisProcess;
beforeAll(async () => {
  server = await RedisProcess.start();
});
afterAll(() => server.remove());

type Opened = Awaited<ReturnType<OperatorsRig['open']>>;

function rigOf(openStore: () => Promise<Opened>, clean: () => void): OperatorsRig {
  let store: Opened | null = null;
  const open = async () => {
    await store?.close();
    store = await openStore();
    return store;
  };
  return {
    open,
    reopen: open,
    async end() {
      await store?.close();
      clean();
    },
  };
}

operatorsContract('embedded', async () => {
  const folder = newStoreFolder();
  return rigOf(
    () => EmbeddedStore.open(folder, { nowMs: () => Date.now() }),
    () => removeStoreFolder(folder),
  );
});

operatorsContract('Redis', async () => {
  const settings = { ...server.settings, keyPrefix: randomPrefix() };
  const onFailure = (error: unknown) => {
    throw error;
  };
  return rigOf(
    () => RedisStore.open(settings, { onFailure }),
    () => undefined,
  );
});
