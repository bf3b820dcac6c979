// One gateway process: store, keys, rooms, public listener, ops listener; and its end in order. Wiring only.

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Settings } from './config/settings.ts';
import { Gateway } from './gateway/gateway.ts';
import { openOperations } from './open-operations.ts';
import { type OpenRoom, openRoom } from './open-room.ts';
import { failureTo, keyPlaceOf, type Log, type OpenStore, openStore } from './open-store.ts';
import { measureStore, newStoreTally } from './ops/measured-store.ts';
import type { RoomReport } from './ops/room-report.ts';
import { buildPassTimeScript } from './page/pass-time.ts';
import { buildWaitingPage } from './page/waiting-page.ts';
import { RunTimeRooms, type ServedRoom } from './run-time-rooms.ts';
import { type Keys, openKeyRing, publicJwks } from './tokens/key-set.ts';

export type RunningGateway = {
  readonly port: number;
  readonly opsPort: number;
  /** A room as operators see it; null if there is no such room. */
  report(room: string): Promise<RoomReport | null>;
  /** Takes no new connections, tells devices to come back, puts everything on disk; settles within 10 s. */
  stop(): Promise<void>;
};

/** Devices come back within this time after a gateway stopped. */
const reconnectJitterMs = 3_000;
/** How long requests that are under way may still take. */
const drainMsMax = 5_000;

/** `sharesPort`: other gateway processes listen on the same port. */
export type ServeOptions = { readonly sharesPort: boolean };

export async function serve(
  settings: Settings,
  log: Log,
  options: ServeOptions = { sharesPort: false },
): Promise<RunningGateway> {
  const opened = await openStore(settings, log);
  try {
    return await serveWith(settings, log, opened, options);
  } catch (error) {
    await opened.store.close();
    throw error;
  }
}

async function serveWith(
  settings: Settings,
  log: Log,
  { store, exchange, clock, keyStore }: OpenStore,
  { sharesPort }: ServeOptions,
): Promise<RunningGateway> {
  const onFailure = failureTo(log);
  const storeTally = newStoreTally();
  measureStore(store, storeTally);
  const keyPlace = keyPlaceOf(settings, keyStore);
  const ring = await keyPlace.open(clock.nowMs());
  let keys: Keys = await openKeyRing(ring);
  const holder = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  let gateway: Gateway | null = null;
  const rooms = await RunTimeRooms.open({
    settings,
    store: store.operators,
    open: room =>
      openRoom({
        ...{ settings: room, prefix: settings.prefix, store, exchange, clock, keys, holder, onFailure },
        onTrouble: (id, reason) => tellTrouble(log, id, reason),
        onRelay: (id, url, reason) => log.warn({ room: id, url, reason }, 'a drand relay gave no round'),
      }),
    onChange: served => gateway?.useRooms(served.map(matched), reconnectJitterMs),
    onFailure,
  });
  const signsFromMs = () => keys.passes.find(key => key.signsFromMs <= clock.nowMs())?.signsFromMs ?? null;
  const stopWatchingKeys = keyPlace.watch(ring, change => {
    if (change.kind === 'unusable') return log.error({ err: change.error }, 'the changed keys cannot be used');
    openKeyRing(change.ring).then(next => {
      keys = next;
      for (const room of rooms.rooms) room.useKeys(next);
      log.info({}, 'the signing keys were changed');
    }, onFailure);
  });
  const listener = new Gateway({
    prefix: settings.prefix,
    trustedProxies: settings.trustedProxies,
    rooms: rooms.served.map(matched),
    page: await buildWaitingPage({ prefix: settings.prefix, room: null }),
    passTime: buildPassTimeScript(),
    jwks: () => JSON.stringify(publicJwks(keys, clock.nowMs())),
    nowMs: () => clock.nowMs(),
    onFailure,
  });
  gateway = listener;
  const stopRooms = async () => {
    stopWatchingKeys();
    await Promise.all(rooms.rooms.map(room => room.stop()));
  };
  try {
    const operations = await openOperations({
      settings,
      store,
      clock,
      holder,
      gateway: listener,
      rooms: () => rooms.rooms,
      book: rooms,
      log,
      storeTally,
      signsFromMs,
    });
    const { host } = settings.listen;
    const port = await listener.listen(host, settings.listen.port, sharesPort);
    log.info(
      { host, port, opsPort: operations.port, rooms: rooms.rooms.map(({ door }) => door.id) },
      'the gateway is listening',
    );
    return {
      port,
      opsPort: operations.port,
      report: room => operations.report(room),
      async stop() {
        rooms.stop();
        await stopInOrder(listener, rooms.rooms, stopRooms);
        await operations.close();
        await store.close();
      },
    };
  } catch (error) {
    rooms.stop();
    listener.close();
    await stopRooms();
    throw error;
  }
}

const matched = ({ settings, room }: ServedRoom) => ({ match: settings, door: room.door });

/** Devices first, so that they come back while nothing is lost; then what is under way in the shop; then the turns. */
async function stopInOrder(
  gateway: Gateway,
  rooms: readonly OpenRoom[],
  stopRooms: () => Promise<void>,
): Promise<void> {
  gateway.drain(reconnectJitterMs);
  await Promise.all(rooms.map(room => room.watchedShop.close(drainMsMax)));
  await stopRooms();
  gateway.close();
}

function tellTrouble(log: Log, room: string, reason: string | null): void {
  if (reason === null) log.info({ room }, 'the store answers again, calling goes on');
  else log.error({ room, reason }, 'the store does not answer: nobody is called, places are kept');
}
