// The shop's JSON API under /api/: stock, login, cart, checkout. Errors are problem documents with a `code`.
import { setTimeout as delay } from 'node:timers/promises';
import type { Order } from './order-log.ts';
import { cartOf } from './pages.ts';
import { placeOrder } from './selling.ts';
import { jsonAnswer, type ShopAnswer, type ShopParts, type ShopRequest } from './shop-request.ts';
import type { Reservation, Stock } from './stock.ts';

type ApiRoute = (request: ShopRequest, parts: ShopParts) => ShopAnswer | Promise<ShopAnswer>;

const routes: ReadonlyMap<string, ApiRoute> = new Map<string, ApiRoute>([
  ['GET /api/stock', ({ nowMs }, { stock }) => jsonAnswer(200, stockFacts(stock, nowMs))],
  ['POST /api/login', logIn],
  ['GET /api/cart', (request, parts) => jsonAnswer(200, cartFacts(cartOf(request, parts)))],
  ['POST /api/cart', putInCart],
  ['DELETE /api/cart', emptyCart],
  ['POST /api/checkout', checkOut],
]);

export async function answerApi(request: ShopRequest, parts: ShopParts): Promise<ShopAnswer> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = routes.get(`${method} ${request.path}`);
  return route === undefined ? problem(404, 'not-found') : route(request, parts);
}

export function problem(status: number, code: string, detail: string = code): ShopAnswer {
  return jsonAnswer(status, { type: 'about:blank', title: code, status, code, detail });
}

export function stockFacts(stock: Stock, nowMs: number): unknown {
  const categories = stock.categories(nowMs).map(({ category, available }) => ({
    id: category.id,
    title: category.title,
    priceYen: category.priceYen,
    available,
  }));
  return { categories, asOf: new Date(nowMs).toISOString() };
}

async function logIn(request: ShopRequest, parts: ShopParts): Promise<ShopAnswer> {
  const name = fieldsOf(request.body)?.get('name');
  if (typeof name !== 'string' || name.trim() === '') return problem(400, 'name-missing');
  if (parts.switches.slowLoginMs > 0) await delay(parts.switches.slowLoginMs);
  request.session.fanName = name.trim().slice(0, 60);
  return jsonAnswer(200, { name: request.session.fanName });
}

function putInCart(request: ShopRequest, parts: ShopParts): ShopAnswer {
  const fields = fieldsOf(request.body);
  const category = fields?.get('category');
  const count = fields?.get('count') ?? 1;
  if (typeof category !== 'string' || (count !== 1 && count !== 2)) return problem(400, 'cart-invalid');
  const outcome = parts.stock.reserve(category, count, request.nowMs);
  if (outcome.kind === 'unknownCategory') return problem(400, 'category-unknown');
  if (outcome.kind === 'soldOut') return problem(409, 'sold-out');
  if (request.session.reservationId !== null) parts.stock.release(request.session.reservationId);
  request.session.reservationId = outcome.reservation.id;
  return jsonAnswer(201, cartFacts(outcome.reservation));
}

function emptyCart(request: ShopRequest, parts: ShopParts): ShopAnswer {
  if (request.session.reservationId !== null) parts.stock.release(request.session.reservationId);
  request.session.reservationId = null;
  return { status: 204, headers: { 'x-demo-shop': 'api' }, body: '' };
}

function checkOut(request: ShopRequest, parts: ShopParts): ShopAnswer {
  const asked = fieldsOf(request.body)?.get('reservation');
  const reservationId = typeof asked === 'string' ? asked : (request.session.reservationId ?? '');
  const outcome = placeOrder(request.session, reservationId, request.nowMs, parts);
  if (outcome.kind === 'loginMissing') return problem(401, 'login-missing');
  if (outcome.kind === 'reservationGone') return problem(409, 'reservation-gone');
  const headers: Record<string, string> = parts.switches.endsPasses ? { 'junban-command': 'end' } : {};
  return jsonAnswer(201, orderFacts(outcome.order), headers);
}

function cartFacts(reservation: Reservation | undefined): unknown {
  if (reservation === undefined) return { reservation: null };
  const { id, category, count, expiresAtMs } = reservation;
  return { reservation: id, category: category.id, count, expiresAt: new Date(expiresAtMs).toISOString() };
}

function orderFacts(order: Order): unknown {
  const { id, number, categoryId, count, totalYen } = order;
  return {
    order: id,
    number,
    category: categoryId,
    count,
    totalYen,
    placedAt: new Date(order.placedAtMs).toISOString(),
  };
}

/** The fields of a JSON object; undefined when the body is none. */
export function fieldsOf(body: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body === '' ? '{}' : body);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return new Map<string, unknown>(Object.entries(value));
  } catch {
    return undefined; // Not JSON: the caller answers 400.
  }
}
