// The shop's record of what was sold. Paying twice for one reservation gives the same order, so that a fan who saw an error may
// simply try again. It keeps the latest orders in full and the totals for ever.
import { randomUUID } from 'node:crypto';
import type { Reservation } from './stock.ts';

export interface Order {
  readonly id: string;
  /** Counts from 1. */
  readonly number: number;
  readonly reservationId: string;
  readonly sessionId: string;
  readonly categoryId: string;
  readonly title: string;
  readonly count: number;
  readonly totalYen: number;
  readonly placedAtMs: number;
}

export interface OrderLog {
  add(reservation: Reservation, sessionId: string, nowMs: number): Order;
  orderOf(id: string): Order | undefined;
  orderOfReservation(reservationId: string): Order | undefined;
  /** How many orders were ever placed. */
  total(): number;
  /** The latest orders, oldest first. */
  latest(): readonly Order[];
}

const ordersKeptMax = 10_000;

export function openOrderLog(): OrderLog {
  const byId = new Map<string, Order>();
  const byReservation = new Map<string, Order>();
  let total = 0;
  return {
    add: (reservation, sessionId, nowMs) => {
      total += 1;
      const order: Order = {
        id: randomUUID(),
        number: total,
        reservationId: reservation.id,
        sessionId,
        categoryId: reservation.category.id,
        title: reservation.category.title,
        count: reservation.count,
        totalYen: reservation.count * reservation.category.priceYen,
        placedAtMs: nowMs,
      };
      byId.set(order.id, order);
      byReservation.set(reservation.id, order);
      const oldest = byId.values().next().value;
      if (byId.size > ordersKeptMax && oldest !== undefined) {
        byId.delete(oldest.id);
        byReservation.delete(oldest.reservationId);
      }
      return order;
    },
    orderOf: id => byId.get(id),
    orderOfReservation: reservationId => byReservation.get(reservationId),
    total: () => total,
    latest: () => [...byId.values()],
  };
}
