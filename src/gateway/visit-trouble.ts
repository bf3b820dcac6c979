// What a visit is told when something is wrong: with the store, with the shop, or with us. The pass and the place stay.

import type { ShopTrouble } from '../proxy/shop-port.ts';
import { isStoreError, type StoreError } from '../store/store-error.ts';
import { stoppingDetail, stoppingRetryMs } from './draining.ts';
import { noticeAnswer } from './page-answer.ts';
import { problem } from './problem.ts';
import type { TroublePage } from './shop-exchange.ts';
import { refuseByStore, storeRetryMs } from './tickets-api.ts';
import type { Visit } from './visit.ts';

const troubleRetryMs = 5_000;

/** Answers what went wrong inside: with the store, or what nobody expected. */
export function failVisit(visit: Visit, error: unknown): void {
  const { exchange, door, wish } = visit;
  if (!isStoreError(error)) {
    visit.tellFailure(error);
    return exchange.problem('internal-error', 'Something went wrong here. Try again.');
  }
  if (!visit.isNavigation) return refuseByStore(exchange);
  const notice = storeNotice(error);
  const { retryAfterSeconds } = notice;
  const page = noticeAnswer(door.page, wish, notice, 503);
  exchange.answer({ ...page, headers: [...page.headers, ['Retry-After', String(retryAfterSeconds)]] });
}

/** A store that has too much to do is no store that is away: the fan is told that many are arriving. */
export function storeNotice({ code }: StoreError) {
  return { kind: code === 'busy' ? 'busy' : 'store-unavailable', retryAfterSeconds: storeRetryMs / 1_000 } as const;
}

/** The shop is down or too slow: said honestly, and the pass stays. */
export function troublePage(visit: Visit, trouble: ShopTrouble): TroublePage {
  if (visit.isNavigation && trouble.kind !== 'bad-request') return troubleNotice(visit, trouble.kind);
  if (trouble.kind === 'closed') return problem('stopping', stoppingDetail, { retryAfterMs: stoppingRetryMs });
  if (trouble.kind === 'bad-request') return problem('bad-request', 'This request cannot be passed on to the shop.');
  const kept = doesClockStand(visit) ? 'The pass is kept and its clock stands still.' : 'The pass is kept.';
  if (trouble.kind === 'busy') {
    const detail = `The shop has as much to do as it can. ${kept} Ask again.`;
    return problem('shop-busy', detail, { retryAfterMs: troubleRetryMs });
  }
  const code = trouble.kind === 'timed-out' ? 'shop-timeout' : 'shop-unreachable';
  return problem(code, `The shop does not answer. ${kept}`, { retryAfterMs: troubleRetryMs });
}

/** AP82 */
function doesClockStand({ door }: Visit): boolean {
  return door.view.state.passClock.heldSinceMs !== null;
}

function troubleNotice(visit: Visit, kind: Exclude<ShopTrouble['kind'], 'bad-request'>): TroublePage {
  const { door, wish } = visit;
  const isOurs = kind === 'closed';
  const retryAfterSeconds = (isOurs ? stoppingRetryMs : troubleRetryMs) / 1_000;
  const stands = !isOurs && doesClockStand(visit) ? { clockStands: true as const } : {};
  const notice = { kind: isOurs ? 'store-unavailable' : 'shop-trouble', retryAfterSeconds, ...stands } as const;
  const { headers, body } = noticeAnswer(door.page, wish, notice);
  const status = isOurs || kind === 'busy' ? 503 : kind === 'timed-out' ? 504 : 502;
  return { status, headers: [...headers, ['Retry-After', String(retryAfterSeconds)]], body };
}
