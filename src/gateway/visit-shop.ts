// A visit that may go in goes on to the shop, in its rank; or, where it came by our own form, to the address it asked for.

import { type AskedFor, askedFor } from '../admission/asked-for.ts';
import type { VisitRank } from '../admission/shop-turnstile.ts';
import { isStoreError } from '../store/store-error.ts';
import type { Exchange } from './exchange.ts';
import { forwardToShop } from './shop-exchange.ts';
import type { Visit } from './visit.ts';
import { troublePage } from './visit-trouble.ts';

/** Sends the request on to the shop. `pass` null: the path needs none. */
export function forward(
  visit: Visit,
  pass: { readonly passId: string; readonly token: string | null; readonly isFresh: boolean } | null,
  setCookies: readonly string[],
): void {
  const { exchange, copied, door, goOnTo } = visit;
  if (exchange.isOver) return;
  if (goOnTo !== null) return sendOn(exchange, goOnTo, setCookies);
  const rank = pass === null ? null : rankOf(visit, pass.isFresh);
  const asked = askedForBy(visit);
  exchange.handOver();
  forwardToShop({
    rank,
    res: exchange.res,
    request: copied,
    shop: door.shop,
    room: door.id,
    passToken: pass?.token ?? null,
    extraSetCookies: setCookies,
    onOutcome: outcome => door.onShopOutcome(outcome, rank, asked),
    onCommand: () => {
      if (pass !== null) endPass(visit, pass.passId);
    },
    troublePage: trouble => troublePage(visit, trouble),
  });
}

/** Who is at the checkout is deepest in; who has just come has the least to lose by waiting. */
function rankOf({ door, exchange }: Visit, isFresh: boolean): VisitRank {
  if (door.isCheckout(exchange.path)) return 'checkout';
  return isFresh ? 'entry' : 'inside';
}

function askedForBy({ isNavigation, exchange, copied }: Visit): AskedFor {
  const destination = copied.headers.find(([name]) => name === 'sec-fetch-dest')?.[1] ?? '';
  return askedFor({ isNavigation, method: exchange.method, path: exchange.path, destination });
}

/** A plain redirect with a GET, whatever was asked before. */
export function sendOn(exchange: Exchange, address: string, setCookies: readonly string[]): void {
  const cookies = setCookies.map(cookie => ['Set-Cookie', cookie] as const);
  const headers = [['Location', address], ['Cache-Control', 'no-store'], ...cookies] as const;
  exchange.answer({ status: '303 See Other', headers, body: '' });
}

/** The shop ended the pass; while the store is out of reach the pass ends by its own time. */
function endPass(visit: Visit, passId: string): void {
  visit.door.ask({ kind: 'end-pass', passId, cause: 'shop' }).catch((error: unknown) => {
    if (!isStoreError(error)) visit.tellFailure(error);
  });
}
