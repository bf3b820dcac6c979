// Keeps the page connected: socket first, then event stream, with jittered, capped waits between attempts, and polling for
// as long as neither speaks. It ends only when told to stop or when the server says that there is nothing to come back to.
import type { Status } from '../status.ts';
import type { Api } from './api.ts';
import { delayMs } from './backoff.ts';
import type { End } from './close-codes.ts';
import { eventsTransport, type Listener, pollingTransport, socketTransport, type Transport } from './transports.ts';

export interface ConnectionListener {
  readonly onStatus: (status: Status) => void;
  /** The first status after the beginning, after `wake` and after a loss. */
  readonly onOpened: () => void;
  /** What spoke has ended, or polls are not answered. */
  readonly onLost: () => void;
  /** Nothing follows it until `wake`. */
  readonly onBarred: (bar: 'superseded' | 'invalid' | 'left') => void;
}

export interface LineConnection {
  /** The network or the screen is back: try now, from the best way on. */
  readonly wake: () => void;
  readonly stop: () => void;
}

/** The best first. */
const pushingWays: readonly Transport[] = [socketTransport, eventsTransport];
const backoff = { firstMs: 500, mostMs: 30_000 };
/** A gateway that dies cuts all its devices at once: they come back spread over this. */
const reconnectSpreadMs = 2_000;
/** Most are back by then, and cost no poll; who is not has a number before the screen says that there is no connection. // PG174 */
const pollAfterMs = 2_500;
const pollSpreadMs = 1_000;
/** A way that never worked here is given up sooner than one that did. */
const failuresMaxUnproven = 2;
const failuresMaxProven = 6;
/** How long a page only polls before it tries the pushing ways again. */
const retryPushAfterMs = 180_000;

export const connectToLine = (api: Api, listener: ConnectionListener): LineConnection => {
  const proven = new Set<number>();
  let way = 0;
  /** In a row: of this way, of all that push, of polls. */
  let failures = 0;
  let pushFailures = 0;
  let pollFailures = 0;
  let isHeard = false;
  let pushTimer = 0;
  let pollTimer = 0;
  let stopPush: (() => void) | null = null;
  let stopPoll: (() => void) | null = null;

  const haltPolls = (): void => {
    clearTimeout(pollTimer);
    stopPoll?.();
    stopPoll = null;
    pollFailures = 0;
  };

  const halt = (): void => {
    haltPolls();
    clearTimeout(pushTimer);
    stopPush?.();
    stopPush = null;
  };

  const hear = (status: Status): void => {
    if (!isHeard) listener.onOpened();
    isHeard = true;
    listener.onStatus(status);
  };

  const lose = (): void => {
    isHeard = false;
    listener.onLost();
  };

  /** True when there is nothing to come back to. */
  const isBarred = (end: End): end is Exclude<End, { kind: 'retry' }> => {
    if (end.kind === 'retry') return false;
    halt();
    listener.onBarred(end.kind);
    return true;
  };

  const poll = (): void => {
    clearTimeout(pollTimer);
    if (stopPoll !== null) return;
    const onEnd = (end: End): void => {
      stopPoll = null;
      if (isBarred(end)) return;
      lose();
      pollFailures += 1;
      pollTimer = setTimeout(poll, Math.max(delayMs(backoff, pollFailures, Math.random()), end.waitMs ?? 0));
    };
    const onStatus = (status: Status): void => {
      pollFailures = 0;
      hear(status);
    };
    stopPoll = pollingTransport(api, { onStatus, onEnd });
  };

  const pollAfter = (waitMs: number): void => {
    clearTimeout(pollTimer);
    pollTimer = setTimeout(poll, waitMs + pollAfterMs + Math.random() * pollSpreadMs);
  };

  /** The wait before the next attempt; after the last way, for long where polls are answered. */
  const nextWay = (): number => {
    failures += 1;
    pushFailures += 1;
    const failuresMax = proven.has(way) ? failuresMaxProven : failuresMaxUnproven;
    if (failures >= failuresMax && navigator.onLine) {
      failures = 0;
      way += 1;
    }
    const grownMs = delayMs(backoff, pushFailures, Math.random());
    if (way < pushingWays.length) return grownMs;
    way = 0;
    if (!isHeard) return grownMs;
    pushFailures = 0;
    return retryPushAfterMs;
  };

  /** WebKit of 2021 throws from `new WebSocket` where the policy says `'self'`: a way that cannot begin is passed over. */
  const begin = (heard: Listener): (() => void) | null => {
    for (; way < pushingWays.length; way += 1) {
      try {
        return pushingWays[way]?.(api, heard) ?? null;
      } catch {
        // Nothing was opened, and the next way says the same.
      }
    }
    way = 0;
    return null;
  };

  const push = (): void => {
    clearTimeout(pushTimer);
    let hasSpoken = false;
    const onStatus = (status: Status): void => {
      if (!hasSpoken) {
        hasSpoken = true;
        failures = 0;
        pushFailures = 0;
        proven.add(way);
        haltPolls();
      }
      hear(status);
    };
    const onEnd = (end: End): void => {
      stopPush = null;
      if (isBarred(end)) return;
      const askedMs = end.waitMs;
      if (hasSpoken) {
        lose();
        pollAfter(askedMs ?? 0);
        pushTimer = setTimeout(push, askedMs ?? Math.random() * reconnectSpreadMs);
        return;
      }
      pushTimer = setTimeout(push, Math.max(nextWay(), askedMs ?? 0));
      if (!isHeard && stopPoll !== null) lose();
      // What cannot be waited for is polled; polls that failed have their own time.
      if (pollFailures === 0) poll();
    };
    stopPush = begin({ onStatus, onEnd });
    if (stopPush !== null) return;
    poll();
    pushTimer = setTimeout(push, retryPushAfterMs);
  };

  const wake = (): void => {
    halt();
    way = 0;
    failures = 0;
    pushFailures = 0;
    isHeard = false;
    if (api.bearerOnly) {
      poll();
      return;
    }
    pollAfter(0);
    push();
  };

  wake();
  return { wake, stop: halt };
};
