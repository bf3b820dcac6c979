// One gateway process: store, keys, rooms, public listener, ops listener; and its end in order. Wiring only.

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Settings } from './config/settings.ts';
import { Gateway } from './gateway/gateway.ts';
import { openOperations } from './open-operations.ts';
import { type OpenRoom, openRoom } from './open-room.ts';
import type { RoomReport } from './ops/room-report.ts';
import { buildPassTimeScript } from './page/pass-time.ts';
import { buildWaitingPage } from './page/waiting-page.ts';
import { EmbeddedStore } from './store/embedded/embedded-store.ts';
import type { OperatorsStore } from './store/operators-store.ts';
import type { QueueStore } from './store/queue-store.ts';
import { systemClock } from './system-clock.ts';
import { openKeyFolder } from './tokens/key-folder.ts';
import { watchKeyFolder } from './tokens/key-folder-watch.ts';
import { type Keys, openKeyRing, publicJwks } from './tokens/key-set.ts';

export type RunningGateway = {
  readonly port: number;
  readonly opsPort: number;
  /** A room as operators see it; null if there is no such room. */
  report(room: string): Promise<RoomReport | null>;
  /** Takes no new connections, tells devices to come back, puts everything on disk; settles within 10 s. */
  stop(): Promise<void>;
};

type Store = QueueStore & { readonly operators: OperatorsStore };

/** What a process tells its operators; pino fits. */
export type Log = {
  level: string;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};

/** Devices come back within this time after a gateway stopped. */
const reconnectJitterMs = 3_000;
/** How long requests that are under way may still take. */
const drainMsMax = 5_000;

export async function serve(settings: Settings, log: Log): Promise<RunningGateway> {
  const store = await openStore(settings);
  try {
    return await serveWith(settings, log, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function serveWith(settings: Settings, log: Log, store: Store): Promise<RunningGateway> {
  const onFailure = (error: unknown) => log.error({ err: error }, 'a failure that nobody expected');
  const keysPath = keyFolderOf(settings);
  const ring = await openKeyFolder(keysPath, systemClock.nowMs());
  let keys: Keys = await openKeyRing(ring);
  const holder = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const rooms = await Promise.all(
    settings.rooms.map(room =>
      openRoom({
        settings: room,
        prefix: settings.prefix,
        store,
        clock: systemClock,
        keys,
        holder,
        onFailure,
        onTrouble: (id, reason) => tellTrouble(log, id, reason),
        onRelay: (id, url, reason) => log.warn({ room: id, url, reason }, 'a drand relay gave no round'),
      }),
    ),
  );
  const stopWatchingKeys = watchKeyFolder(keysPath, ring, change => {
    if (change.kind === 'unusable') return log.error({ err: change.error }, 'the changed keys cannot be used');
    openKeyRing(change.ring).then(next => {
      keys = next;
      for (const room of rooms) room.useKeys(next);
      log.info({}, 'the signing keys were changed');
    }, onFailure);
  });
  const gateway = new Gateway({
    prefix: settings.prefix,
    trustedProxies: settings.trustedProxies,
    rooms: settings.rooms.flatMap(room => {
      const open = rooms.find(({ door }) => door.id === room.id);
      return open === undefined ? [] : [{ match: room, door: open.door }];
    }),
    page: await buildWaitingPage({ prefix: settings.prefix, room: null }),
    passTime: buildPassTimeScript(),
    jwks: () => JSON.stringify(publicJwks(keys, systemClock.nowMs())),
    nowMs: () => systemClock.nowMs(),
    onFailure,
  });
  const stopRooms = async () => {
    stopWatchingKeys();
    await Promise.all(rooms.map(room => room.stop()));
  };
  try {
    const operations = await openOperations({ settings, store, holder, gateway, rooms, log });
    const { host } = settings.listen;
    const port = await gateway.listen(host, settings.listen.port);
    log.info(
      { host, port, opsPort: operations.port, rooms: rooms.map(({ door }) => door.id) },
      'the gateway is listening',
    );
    return {
      port,
      opsPort: operations.port,
      report: room => operations.report(room),
      async stop() {
        await stopInOrder(gateway, rooms, stopRooms);
        await operations.close();
        await store.close();
      },
    };
  } catch (error) {
    gateway.close();
    await stopRooms();
    throw error;
  }
}

/** Devices first, so that they come back while nothing is lost; then what is under way in the shop; then the turns. */
async function stopInOrder(
  gateway: Gateway,
  rooms: readonly OpenRoom[],
  stopRooms: () => Promise<void>,
): Promise<void> {
  gateway.drain(reconnectJitterMs);
  await Promise.all(rooms.map(({ door }) => door.shop.close(drainMsMax)));
  await stopRooms();
  gateway.close();
}

async function openStore(settings: Settings): Promise<Store> {
  if (settings.store.kind === 'embedded') {
    return EmbeddedStore.open(settings.store.path, { nowMs: () => systemClock.nowMs() });
  }
  throw new Error('store.kind: this version of Junban has the embedded store only');
}

/** Where the signing keys are: the folder that is configured, or one inside the data folder. */
export function keyFolderOf({ keys, store }: Settings): string {
  if (keys.path !== null) return keys.path;
  if (store.kind === 'embedded') return join(store.path, 'keys');
  throw new Error('keys.path: name a folder for the signing keys');
}

function tellTrouble(log: Log, room: string, reason: string | null): void {
  if (reason === null) log.info({ room }, 'the store answers again, calling goes on');
  else log.error({ room, reason }, 'the store does not answer: nobody is called, places are kept');
}
