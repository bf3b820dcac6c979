// The same statuses as server-sent events: GET /v1/tickets/current/events, for networks that let no WebSocket through.

import type { FollowEnd, Follower } from '../flow/followers.ts';
import type { Exchange } from './exchange.ts';
import type { SocketCounts } from './live-socket.ts';
import type { RoomDoor } from './room-door.ts';
import type { TicketFound } from './ticket-of.ts';
import { refuseWithoutTicket } from './tickets-api.ts';

/** How long a browser waits before it connects again by itself. */
const retryMs = 2_000;
/** The same after its place was taken, for a client that does not know what that means. */
const supersededRetryMs = 60_000;

export function followByEvents(exchange: Exchange, door: RoomDoor, found: TicketFound, counts: SocketCounts): void {
  if (found.kind !== 'ticket') return refuseWithoutTicket(exchange, found);
  const { number } = found;
  const { res } = exchange;
  let isWritable = true;
  let isOver = false;
  const write = (event: string): boolean => {
    let taken = true;
    res.cork(() => {
      taken = res.write(event);
    });
    return taken;
  };
  const leave = () => {
    if (isOver) return;
    isOver = true;
    door.pusher.remove(follower);
    door.view.detach(number);
  };
  const follower: Follower = {
    number,
    toldAtMs: 0,
    toldState: '',
    toldAhead: -1,
    toldTotal: -1,
    toldCommon: -1,
    send(status) {
      // A slow reader is skipped: what it misses is told again by the next status.
      if (isWritable) isWritable = write(`data: ${status}\n\n`);
      else counts.dropped += 1;
    },
    end(why) {
      if (isOver) return;
      leave();
      exchange.handOver();
      res.cork(() => res.end(lastEvent(why)));
    },
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
  door.view.attach(number);
  door.pusher.add(follower);
}

function lastEvent(why: FollowEnd): string {
  if (why.kind === 'restarting') return `retry: ${why.retryAfterMs}\n\n`;
  // The last status has said it.
  if (why.kind === 'left') return `retry: ${supersededRetryMs}\n\n`;
  return `retry: ${supersededRetryMs}\nevent: superseded\ndata: {}\n\n`;
}
