// Three ways to hear of the line, with one contract: socket, event stream, polling. Each makes one attempt and reports its
// end; which one is tried when is connection.ts's business.
import { parseStatus, type Status } from '../status.ts';
import { isTicketRefused } from './answer.ts';
import type { Api } from './api.ts';
import { politeDelayMs } from './backoff.ts';
import { type End, endOfClose } from './close-codes.ts';

export interface Listener {
  readonly onStatus: (status: Status) => void;
  /** At most once; nothing follows it. */
  readonly onEnd: (end: End) => void;
}

/** Begins at once; returns its stop function, after which the listener hears nothing. */
export type Transport = (api: Api, listener: Listener) => () => void;

/** The server sends a frame at least every 20 s: a stream that is silent for longer is dead. */
const silentMsMax = 30_000;
/** It speaks as soon as one begins: silence means that something in between swallows it. */
const firstSilentMsMax = 8_000;
const pollMsMax = 60_000;

/** Lets one `onEnd` through, watches for silence, and closes what was opened. */
const guard = (listener: Listener, close: () => void) => {
  let isOver = false;
  let silence = 0;
  const end = (reason: End): void => {
    if (isOver) return;
    stop();
    listener.onEnd(reason);
  };
  const stop = (): void => {
    isOver = true;
    clearTimeout(silence);
    close();
  };
  const listen = (withinMs: number): void => {
    clearTimeout(silence);
    silence = setTimeout(() => end({ kind: 'retry', waitMs: null }), withinMs);
  };
  const hear = (text: unknown): void => {
    if (isOver || typeof text !== 'string') return;
    listen(silentMsMax);
    const status = parseStatus(text);
    if (status !== null) listener.onStatus(status);
  };
  listen(firstSilentMsMax);
  return { end, stop, hear };
};

export const socketTransport: Transport = (api, listener) => {
  const url = new URL(api.address('socket'), location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url.href, 'junban.v1');
  const { end, stop, hear } = guard(listener, () => socket.close());
  socket.onmessage = event => hear(event.data);
  socket.onclose = event => end(endOfClose(event.code, event.reason));
  return stop;
};

export const eventsTransport: Transport = (api, listener) => {
  const source = new EventSource(api.address('tickets/current/events'));
  const { end, stop, hear } = guard(listener, () => source.close());
  source.onmessage = event => hear(event.data);
  source.addEventListener('superseded', () => end({ kind: 'superseded' }));
  source.onerror = () => end({ kind: 'retry', waitMs: null });
  return stop;
};

export const pollingTransport: Transport = (api, listener) => {
  let timer = 0;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    clearTimeout(timer);
  };
  const end = (reason: End): void => {
    stop();
    listener.onEnd(reason);
  };
  const poll = async (): Promise<void> => {
    const answer = await api.call('GET', 'tickets/current');
    if (isOver) return;
    if (isTicketRefused(answer)) {
      end({ kind: 'invalid' });
      return;
    }
    if (answer.status === null) {
      end({ kind: 'retry', waitMs: answer.retryAfterMs });
      return;
    }
    listener.onStatus(answer.status);
    if (isOver) return;
    const nextMs = Math.min(Math.max(answer.status.next, 500), pollMsMax);
    timer = setTimeout(poll, politeDelayMs(nextMs, Math.random() / 5));
  };
  void poll();
  return stop;
};
