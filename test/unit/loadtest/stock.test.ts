// The demo shop's stock: never sold twice, reservations run out, paying twice gives one order.
import { expect, test } from 'vitest';
import { seededRandom } from '../../../loadtest/seeded-random.ts';
import { openOrderLog } from '../../../loadtest/shop/order-log.ts';
import { placeOrder } from '../../../loadtest/shop/selling.ts';
import type { Session } from '../../../loadtest/shop/sessions.ts';
import { openStock } from '../../../loadtest/shop/stock.ts';
import { openSwitches } from '../../../loadtest/shop/switches.ts';

const category = { id: 's', title: 'S席', titleEnglish: 'Seat S', priceYen: 100, count: 10 };

test('seats in carts and sold never exceed what there is, whatever the order of operations', () => {
  const random = seededRandom(20_270_509);
  const stock = openStock([category], 1_000);
  const held: string[] = [];
  let sold = 0;
  for (let nowMs = 0; nowMs < 60_000; nowMs += 7) {
    const wanted = random.chance(0.5) ? 1 : 2;
    const outcome = stock.reserve('s', wanted, nowMs);
    if (outcome.kind === 'reserved') held.push(outcome.reservation.id);
    const chosen = held[held.length - 1 - Math.floor(random.fraction() * 5)] ?? '';
    if (random.chance(0.02)) sold += stock.sell(chosen, nowMs)?.count ?? 0;
    if (random.chance(0.1)) stock.release(chosen);
    const [count] = stock.categories(nowMs);
    expect((count?.available ?? 0) + (count?.reserved ?? 0) + (count?.sold ?? 0)).toBe(10);
    expect(count?.available).toBeGreaterThanOrEqual(0);
    expect(count?.sold).toBe(sold);
  }
  expect(sold).toBe(10);
});

test('a reservation that ran out can not be paid and its seats are on sale again', () => {
  const stock = openStock([category], 1_000);
  const outcome = stock.reserve('s', 10, 0);
  if (outcome.kind !== 'reserved') throw new Error(outcome.kind);
  expect(stock.reserve('s', 1, 999).kind).toBe('soldOut');
  expect(stock.reserve('s', 1, 1_000).kind).toBe('reserved');
  expect(stock.sell(outcome.reservation.id, 1_000)).toBeUndefined();
});

test('paying again gives the same order to the same fan and nothing to another', () => {
  const stock = openStock([category], 1_000);
  const parts = { stock, orders: openOrderLog(), switches: openSwitches() };
  const outcome = stock.reserve('s', 1, 0);
  if (outcome.kind !== 'reserved') throw new Error(outcome.kind);
  const { id } = outcome.reservation;
  const buyer: Session = { id: 'buyer', fanName: 'fan', reservationId: id };
  const other: Session = { id: 'other', fanName: 'other', reservationId: null };
  expect(placeOrder(other, id, 1, parts).kind).toBe('reservationGone');
  const first = placeOrder(buyer, id, 1, parts);
  expect(first.kind).toBe('placed');
  expect(placeOrder(buyer, id, 2, parts)).toEqual(first);
  expect(placeOrder(other, id, 3, parts).kind).toBe('reservationGone');
  expect(parts.orders.total()).toBe(1);
});
