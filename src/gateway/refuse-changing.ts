// What is answered to the fans of a room whose configuration is just being changed: that they come again in a moment.

import type { WaitingPage } from '../page/waiting-page.ts';
import type { Exchange } from './exchange.ts';
import { isNavigation } from './navigation.ts';
import { noticeAnswer, pageWish } from './page-answer.ts';

const changingRetryMs = 1_000;
const changingDetail = 'This room is being changed. Ask again in a moment: places and passes are kept.';

export function problemOfChanging(exchange: Exchange): void {
  exchange.problem('room-changing', changingDetail, { retryAfterMs: changingRetryMs });
}

/** A page for a person, a problem for everything else. // OP220 */
export function refuseChanging(exchange: Exchange, header: (name: string) => string, page: WaitingPage): void {
  if (!isNavigation(exchange.method, header)) return problemOfChanging(exchange);
  const wish = pageWish(header, exchange.accepted.cookie, `${exchange.path}${exchange.query}`);
  const retryAfterSeconds = changingRetryMs / 1_000;
  const answer = noticeAnswer(page, wish, { kind: 'store-unavailable', retryAfterSeconds }, 503);
  exchange.answer({ ...answer, headers: [...answer.headers, ['Retry-After', String(retryAfterSeconds)]] });
}
