// The shop's pages for browsers: which page answers which request. The texts are in page-html.ts, the selling in stock.ts.
import { setTimeout as delay } from 'node:timers/promises';
import {
  cartPage,
  checkoutPage,
  confirmationPage,
  eventId,
  eventListPage,
  eventPage,
  homePage,
  loginPage,
  noticePage,
} from './page-html.ts';
import { placeOrder } from './selling.ts';
import { htmlAnswer, type ShopAnswer, type ShopParts, type ShopRequest, seeOther } from './shop-request.ts';
import type { Reservation } from './stock.ts';

type PageRoute = (request: ShopRequest, parts: ShopParts) => ShopAnswer | Promise<ShopAnswer>;

const routes: ReadonlyMap<string, PageRoute> = new Map<string, PageRoute>([
  ['GET /', () => htmlAnswer(200, homePage())],
  ['GET /events', () => htmlAnswer(200, eventListPage())],
  [`GET /events/${eventId}`, ({ nowMs }, { stock }) => htmlAnswer(200, eventPage(stock.categories(nowMs)))],
  ['GET /login', ({ query }) => htmlAnswer(200, loginPage(localPath(query.get('returnTo'))))],
  ['POST /login', logIn],
  ['GET /cart', (request, parts) => htmlAnswer(200, cartPage(cartOf(request, parts)))],
  ['POST /cart', putInCart],
  ['POST /cart/empty', emptyCart],
  ['GET /checkout', showCheckout],
  ['POST /checkout', payOrder],
]);

export async function answerPage(request: ShopRequest, parts: ShopParts): Promise<ShopAnswer> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = routes.get(`${method} ${request.path}`);
  if (route !== undefined) return route(request, parts);
  if (method === 'GET' && request.path.startsWith('/orders/')) return showOrder(request, parts);
  return htmlAnswer(404, noticePage('ページが見つかりません', 'Page not found.'));
}

export function cartOf(request: ShopRequest, parts: ShopParts): Reservation | undefined {
  const { reservationId } = request.session;
  return reservationId === null ? undefined : parts.stock.reservationOf(reservationId, request.nowMs);
}

async function logIn(request: ShopRequest, parts: ShopParts): Promise<ShopAnswer> {
  const form = new URLSearchParams(request.body);
  const fanName = (form.get('name') ?? '').trim().slice(0, 60);
  if (fanName === '') return htmlAnswer(400, noticePage('ログイン', 'お名前を入力してください。Please give a name.'));
  if (parts.switches.slowLoginMs > 0) await delay(parts.switches.slowLoginMs);
  request.session.fanName = fanName;
  return seeOther(localPath(form.get('returnTo')));
}

function putInCart(request: ShopRequest, parts: ShopParts): ShopAnswer {
  const form = new URLSearchParams(request.body);
  const count = Number(form.get('count'));
  if (count !== 1 && count !== 2) return htmlAnswer(400, noticePage('カート', '1〜2枚です。One or two seats.'));
  const outcome = parts.stock.reserve(form.get('category') ?? '', count, request.nowMs);
  if (outcome.kind === 'unknownCategory') return htmlAnswer(400, noticePage('カート', 'No such category.'));
  if (outcome.kind === 'soldOut') return htmlAnswer(409, noticePage('完売', '申し訳ございません。Sold out.'));
  if (request.session.reservationId !== null) parts.stock.release(request.session.reservationId);
  request.session.reservationId = outcome.reservation.id;
  return seeOther('/cart');
}

function emptyCart(request: ShopRequest, parts: ShopParts): ShopAnswer {
  if (request.session.reservationId !== null) parts.stock.release(request.session.reservationId);
  request.session.reservationId = null;
  return seeOther('/cart');
}

function showCheckout(request: ShopRequest, parts: ShopParts): ShopAnswer {
  const reservation = cartOf(request, parts);
  if (reservation === undefined) return seeOther('/cart');
  if (request.session.fanName === null) return seeOther('/login?returnTo=/checkout');
  return htmlAnswer(200, checkoutPage(reservation, request.session.fanName));
}

function payOrder(request: ShopRequest, parts: ShopParts): ShopAnswer {
  const reservationId = new URLSearchParams(request.body).get('reservation') ?? request.session.reservationId ?? '';
  const outcome = placeOrder(request.session, reservationId, request.nowMs, parts);
  if (outcome.kind === 'loginMissing') return seeOther('/login?returnTo=/checkout');
  if (outcome.kind === 'reservationGone') {
    return htmlAnswer(
      409,
      noticePage('お取り置き期限切れ', 'Your seats were not held any longer. お選び直しください。'),
    );
  }
  return seeOther(`/orders/${outcome.order.id}`);
}

function showOrder(request: ShopRequest, parts: ShopParts): ShopAnswer {
  const order = parts.orders.orderOf(request.path.slice('/orders/'.length));
  if (order === undefined || order.sessionId !== request.session.id) {
    return htmlAnswer(404, noticePage('ご注文が見つかりません', 'No such order.'));
  }
  return htmlAnswer(200, confirmationPage(order), parts.switches.endsPasses ? { 'junban-command': 'end' } : {});
}

/** Only paths of this shop are followed after a login. */
function localPath(returnTo: string | null): string {
  if (returnTo === null || !URL.canParse(returnTo, 'http://shop')) return '/';
  const url = new URL(returnTo, 'http://shop');
  return url.origin === 'http://shop' && !url.pathname.startsWith('//') ? url.pathname : '/';
}
