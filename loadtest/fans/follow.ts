// Follows a place in line over the socket, the event stream or by polling, until there is something to do, the time is up
// or the connection is gone. What to do about it is left to fan-life.ts.
import { request } from 'undici';
import { WebSocket } from 'ws';
import type { FanClient } from './fan-client.ts';
import { asksToAct, type FanStatus, readStatus } from './fan-status.ts';

export type FollowEnd =
  /** The connection stays open until `hangUp`, as it does for a fan who looks at the page. */
  | { readonly kind: 'act'; readonly status: FanStatus; readonly hangUp: () => void }
  | { readonly kind: 'elapsed' }
  | { readonly kind: 'broken'; readonly error: 'network' | 'silent' | 'unreadable' }
  /** The gateway asked this connection to come back later, as it does before a restart. */
  | { readonly kind: 'sentAway'; readonly leastMs: number }
  /** This ticket is worth nothing here; asking again does not help. */
  | { readonly kind: 'refused' };

export interface Following {
  readonly client: FanClient;
  /** Infinity: for as long as it takes. */
  readonly forMs: number;
  readonly onStatus: (status: FanStatus) => void;
}

/** The interface promises a frame at least every 20 s. */
const silentMsMax = 30_000;
const handshakeMsMax = 15_000;
const sentAwayMsMax = 60_000;
const timerMsMax = 2_147_483_647;

function broken(error: 'network' | 'silent' | 'unreadable'): FollowEnd {
  return { kind: 'broken', error };
}

function refusedBy(httpStatus: number): FollowEnd {
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 429 ? { kind: 'refused' } : broken('network');
}

/** 4000 to 4099: connect again, after the milliseconds named in the reason. 4100 to 4199: not as you are. */
function closedBy(code: number, reason: string): FollowEnd {
  if (code >= 4100 && code < 4200) return { kind: 'refused' };
  if (code < 4000 || code >= 4100) return broken('network');
  const leastMs = Number(reason);
  return { kind: 'sentAway', leastMs: leastMs >= 0 ? Math.min(leastMs, sentAwayMsMax) : 0 };
}

/** What the three transports share: time, silence, the stop signal, and reading one status after the other. */
interface Line {
  take(text: string): void;
  end(end: FollowEnd): void;
  readonly ended: Promise<FollowEnd>;
}

function openLine({ client, forMs, onStatus }: Following, hangUp: () => void): Line {
  const { signal } = client.options;
  const { promise, resolve, reject } = Promise.withResolvers<FollowEnd>();
  let isOver = false;
  const close = (): boolean => {
    if (isOver) return false;
    isOver = true;
    clearTimeout(elapsed);
    clearTimeout(silence);
    return true;
  };
  const end = (followEnd: FollowEnd): void => {
    if (!close()) return;
    if (followEnd.kind !== 'act') {
      signal.removeEventListener('abort', stop);
      hangUp();
    }
    resolve(followEnd);
  };
  const stop = (): void => {
    close();
    hangUp();
    reject(signal.reason);
  };
  const elapsed = setTimeout(() => end({ kind: 'elapsed' }), Math.min(timerMsMax, forMs));
  const silence = setTimeout(() => end(broken('silent')), silentMsMax);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const take = (text: string): void => {
    if (isOver) return;
    const status = readStatus(text);
    if (status === undefined) {
      end(broken('unreadable'));
      return;
    }
    silence.refresh();
    onStatus(status);
    const release = (): void => {
      signal.removeEventListener('abort', stop);
      hangUp();
    };
    if (asksToAct(status)) end({ kind: 'act', status, hangUp: release });
  };
  return { take, end, ended: promise };
}

export function followBySocket(following: Following): Promise<FollowEnd> {
  const { client } = following;
  const url = client.options.gatewayUrl.replace(/^http/, 'ws') + client.roomPath('socket');
  const socket = new WebSocket(url, 'junban.v1', {
    headers: client.headers(),
    handshakeTimeout: handshakeMsMax,
    perMessageDeflate: false,
  });
  const line = openLine(following, () => socket.terminate());
  socket.on('message', data => line.take(String(data)));
  socket.on('unexpected-response', (_request, response) => {
    line.end(refusedBy(response.statusCode ?? 0));
  });
  socket.on('close', (code, reason) => line.end(closedBy(code, reason.toString('utf8'))));
  socket.on('error', () => line.end(broken('network')));
  return line.ended;
}

export function followByEvents(following: Following): Promise<FollowEnd> {
  const { client } = following;
  const controller = new AbortController();
  const line = openLine(following, () => controller.abort());
  readEvents(client, controller.signal, line).catch(() => line.end(broken('network')));
  return line.ended;
}

async function readEvents(client: FanClient, signal: AbortSignal, line: Line): Promise<void> {
  const response = await request(client.options.gatewayUrl + client.roomPath('tickets/current/events'), {
    headers: { ...client.headers(), accept: 'text/event-stream' },
    dispatcher: client.options.dispatcher,
    signal,
    bodyTimeout: 0,
  });
  if (response.statusCode !== 200) {
    await response.body.dump();
    return line.end(refusedBy(response.statusCode));
  }
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const text of lines) if (text.startsWith('data:')) line.take(text.slice('data:'.length).trim());
  }
  line.end(broken('network'));
}

export function followByPolling(following: Following): Promise<FollowEnd> {
  const { client } = following;
  let timer: NodeJS.Timeout | undefined;
  const line = openLine(following, () => clearTimeout(timer));
  let isFollowing = true;
  const poll = async (): Promise<void> => {
    const answer = await client.ask({ method: 'GET', path: client.roomPath('tickets/current') });
    if (!isFollowing) return;
    if (answer === undefined) return line.end(broken('network'));
    if (answer.status !== 200) return line.end(refusedBy(answer.status));
    line.take(answer.text);
    const nextMs = readStatus(answer.text)?.nextMs ?? silentMsMax;
    timer = setTimeout(() => void pollOn(), Math.max(250, nextMs * client.options.random.between(1, 1.2)));
    if (!isFollowing) clearTimeout(timer);
  };
  const pollOn = (): Promise<void> => poll().catch(() => line.end(broken('network')));
  void pollOn();
  return line.ended.finally(() => {
    isFollowing = false;
    clearTimeout(timer);
  });
}
