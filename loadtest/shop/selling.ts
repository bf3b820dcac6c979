// Turns a held reservation into an order, exactly once. Pages and API share it; neither touches stock and orders together.
import type { Order } from './order-log.ts';
import type { Session } from './sessions.ts';
import type { ShopParts } from './shop-request.ts';

export type PlaceOrderOutcome =
  | { readonly kind: 'placed'; readonly order: Order }
  | { readonly kind: 'loginMissing' }
  | { readonly kind: 'reservationGone' };

/** Asked again for a reservation that was paid, it gives the same order to the session that paid, and to no other. */
export function placeOrder(
  session: Session,
  reservationId: string,
  nowMs: number,
  { stock, orders }: ShopParts,
): PlaceOrderOutcome {
  if (session.fanName === null) return { kind: 'loginMissing' };
  const placed = orders.orderOfReservation(reservationId);
  if (placed?.sessionId === session.id) return { kind: 'placed', order: placed };
  if (session.reservationId !== reservationId) return { kind: 'reservationGone' };
  const reservation = stock.sell(reservationId, nowMs);
  if (reservation === undefined) return { kind: 'reservationGone' };
  session.reservationId = null;
  return { kind: 'placed', order: orders.add(reservation, session.id, nowMs) };
}
