// One gateway process: store, keys, rooms, public listener, ops listener; and its end in order. Wiring only.

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { TelemetrySettings } from './config/environment.ts';
import { notesOn } from './config/notes.ts';
import type { Settings } from './config/settings.ts';
import { Gateway } from './gateway/gateway.ts';
import { handOver } from './hand-over.ts';
import { type OpenKeys, openKeys } from './open-keys.ts';
import { openOperations } from './open-operations.ts';
import { type OpenRoom, openRoom } from './open-room.ts';
import { keyPlaceOf, type OpenStore, openStore } from './open-store.ts';
import { measureStore, newStoreTally } from './ops/measured-store.ts';
import type { RoomReport } from './ops/room-report.ts';
import { openTracing, type Tracing } from './ops/tracing.ts';
import { buildDrawCheckScript, buildPassTimeScript } from './page/browser-scripts.ts';
import { loadLanguages } from './page/languages.ts';
import { buildWaitingPage } from './page/waiting-page.ts';
import { type Log, type Tell, tellTo } from './process-log.ts';
import { type RoomAddress, RunTimeRooms, type ServedRoom } from './run-time-rooms.ts';
import { StopStages } from './stop-stages.ts';
import { systemClock } from './system-clock.ts';
import { publicJwks } from './tokens/key-set.ts';

export type RunningGateway = {
  readonly port: number;
  readonly opsPort: number;
  /** A room as operators see it; null if there is no such room. */
  report(room: string): Promise<RoomReport | null>;
  /**
   * Takes no new connections, tells devices to come back, puts everything on disk; settles within 10 s. False: something
   * took longer, and hangs perhaps for ever.
   */
  stop(): Promise<boolean>;
};

/** Devices come back within this time after a gateway stopped. */
const reconnectJitterMs = 3_000;
/** How long other gateways are left to take over whoever comes on kept connections. */
const handOverMs = 2_000;
/** How long requests that are under way are waited for, and who comes is served. */
const drainMsMax = 5_000;
/** What the shop has not answered then may take so long still. */
const lastAnswersMsMax = 2_000;
/** The whole end, with a second to spare for the end of the process. */
const stopMsMax = 9_000;

export type ServeOptions = {
  /** Other gateway processes listen on the same port. Default: false. */
  readonly sharesPort?: boolean;
  /** Default: off. */
  readonly telemetry?: TelemetrySettings;
};

/** A gateway that cannot begin leaves nothing behind. */
export async function serve(settings: Settings, log: Log, options: ServeOptions = {}): Promise<RunningGateway> {
  const tell = tellTo(log);
  const ending = new StopStages({
    clock: systemClock,
    onFailure: tell.onFailure,
    onLate: stage => log.error({ stage, stopMsMax }, 'the end takes too long: what hangs is not waited for'),
  });
  try {
    return await serveWith({ settings, log, tell, ...options }, ending);
  } catch (error) {
    await ending.run(stopMsMax);
    throw error;
  }
}

type Serving = ServeOptions & { readonly settings: Settings; readonly log: Log; readonly tell: Tell };

async function serveWith(serving: Serving, ending: StopStages): Promise<RunningGateway> {
  const { settings, log, tell, sharesPort = false, telemetry = { kind: 'off' } } = serving;
  const holder = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const tracing = await openTracing(telemetry, { holder, onTrouble: tell.onTelemetry });
  if (tracing !== null) ending.at('store', () => tracing.stop());
  const opened = await openStore(settings, log);
  const { store, clock, keyStore } = opened;
  ending.at('store', () => store.close());
  const storeTally = newStoreTally();
  measureStore(opened, storeTally, tracing);
  const { onFailure } = tell;
  const place = keyPlaceOf(settings, keyStore);
  const keys = await openKeys({ place, nowMs: clock.nowMs(), log, onFailure });
  ending.at('rooms', () => keys.stop());
  const languages = await loadLanguages();
  const gateway = new Gateway({
    prefix: settings.prefix,
    trustedProxies: settings.trustedProxies,
    page: await buildWaitingPage({ prefix: settings.prefix, room: null }),
    scripts: { passTime: buildPassTimeScript(languages), drawCheck: buildDrawCheckScript(languages) },
    jwks: () => JSON.stringify(publicJwks(keys.current(), clock.nowMs())),
    nowMs: () => clock.nowMs(),
    onFailure,
  });
  ending.at('devices', () => gateway.drain(reconnectJitterMs));
  ending.at('connections', () => gateway.close());
  const rooms = await openRooms({ settings, opened, keys, holder, tell, gateway, tracing }, ending);
  const operations = await openOperations({
    ...{ settings, store, clock, holder, gateway, book: rooms.book, log, storeTally },
    storeCertificateEndsAtMs: opened.certificateEndsAtMs,
    rooms: () => rooms.rooms,
    signsFromMs: () => keys.current().passes.find(key => key.signsFromMs <= clock.nowMs())?.signsFromMs ?? null,
  });
  ending.at('readiness', () => operations.tellStopping());
  ending.at('operators', () => operations.close());
  const { host } = settings.listen;
  const port = await gateway.listen(host, settings.listen.port, sharesPort);
  const { port: opsPort, report } = operations;
  for (const note of notesOn(settings.rooms, clock.nowMs())) log.info({ note }, 'about the configuration');
  log.info({ host, port, opsPort, rooms: rooms.rooms.map(({ door }) => door.id) }, 'the gateway is listening');
  return { port, opsPort, report, stop: () => ending.run(stopMsMax) };
}

type RoomsNeeds = {
  readonly settings: Settings;
  readonly opened: OpenStore;
  readonly keys: OpenKeys;
  readonly holder: string;
  readonly tell: Tell;
  readonly gateway: Gateway;
  readonly tracing: Tracing | null;
};

async function openRooms(needs: RoomsNeeds, ending: StopStages): Promise<RunTimeRooms> {
  const { settings, opened, keys, holder, tell, gateway, tracing } = needs;
  const { store, exchange, clock } = opened;
  const { prefix } = settings;
  const useRooms = (served: readonly ServedRoom[], changing: readonly RoomAddress[]) => {
    const open = served.map(each => ({ match: each.settings, door: each.room.door }));
    gateway.useRooms({ rooms: open, changing }, reconnectJitterMs);
  };
  const rooms = await RunTimeRooms.open({
    settings,
    store: store.operators,
    open: room =>
      openRoom({ settings: room, prefix, store, exchange, clock, keys: keys.current(), holder, tracing, ...tell }),
    onChange: useRooms,
    onFailure: tell.onFailure,
  });
  ending.at('readiness', () => rooms.stop());
  ending.at('devices', () => {
    for (const { watchedShop } of rooms.rooms) watchedShop.shop.closeSockets();
  });
  ending.at('kept', async () => {
    await handOver({
      clock: systemClock,
      atLeastMs: exchange === null ? 0 : handOverMs,
      atMostMs: drainMsMax,
      underWay: () => rooms.rooms.reduce((sum, { watchedShop }) => sum + watchedShop.underWay(), 0),
    });
    gateway.refuse();
  });
  ending.at('shops', () => eachOf(rooms, room => room.watchedShop.close(lastAnswersMsMax)));
  ending.at('rooms', () => eachOf(rooms, room => room.stop()));
  keys.use(next => {
    for (const room of rooms.rooms) room.useKeys(next);
  });
  useRooms(rooms.served, rooms.changing);
  return rooms;
}

async function eachOf({ rooms }: RunTimeRooms, act: (room: OpenRoom) => Promise<void>): Promise<void> {
  await Promise.all(rooms.map(act));
}
