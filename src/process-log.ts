// What a process tells its operators of its own accord; what may happen again and again is one line a period.

import { limited } from './ops/log.ts';

/** pino fits. */
export type Log = {
  level: string;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};

export type Tell = {
  /** Of what nobody expected. */
  onFailure(error: unknown): void;
  /** Why nobody is called in a room; null when that is over. */
  onTrouble(room: string, reason: string | null): void;
  /** That a drand relay's answer was not taken. */
  onRelay(room: string, url: string, reason: string): void;
  /** That a draw was made without the randomness that was announced for it. */
  onFallback(room: string, announced: string): void;
};

const periodMs = 60_000;
/** Of an error's text: what tells one failure from another. */
const keyLengthMax = 200;

/** `nowMs` counts the periods. Default: the time since the process began. */
export function tellTo(log: Log, nowMs?: () => number): Tell {
  const seldom = limited(log, periodMs, nowMs);
  return {
    onFailure(error) {
      seldom.error(`failure ${String(error).slice(0, keyLengthMax)}`, { err: error }, 'a failure that nobody expected');
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
  };
}
