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

export type VisitNeeds = {
  nowMs(): number;
  onFailure(error: unknown, requestId?: string | null): void;
};

/**
 * A class for its getter: one in an object literal is made anew each time, lives with the old objects, and keeps the whole
 * request alive until all of these are collected. // PX160
 */
export class Visit {
  readonly exchange: Exchange;
  readonly door: RoomDoor;
  readonly found: TicketFound;
  readonly nowMs: number;
  readonly isNavigation: boolean;
  readonly isPrefetch: boolean;
  readonly wish: PageWish;
  /** Where another server stands before the shop: whoever may go in is sent there instead of being forwarded by us. */
  readonly goOnTo: string | null;
  readonly #req: HttpRequest;
  readonly #needs: VisitNeeds;
  #copied: CopiedRequest | null = null;

  /** Must be called in the handler itself: the request is dead after that. */
  constructor(req: HttpRequest, exchange: Exchange, door: RoomDoor, goOnTo: string | null, needs: VisitNeeds) {
    const { accepted, client, path, query } = exchange;
    const header = headerOf(req);
    this.exchange = exchange;
    this.door = door;
    // An Authorization header at the door is the shop's; the ticket is in the cookie here.
    this.found = ticketOf(door, accepted, '', client.secure);
    this.nowMs = needs.nowMs();
    this.isNavigation = isNavigation(exchange.method, header);
    this.isPrefetch = isPrefetch(header);
    this.wish = pageWish(header, accepted.cookie, goOnTo ?? `${path}${query}`);
    this.goOnTo = goOnTo;
    this.#req = req;
    this.#needs = needs;
    // Most page loads of a rush are answered at once, and copying costs a tenth of that.
    if (!this.isNavigation || accepted.framing.kind !== 'none') this.keep();
  }

  /** Made when it is first asked for: after the handler only what was kept in it is there. */
  get copied(): CopiedRequest {
    if (this.#copied === null) {
      const { res, client, path, query, isLast } = this.exchange;
      const facts = { trustedPeer: client.trustedPeer, secure: client.secure };
      this.#copied = { ...copyRequest(res, this.#req, () => facts), target: `${path}${query}`, isLast };
      this.exchange.useCopy(this.#copied);
    }
    return this.#copied;
  }

  /** Must be called in the handler itself unless the visit has been answered there. */
  keep(): void {
    void this.copied;
  }

  /** Tells of what nobody expected; the visit is answered 500. */
  tellFailure(error: unknown): void {
    const isUnknown = this.exchange.isOver && this.#copied === null;
    this.#needs.onFailure(error, isUnknown ? null : requestIdIn(this.copied.headers));
  }
}
