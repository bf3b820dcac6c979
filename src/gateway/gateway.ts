// The public listener: takes requests off uWebSockets.js, refuses what is malformed, and hands the rest to the API, to
// the sockets, or to the front door of the room it belongs to.

import {
  App,
  type HttpRequest,
  type HttpResponse,
  type TemplatedApp,
  type us_listen_socket,
  us_listen_socket_close,
  type us_socket_context_t,
  us_socket_local_port,
} from 'uWebSockets.js';
import type { WaitingPage } from '../page/waiting-page.ts';
import { type ApiNeeds, answerApi, authPath, type BrowserScripts, eventsPath } from './api-routes.ts';
import { refuseStopping } from './draining.ts';
import { queryValue } from './exchange.ts';
import { answerVisit } from './front-door.ts';
import { liveSocketBehavior, type SocketCounts, type SocketData, upgradeToLive } from './live-socket.ts';
import { answerPageAddress, type PageNeeds, refuseRoomless } from './page-address.ts';
import type { ProblemCode } from './problem.ts';
import { problemOfChanging, refuseChanging } from './refuse-changing.ts';
import { type Admitted, RequestDesk } from './request-desk.ts';
import type { RoomDoor } from './room-door.ts';
import { RoomDoors, type RoomsHere } from './room-doors.ts';
import { linkVisit, linkWithoutPass } from './shop-link.ts';
import { shopLinkBehavior } from './shop-upgrade.ts';
import { ticketOf } from './ticket-of.ts';
import { Visit } from './visit.ts';
import { forward } from './visit-shop.ts';

export type GatewayOptions = {
  readonly prefix: string;
  readonly trustedProxies: readonly string[];
  /** The page for requests that belong to no room. */
  readonly page: WaitingPage;
  readonly scripts: BrowserScripts;
  jwks(): string;
  nowMs(): number;
  /** Told of what nobody expected; the request at hand is answered 500. `requestId`: what its sender calls it. */
  onFailure(error: unknown, requestId?: string | null): void;
};

/** A shop's WebSocket needs a live request only for its upgrade. */
type UpgradeRequest = { readonly res: HttpResponse; readonly req: HttpRequest; readonly context: us_socket_context_t };

/** LIBUS_LISTEN_EXCLUSIVE_PORT of uSockets. */
const exclusivePort = 1;
/** Its default, with which the kernel spreads connections over all who listen (SO_REUSEPORT). */
const sharedPort = 0;

const upgradePathEnd = '/v1/socket';

export class Gateway {
  readonly counts: SocketCounts = { open: 0, dropped: 0 };
  /** How many requests got each problem document. */
  readonly refusals: Partial<Record<ProblemCode, number>> = {};
  readonly #options: GatewayOptions;
  readonly #app: TemplatedApp;
  readonly #desk: RequestDesk;
  readonly #doors = new RoomDoors();
  readonly #api: ApiNeeds & PageNeeds;
  #listening: us_listen_socket | null = null;
  #ending: 'no' | 'handing-over' | 'refusing' = 'no';

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#desk = new RequestDesk({
      prefix: options.prefix,
      trustedProxies: options.trustedProxies,
      onRefused: code => {
        this.refusals[code] = (this.refusals[code] ?? 0) + 1;
      },
    });
    this.#api = {
      doorOf: room => this.#doors.of(room),
      roomAt: (host, path) => this.#doors.find(host, path),
      doorOfHost: host => this.#doors.ofHost(host),
      page: options.page,
      jwks: () => options.jwks(),
      scripts: options.scripts,
      nowMs: () => options.nowMs(),
      counts: this.counts,
      onFailure: (error, requestId) => options.onFailure(error, requestId),
    };
    this.#app = this.#buildApp();
  }

  /** Listens on one address; rejects when the port is taken. `port` 0 takes a free one. Gives the port. */
  /** `shared`: other processes of ours listen on the same port. */
  listen(host: string, port: number, shared = false): Promise<number> {
    return new Promise((resolve, reject) => {
      listenAs(this.#app, host, port, shared ? sharedPort : exclusivePort, listening => {
        if (listening === false) {
          const message = `listen ${host}:${port}: the port is in use, or this user may not use it`;
          return reject(Object.assign(new Error(message), { code: 'EADDRINUSE' }));
        }
        this.#listening = listening;
        resolve(us_socket_local_port(listening));
      });
    });
  }

  /** From now on there are these rooms. Devices that follow another are told to connect again, each after another while. */
  useRooms(rooms: RoomsHere, jitterMsMax: number): void {
    for (const door of this.#doors.use(rooms)) sendAway(door, jitterMsMax);
  }

  /**
   * Takes no new connections; every device is told to connect again, each after another while. What comes on kept
   * connections is answered as ever, and is the last on its connection: the next one goes to another gateway. // OP90
   */
  drain(jitterMsMax: number): void {
    this.#ending = 'handing-over';
    if (this.#listening !== null) us_listen_socket_close(this.#listening);
    this.#listening = null;
    for (const door of this.#doors.open) sendAway(door, jitterMsMax);
  }

  /** From now on what comes on kept connections is sent away. */
  refuse(): void {
    this.#ending = 'refusing';
  }

  /** Cuts every connection that is left. */
  close(): void {
    this.#app.close();
  }

  #buildApp(): TemplatedApp {
    const { prefix } = this.#options;
    return App()
      .ws<SocketData>(
        `${prefix}${upgradePathEnd}`,
        liveSocketBehavior(
          this.counts,
          (res, req, context) => this.#upgradeLive({ res, req, context }),
          error => this.#options.onFailure(error),
        ),
      )
      .ws('/*', {
        ...shopLinkBehavior(),
        upgrade: (res, req, context) => this.#upgradeShop({ res, req, context }),
      })
      .any('/*', (res, req) => this.#answer(res, req));
  }

  /** A request that may be answered; null: it was refused, or sent away. `lasting`: as a connection that stays would be. */
  #admit(res: HttpResponse, req: HttpRequest, lasting: boolean): Admitted | null {
    const admitted = this.#desk.admit(res, req);
    if (admitted === null || this.#ending === 'no') return admitted;
    admitted.exchange.endConnection();
    if (this.#ending === 'handing-over' && !lasting && !this.#isEventStream(admitted)) return admitted;
    refuseStopping(admitted.exchange, admitted.header, this.#options.page);
    return null;
  }

  #isEventStream({ exchange }: Admitted): boolean {
    return exchange.path === `${this.#options.prefix}${eventsPath}`;
  }

  #answer(res: HttpResponse, req: HttpRequest): void {
    const admitted = this.#admit(res, req, false);
    if (admitted === null) return;
    const { exchange } = admitted;
    const { prefix } = this.#options;
    if (exchange.path.startsWith(prefix) && isBelow(exchange.path, prefix)) {
      const path = exchange.path.slice(prefix.length);
      if (path === upgradePathEnd) return exchange.problem('upgrade-required', 'This address is for WebSockets.');
      if (path === '/' || path === '') return answerPageAddress(exchange, req, this.#api);
      return answerApi(exchange, req, path, this.#api);
    }
    const found = this.#doors.find(exchange.accepted.host, exchange.path);
    const door = this.#doors.at(found);
    if (door === 'changing') return refuseChanging(exchange, admitted.header, this.#api.page);
    if (door === undefined) return refuseRoomless(exchange, req, this.#api.page);
    const visit = new Visit(req, exchange, door, null, this.#api);
    if (found.kind === 'bypass') forward(visit, null, []);
    else answerVisit(visit);
  }

  #upgradeLive({ res, req, context }: UpgradeRequest): void {
    const admitted = this.#admit(res, req, true);
    if (admitted === null) return;
    const { exchange, header } = admitted;
    const room = queryValue(exchange.query, 'room');
    const door = room === null ? this.#api.doorOfHost(exchange.accepted.host) : this.#doors.of(room);
    if (door === 'changing') return problemOfChanging(exchange);
    if (door === undefined) return exchange.problem('room-unknown', 'There is no such room. Name one with ?room=ID.');
    const found = ticketOf(door, exchange.accepted, header('authorization'), exchange.client.secure);
    upgradeToLive(exchange, door, found, {
      origin: header('origin'),
      key: header('sec-websocket-key'),
      protocols: header('sec-websocket-protocol'),
      context,
      counts: this.counts,
    });
  }

  #upgradeShop({ res, req, context }: UpgradeRequest): void {
    const admitted = this.#admit(res, req, true);
    if (admitted === null) return;
    const { exchange } = admitted;
    const { prefix } = this.#options;
    // A front may hand the fan's upgrade headers on with its question.
    if (isBelow(exchange.path, `${prefix}${authPath}`)) {
      return answerApi(exchange, req, exchange.path.slice(prefix.length), this.#api);
    }
    const found = this.#doors.find(exchange.accepted.host, exchange.path);
    const door = this.#doors.at(found);
    if (door === 'changing') return problemOfChanging(exchange);
    if (door === undefined || isBelow(exchange.path, this.#options.prefix)) {
      return exchange.problem('not-found', `No socket stands at ${exchange.path}.`);
    }
    const visit = new Visit(req, exchange, door, null, this.#api);
    visit.keep();
    if (found.kind === 'bypass') linkWithoutPass(visit, context);
    else linkVisit(visit, context);
  }
}

type Listen = (
  host: string,
  port: number,
  options: number,
  told: (listening: us_listen_socket | false) => void,
) => void;

/** A second gateway on the same port must fail, not share it unnoticed; the option is missing in the types of the build. */
function listenAs(app: TemplatedApp, ...args: Parameters<Listen>): void {
  (app.listen as unknown as Listen).apply(app, args);
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

function sendAway(door: RoomDoor, jitterMsMax: number): void {
  for (const follower of [...door.pusher.followers()]) {
    follower.end({ kind: 'restarting', retryAfterMs: spread(jitterMsMax) });
  }
}

/** Devices that were told to come back must not come back together. */
function spread(jitterMsMax: number): number {
  return Math.floor(Math.random() * jitterMsMax);
}
