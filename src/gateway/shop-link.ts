// A WebSocket at the door of a room: with a pass, or on a bypassed path, it goes through to the shop.

import type { us_socket_context_t } from 'uWebSockets.js';
import type { PassClaims } from '../tokens/pass.ts';
import { passCookieName, readCookie } from './cookies.ts';
import { troublePage, type Visit } from './front-door.ts';
import { upgradeToShop } from './shop-upgrade.ts';

/** Answers 429 without a pass. */
export function linkWithPass(visit: Visit, context: us_socket_context_t, pass: PassClaims | null): void {
  const { exchange, door } = visit;
  if (pass === null) {
    const retryAfterMs = 5_000;
    return exchange.problem('waiting', 'There is a line before this shop. Join it to get a pass.', { retryAfterMs });
  }
  door.usePass(pass.passId, pass.expiresAtMs, exchange.path);
  linkToShop(visit, context, readCookie(exchange.accepted.cookie, passCookieName(door.id, exchange.client.secure)));
}

/** `passToken` null: the path needs no pass. */
export function linkToShop(visit: Visit, context: us_socket_context_t, passToken: string | null): void {
  const { exchange, copied, door } = visit;
  if (exchange.isOver) return;
  exchange.handOver();
  upgradeToShop({
    res: exchange.res,
    context,
    request: copied,
    shop: door.shop,
    room: door.id,
    passToken,
    extraSetCookies: [],
    onOutcome: outcome => door.onShopOutcome(outcome),
    troublePage: trouble => troublePage(visit, trouble),
  });
}
