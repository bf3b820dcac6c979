// A request at a room's door: what must be known of it after its handler has returned. What becomes of it is left to
// front-door.ts and shop-link.ts.

import type { HttpRequest } from 'uWebSockets.js';
import { requestIdIn } from '../proxy/request-trace.ts';
import { type CopiedRequest, copyRequest } from './copied-request.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { isNavigation, isPrefetch } from './navigation.ts';
import { type PageWish, pageWish } from './page-answer.ts';
import type { RoomDoor } from './room-door.ts';
import { type TicketFound, ticketOf } from './ticket-of.ts';

export type Visit = {
  readonly exchange: Exchange;
  /** Made when it is first asked for: after the handler only what was kept in it is there. */
  readonly copied: CopiedRequest;
  /** Must be called in the handler itself unless the visit has been answered there. */
  keep(): void;
  readonly door: RoomDoor;
  readonly found: TicketFound;
  readonly nowMs: number;
  readonly isNavigation: boolean;
  readonly isPrefetch: boolean;
  readonly wish: PageWish;
  /** Told of what nobody expected; the visit is answered 500. */
  readonly onFailure: (error: unknown) => void;
  /** Where another server stands before the shop: whoever may go in is sent there instead of being forwarded by us. */
  readonly goOnTo: string | null;
};

export type VisitNeeds = {
  nowMs(): number;
  onFailure(error: unknown, requestId?: string | null): void;
};

/** Must be called in the handler itself: the request is dead after that. */
export function visitOf(
  req: HttpRequest,
  exchange: Exchange,
  door: RoomDoor,
  goOnTo: string | null,
  needs: VisitNeeds,
): Visit {
  const { accepted, client, path, query } = exchange;
  const header = headerOf(req);
  const isPageLoad = isNavigation(exchange.method, header);
  const wish = pageWish(header, accepted.cookie, goOnTo ?? `${path}${query}`);
  // An Authorization header at the door is the shop's; the ticket is in the cookie here.
  const found = ticketOf(door, accepted, '', client.secure);
  let copy: CopiedRequest | null = null;
  const copied = (): CopiedRequest => {
    if (copy === null) {
      const facts = { trustedPeer: client.trustedPeer, secure: client.secure };
      const { isLast } = exchange;
      copy = { ...copyRequest(exchange.res, req, () => facts), target: `${path}${query}`, isLast };
      exchange.useCopy(copy);
    }
    return copy;
  };
  // Most page loads of a rush are answered at once, and copying costs a tenth of that.
  if (!isPageLoad || accepted.framing.kind !== 'none') copied();
  return {
    exchange,
    get copied() {
      return copied();
    },
    keep: () => void copied(),
    door,
    found,
    nowMs: needs.nowMs(),
    isNavigation: isPageLoad,
    isPrefetch: isPrefetch(header),
    wish,
    goOnTo,
    onFailure: error => needs.onFailure(error, exchange.isOver && copy === null ? null : requestIdIn(copied().headers)),
  };
}
