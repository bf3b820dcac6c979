// A WebSocket at the door of a room: with a pass, or on a bypassed path, it goes through to the shop. While it is open it
// uses its pass, and it ends with it.

import type { us_socket_context_t } from 'uWebSockets.js';
import type { PassClaims } from '../tokens/pass.ts';
import { alivePass } from './alive-pass.ts';
import { passCookieName, readCookie } from './cookies.ts';
import { passCookie } from './passes-api.ts';
import { refuseToWait } from './refuse-to-wait.ts';
import { type LinkPass, upgradeToShop } from './shop-upgrade.ts';
import type { Visit } from './visit.ts';
import { failVisit, troublePage } from './visit-trouble.ts';

/** Links a fan that has a pass; without one it is told to join first. */
export function linkVisit(visit: Visit, context: us_socket_context_t): void {
  const pass = alivePass(visit);
  if (pass instanceof Promise) {
    pass.then(claims => linkWithPass(visit, context, claims)).catch(error => failVisit(visit, error));
  } else {
    linkWithPass(visit, context, pass);
  }
}

/** On a bypassed path. */
export function linkWithoutPass(visit: Visit, context: us_socket_context_t): void {
  linkToShop(visit, context, { token: null, pass: null, setCookies: [] });
}

function linkWithPass(visit: Visit, context: us_socket_context_t, claims: PassClaims | null): void {
  const { exchange, door } = visit;
  if (claims === null) return refuseToWait(exchange, door);
  const { passId } = claims;
  const pass: LinkPass = {
    onUse: () => door.notePassUse(passId),
    whenEnded: ended => door.whenPassEnds(passId, ended),
  };
  const renewed = door.usePass(passId, claims.expiresAtMs, exchange.path);
  if (renewed === null) {
    const token = readCookie(exchange.accepted.cookie, passCookieName(door.id, exchange.client.secure));
    return linkToShop(visit, context, { token, pass, setCookies: [] });
  }
  const { token } = renewed;
  linkToShop(visit, context, { token, pass, setCookies: [passCookie(exchange, door, token)] });
}

type LinkUnder = {
  readonly token: string | null;
  readonly pass: LinkPass | null;
  readonly setCookies: readonly string[];
};

function linkToShop(visit: Visit, context: us_socket_context_t, { token, pass, setCookies }: LinkUnder): void {
  const { exchange, copied, door } = visit;
  if (exchange.isOver) return;
  exchange.handOver();
  upgradeToShop({
    res: exchange.res,
    context,
    request: copied,
    shop: door.shop,
    room: door.id,
    passToken: token,
    pass,
    extraSetCookies: setCookies,
    onOutcome: outcome => door.onShopOutcome(outcome, null),
    troublePage: trouble => troublePage(visit, trouble),
  });
}
