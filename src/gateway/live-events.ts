// The same statuses as server-sent events: GET /v1/tickets/current/events, for networks that let no WebSocket through.

import type { Follower } from '../flow/push-line.ts';
import type { Exchange } from './exchange.ts';
import type { RoomDoor } from './room-door.ts';
import type { TicketFound } from './ticket-of.ts';
import { refuseWithoutTicket } from './tickets-api.ts';

/** How long a browser waits before it connects again by itself. */
const retryMs = 2_000;

/** An event stream that can be ended when the gateway stops. */
export type LiveEvents = { end(retryAfterMs: number): void };

export function followByEvents(exchange: Exchange, door: RoomDoor, found: TicketFound, open: Set<LiveEvents>): void {
  if (found.kind !== 'ticket') return refuseWithoutTicket(exchange, found);
  const { number } = found;
  const { res } = exchange;
  let isWritable = true;
  const follower: Follower = {
    number,
    toldAtMs: 0,
    toldState: '',
    toldAhead: -1,
    toldTotal: -1,
    toldCommon: -1,
    send(status) {
      // A slow reader is skipped: what it misses is told again by the next status.
      if (isWritable) isWritable = writeEvent(status);
    },
  };
  const writeEvent = (status: string): boolean => {
    let taken = true;
    res.cork(() => {
      taken = res.write(`data: ${status}\n\n`);
    });
    return taken;
  };
  const events: LiveEvents = {
    end(retryAfterMs) {
      if (exchange.isOver) return;
      leave();
      exchange.handOver();
      res.cork(() => res.end(`retry: ${retryAfterMs}\n\n`));
    },
  };
  const leave = () => {
    if (!open.delete(events)) return;
    door.pusher.remove(follower);
    door.view.detach(number);
  };
  exchange.watch(leave);
  res.onWritable(() => {
    isWritable = true;
    return true;
  });
  res.cork(() => {
    res.writeStatus('200 OK');
    res.writeHeader('Content-Type', 'text/event-stream');
    res.writeHeader('Cache-Control', 'no-store');
    // nginx would hold events back until its buffer is full.
    res.writeHeader('X-Accel-Buffering', 'no');
    res.write(`retry: ${retryMs}\n\n`);
  });
  open.add(events);
  door.view.attach(number);
  door.pusher.add(follower);
}
