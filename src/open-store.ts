// Opens what the configuration names as store, with what goes with it: the other gateways, their common clock, the keys.
// Wiring only.

import { join } from 'node:path';
import type { Settings } from './config/settings.ts';
import type { Clock } from './flow/clock.ts';
import { junbanVersion } from './junban-version.ts';
import { type Log, tellTo } from './process-log.ts';
import { EmbeddedStore } from './store/embedded/embedded-store.ts';
import type { OperatorsStore } from './store/operators-store.ts';
import type { QueueStore } from './store/queue-store.ts';
import { RedisStore } from './store/redis/redis-store.ts';
import type { RoomExchange } from './store/room-exchange.ts';
import { systemClock } from './system-clock.ts';
import { type KeyPlace, type KeyStore, keysInFolder, keysInStore, shareKeys } from './tokens/key-place.ts';

export type OpenStore = {
  readonly store: QueueStore & { readonly operators: OperatorsStore };
  /** How the gateways of one store find each other; null where there is one gateway only. */
  readonly exchange: RoomExchange | null;
  /** The clock on which all gateways agree. */
  readonly clock: Clock;
  /** Where the keys are unless a folder is configured; null: the store keeps none. */
  readonly keyStore: KeyStore | null;
  /** When the certificate that the store showed runs out; null without TLS, or while there is no connection. */
  readonly certificateEndsAtMs: () => number | null;
};

export async function openStore({ store: settings }: Pick<Settings, 'store'>, log: Log): Promise<OpenStore> {
  if (settings.kind === 'embedded') {
    const store = await EmbeddedStore.open(settings.path, { nowMs: () => systemClock.nowMs() });
    return { store, exchange: null, clock: systemClock, keyStore: null, certificateEndsAtMs: () => null };
  }
  const store = await RedisStore.open(settings, {
    version: await junbanVersion(),
    onFailure: tellTo(log).onFailure,
    isOfKeyRing: shareKeys,
    onLoss: room => log.error({ room }, 'Redis lost writes: what this gateway knows was put back'),
    onGivenUp: (room, changes) =>
      log.error({ room, changes }, 'Redis lost writes, and others went on without them: what they said is lost'),
  });
  for (const warning of store.warnings) log.warn({ warning }, 'Redis can be used, with a risk');
  const clock: Clock = { ...systemClock, nowMs: () => store.nowMs() };
  const certificateEndsAtMs = () => store.certificateEndsAtMs();
  return { store, exchange: store.exchange, clock, keyStore: store, certificateEndsAtMs };
}

/** Rejects as `openStore` does when a store that processes share cannot be used. */
export async function lookAtStore({ store: settings }: Pick<Settings, 'store'>): Promise<void> {
  if (settings.kind === 'embedded') return;
  const ignore = () => undefined;
  const store = await RedisStore.open(settings, { onFailure: ignore, isOfKeyRing: shareKeys });
  await store.close();
}

/** The folder that is configured; else the store, if gateways share it, or a folder inside the store's. */
export function keyPlaceOf({ keys, store }: Settings, keyStore: KeyStore | null): KeyPlace {
  if (keys.path !== null) return keysInFolder(keys.path);
  if (store.kind === 'embedded') return keysInFolder(join(store.path, 'keys'));
  if (keyStore === null) throw new Error('a store that gateways share keeps their keys');
  return keysInStore(keyStore);
}
