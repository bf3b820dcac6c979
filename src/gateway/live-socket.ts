// The WebSocket of a device: GET /v1/socket, subprotocol junban.v1. Statuses go out; nothing is expected to come in.

import type { HttpRequest, HttpResponse, us_socket_context_t, WebSocket, WebSocketBehavior } from 'uWebSockets.js';
import type { FollowEnd, Follower } from '../flow/followers.ts';
import { closeCodes } from './close-codes.ts';
import type { Exchange } from './exchange.ts';
import { isOriginAllowed } from './origin-check.ts';
import type { RoomDoor } from './room-door.ts';
import type { TicketFound } from './ticket-of.ts';
import { refuseWithoutTicket } from './tickets-api.ts';

export const subprotocol = 'junban.v1';

/** What a client may send in vain before it is closed; browsers send nothing, some libraries a word of their own. */
const strayMessagesMax = 8;

/** A connected device; one small object, because there are many. */
class LiveSocket implements Follower {
  readonly number: number;
  readonly door: RoomDoor;
  readonly #counts: SocketCounts;
  ws: WebSocket<SocketData> | null = null;
  strayMessages = 0;
  toldAtMs = 0;
  toldState = '';
  toldAhead = -1;
  toldTotal = -1;
  toldCommon = -1;

  constructor(number: number, door: RoomDoor, counts: SocketCounts) {
    this.number = number;
    this.door = door;
    this.#counts = counts;
  }

  send(status: string): void {
    // 2: dropped, because the reader is slow. The next status says everything again.
    if (this.ws?.send(status) === 2) this.#counts.dropped += 1;
  }

  end(why: FollowEnd): void {
    if (why.kind === 'left') this.ws?.end(closeCodes.left, 'the device left the line');
    else if (why.kind === 'superseded') this.ws?.end(closeCodes.superseded, 'too many connections of this device');
    else this.ws?.end(closeCodes.restarting, String(why.retryAfterMs));
  }
}

/** The server copies what it is given onto its own socket object, so it gets one name that is not taken there. */
export type SocketData = { readonly live: LiveSocket };

/** Counts for metrics; statuses that event streams skip are `dropped` too. */
export type SocketCounts = { open: number; dropped: number };

export function liveSocketBehavior(
  counts: SocketCounts,
  upgrade: (res: HttpResponse, req: HttpRequest, context: us_socket_context_t) => void,
  onFailure: (error: unknown) => void,
): WebSocketBehavior<SocketData> {
  return {
    // Small: every status says everything, so a slow reader misses some and holds nobody up.
    maxBackpressure: 8 * 1024,
    closeOnBackpressureLimit: false,
    maxPayloadLength: 512,
    idleTimeout: 48,
    sendPingsAutomatically: true,
    upgrade,
    open(ws) {
      const { live } = ws.getUserData();
      live.ws = ws;
      counts.open += 1;
      try {
        live.door.view.attach(live.number);
        live.door.pusher.add(live);
      } catch (error) {
        // Whatever is wrong with one device ends no gateway. // WR200
        onFailure(error);
        ws.end(closeCodes.internalError);
      }
    },
    message(ws) {
      const { live } = ws.getUserData();
      live.strayMessages += 1;
      if (live.strayMessages > strayMessagesMax) ws.end(closeCodes.unexpectedMessage, 'this socket only sends');
    },
    close(ws) {
      const { live } = ws.getUserData();
      live.ws = null;
      counts.open -= 1;
      live.door.pusher.remove(live);
      live.door.view.detach(live.number);
    },
  };
}

/** Checks an upgrade and carries it out; a refusal is an HTTP answer with a problem document. */
export function upgradeToLive(
  exchange: Exchange,
  door: RoomDoor,
  found: TicketFound,
  request: {
    readonly origin: string;
    readonly key: string;
    readonly protocols: string;
    readonly context: us_socket_context_t;
    readonly counts: SocketCounts;
  },
): void {
  const { accepted, client, res } = exchange;
  const usesCookie = found.kind !== 'none' && found.usesCookie;
  const { origin } = request;
  if (!isOriginAllowed({ origin, host: accepted.host, secure: client.secure, usesCookie }, door.allowedOrigins)) {
    return exchange.problem('origin-refused', `This site is not allowed to follow the line: ${origin || 'no Origin'}.`);
  }
  if (found.kind !== 'ticket') return refuseWithoutTicket(exchange, found);
  const offered = request.protocols.split(',').map(protocol => protocol.trim());
  if (request.protocols !== '' && !offered.includes(subprotocol)) {
    return exchange.problem(
      'bad-request',
      `The socket speaks ${subprotocol}; the client offered ${request.protocols}.`,
    );
  }
  exchange.handOver();
  const live = new LiveSocket(found.number, door, request.counts);
  res.upgrade<SocketData>({ live }, request.key, request.protocols === '' ? '' : subprotocol, '', request.context);
}
