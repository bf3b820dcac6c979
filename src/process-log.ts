// What a process tells its operators of its own accord; what may happen again and again is one line a period.

import { limited } from './ops/log.ts';
import type { ShopTrouble } from './proxy/shop-port.ts';

/** pino fits. */
export type Log = {
  level: string;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};

export type Tell = {
  /** Of what nobody expected. `requestId`: during which request, as its sender calls it. */
  onFailure(error: unknown, requestId?: string | null): void;
  /** That the shop of a room left a request without an answer of its own. */
  onShopTrouble(room: string, trouble: ShopTrouble): void;
  /** Why nobody is called in a room; null when that is over. */
  onTrouble(room: string, reason: string | null): void;
  /** That a drand relay's answer was not taken. */
  onRelay(room: string, url: string, reason: string): void;
  /** That a draw was made without the randomness that was announced for it. */
  onFallback(room: string, announced: string): void;
  /** That traces do not go out. */
  onTelemetry(reason: string): void;
};

const periodMs = 60_000;
/** Of an error's text: what tells one failure from another. */
const keyLengthMax = 200;
/** Of an id that somebody else made up. */
const requestIdLengthMax = 128;

const named = (requestId: string | null) =>
  requestId === null ? {} : { requestId: requestId.slice(0, requestIdLengthMax) };

/** `nowMs` counts the periods. Default: the time since the process began. */
export function tellTo(log: Log, nowMs?: () => number): Tell {
  const seldom = limited(log, periodMs, nowMs);
  return {
    onFailure(error, requestId = null) {
      const facts = { err: error, ...named(requestId) };
      seldom.error(`failure ${String(error).slice(0, keyLengthMax)}`, facts, 'a failure that nobody expected');
    },
    onShopTrouble(room, { kind, detail, requestId = null }) {
      const facts = { room, kind, detail, ...named(requestId) };
      seldom.warn(`shop ${room} ${kind}`, facts, 'the shop left a request without an answer');
    },
    onTrouble(room, reason) {
      if (reason === null) log.info({ room }, 'the trouble is over, calling goes on');
      else log.error({ room, reason }, 'nobody is called, places are kept');
    },
    onRelay(room, url, reason) {
      seldom.warn(`relay ${room} ${url}`, { room, url, reason }, 'a drand relay gave no round');
    },
    onFallback(room, announced) {
      log.error({ room, announced }, 'the announced randomness did not come in time: the draw was made without it');
    },
    onTelemetry(reason) {
      seldom.warn('telemetry', { reason }, 'traces do not go out');
    },
  };
}
