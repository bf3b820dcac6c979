// What a gateway answers, when it has ended but for what is under way, to whoever still has a connection to it.

import type { WaitingPage } from '../page/waiting-page.ts';
import type { Exchange } from './exchange.ts';
import { isNavigation } from './navigation.ts';
import { noticeAnswer, pageWish } from './page-answer.ts';

/** Whoever stands before us sends the next request to another gateway, or to the one that comes after this one. */
export const stoppingRetryMs = 2_000;
export const stoppingDetail = 'This gateway is ending. Ask again on a new connection: places and passes are kept.';

/** Answers a request that came on a kept connection too late, and ends the connection. // OP90 */
export function refuseStopping(exchange: Exchange, header: (name: string) => string, page: WaitingPage): void {
  exchange.endConnection();
  if (!isNavigation(exchange.method, header)) {
    return exchange.problem('stopping', stoppingDetail, { retryAfterMs: stoppingRetryMs });
  }
  const wish = pageWish(header, exchange.accepted.cookie, `${exchange.path}${exchange.query}`);
  const retryAfterSeconds = stoppingRetryMs / 1_000;
  const answer = noticeAnswer(page, wish, { kind: 'store-unavailable', retryAfterSeconds }, 503);
  exchange.answer({ ...answer, headers: [...answer.headers, ['Retry-After', String(retryAfterSeconds)]] });
}
