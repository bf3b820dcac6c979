// Keeps the page connected: socket first, then event stream, then polling, with jittered, capped waits between attempts.
// It ends only when told to stop or when the server says that there is nothing to come back to.
import type { Status } from '../status.ts';
import type { Api } from './api.ts';
import { delayMs } from './backoff.ts';
import type { End } from './close-codes.ts';
import { eventsTransport, type Listener, pollingTransport, socketTransport, type Transport } from './transports.ts';

export interface ConnectionListener {
  readonly onStatus: (status: Status) => void;
  readonly onOpened: () => void;
  readonly onLost: () => void;
  /** Nothing follows it until `wake`. */
  readonly onBarred: (bar: 'superseded' | 'invalid' | 'left') => void;
}

export interface LineConnection {
  /** The network or the screen is back: try now, from the best way on. */
  readonly wake: () => void;
  readonly stop: () => void;
}

const ways: readonly Transport[] = [socketTransport, eventsTransport, pollingTransport];
const pollingWay = ways.length - 1;
const backoff = { firstMs: 500, mostMs: 30_000 };
/** A gateway that dies cuts all its devices at once: they come back spread over this. */
const reconnectSpreadMs = 2_000;
/** A way that never worked here is given up sooner than one that did. */
const failuresMaxUnproven = 2;
const failuresMaxProven = 6;
/** How long a page polls before it tries the pushing ways again. */
const retryPushAfterMs = 180_000;

export const connectToLine = (api: Api, listener: ConnectionListener): LineConnection => {
  const firstWay = api.bearerOnly ? pollingWay : 0;
  const proven = new Set<number>();
  let way = firstWay;
  let failures = 0;
  let timer = 0;
  let pushTimer = 0;
  let stopAttempt: (() => void) | null = null;

  const halt = (): void => {
    clearTimeout(timer);
    clearTimeout(pushTimer);
    stopAttempt?.();
    stopAttempt = null;
  };

  const nextWay = (): void => {
    const failuresMax = proven.has(way) ? failuresMaxProven : failuresMaxUnproven;
    if (failures < failuresMax || !navigator.onLine) return;
    way = way === pollingWay ? firstWay : way + 1;
    failures = way === firstWay ? failures : 0;
  };

  /** WebKit of 2021 throws from `new WebSocket` where the policy says `'self'`: a way that cannot begin is passed over. */
  const begin = (heard: Listener): (() => void) => {
    for (; way < pollingWay; way += 1) {
      try {
        return (ways[way] ?? pollingTransport)(api, heard);
      } catch {
        // Nothing was opened, and the next way says the same.
      }
    }
    return pollingTransport(api, heard);
  };

  const attempt = (): void => {
    halt();
    let hasSpoken = false;
    const onEnd = (end: End): void => {
      halt();
      if (end.kind !== 'retry') {
        listener.onBarred(end.kind);
        return;
      }
      listener.onLost();
      failures = hasSpoken ? 0 : failures + 1;
      nextWay();
      const chance = Math.random();
      const ownMs = hasSpoken ? chance * reconnectSpreadMs : delayMs(backoff, failures, chance);
      timer = setTimeout(attempt, end.waitMs ?? ownMs);
    };
    const onStatus = (status: Status): void => {
      if (!hasSpoken) {
        hasSpoken = true;
        failures = 0;
        proven.add(way);
        listener.onOpened();
      }
      listener.onStatus(status);
    };
    stopAttempt = begin({ onStatus, onEnd });
    if (way === pollingWay && firstWay !== pollingWay) pushTimer = setTimeout(wake, retryPushAfterMs);
  };

  const wake = (): void => {
    way = firstWay;
    failures = 0;
    attempt();
  };

  attempt();
  return { wake, stop: halt };
};
