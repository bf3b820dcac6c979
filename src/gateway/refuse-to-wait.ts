// The one answer to whoever comes without a pass and asks for no page, however it comes: join first. // WR123

import type { Exchange } from './exchange.ts';
import type { RoomDoor } from './room-door.ts';
import { refuseByPhase } from './tickets-api.ts';

const waitingRetryMs = 5_000;

export const joinFirst = 'There is a line before this shop. Join it to get a pass.';

/** 429 with the address of joining; 409 or 410 when nobody can join now. */
export function refuseToWait(exchange: Exchange, door: RoomDoor): void {
  if (refuseByPhase(exchange, door)) return;
  exchange.problem('waiting', joinFirst, {
    retryAfterMs: waitingRetryMs,
    members: { room: door.id, join: `${exchange.prefix}/v1/tickets?room=${door.id}` },
  });
}
