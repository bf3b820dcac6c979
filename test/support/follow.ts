// Follows one device's status by each of the three transports, behind one interface: statuses as they come, with the
// instant of their coming.

import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { WebSocket } from 'ws';
import { readStatus, type Status } from './status.ts';

export const transports = ['socket', 'events', 'polling'] as const;
export type Transport = (typeof transports)[number];

/** Who follows: a device, as far as it is needed here. */
export type Follows = {
  readonly url: string;
  readonly cookieHeader: string;
  at(path: string): string;
};

export type Heard = { readonly status: Status; readonly atMs: number };

/** How following ended: the close code of a socket, the HTTP status of a refusal, or 0 and the last event of a stream. */
export type FollowEnd = { readonly code: number; readonly reason: string };

type Waiting = { readonly fits: (status: Status) => boolean; readonly resolve: (heard: Heard) => void };

export class Following {
  readonly heard: Heard[] = [];
  /** The delay that an event stream named last, in ms. */
  retryMs: number | null = null;
  readonly ended: Promise<FollowEnd>;
  readonly #waiting = new Set<Waiting>();
  readonly #stop: () => void;
  #end: (end: FollowEnd) => void = () => undefined;

  constructor(start: (following: Following) => () => void) {
    this.ended = new Promise(resolve => {
      this.#end = resolve;
    });
    this.#stop = start(this);
  }

  get latest(): Status | undefined {
    return this.heard.at(-1)?.status;
  }

  /** The first status that fits, from the latest one on. Rejects when none comes in time. */
  async until(fits: (status: Status) => boolean, withinMs = 5_000): Promise<Status> {
    const latest = this.heard.at(-1);
    if (latest !== undefined && fits(latest.status)) return latest.status;
    let late: NodeJS.Timeout | undefined;
    const waiting: Waiting[] = [];
    try {
      const { status } = await new Promise<Heard>((resolve, reject) => {
        const wait = { fits, resolve };
        waiting.push(wait);
        this.#waiting.add(wait);
        const fail = (why: string) => reject(new Error(`${why}; the last was ${JSON.stringify(this.latest)}`));
        late = setTimeout(() => fail(`no such status within ${withinMs} ms`), withinMs);
        void this.ended.then(({ code, reason }) => fail(`following ended: ${code} ${reason}`));
      });
      return status;
    } finally {
      clearTimeout(late);
      for (const wait of waiting) this.#waiting.delete(wait);
    }
  }

  /** The next status that comes. */
  next(withinMs = 5_000): Promise<Status> {
    const before = this.latest;
    return this.until(status => status !== before, withinMs);
  }

  close(): void {
    this.#stop();
  }

  hear(text: string): void {
    const heard = { status: readStatus(text), atMs: Date.now() };
    this.heard.push(heard);
    for (const { fits, resolve } of this.#waiting) if (fits(heard.status)) resolve(heard);
  }

  end(code: number, reason = ''): void {
    this.#end({ code, reason });
  }
}

export function follow(transport: Transport, device: Follows): Following {
  switch (transport) {
    case 'socket':
      return new Following(following => bySocket(device, following));
    case 'events':
      return new Following(following => byEvents(device, following));
    case 'polling':
      return new Following(following => byPolling(device, following));
  }
}

function bySocket(device: Follows, following: Following): () => void {
  const headers = { cookie: device.cookieHeader, origin: device.url };
  const socket = new WebSocket(`${device.url.replace('http', 'ws')}${device.at('/socket')}`, 'junban.v1', { headers });
  socket.on('message', data => following.hear(String(data)));
  socket.on('unexpected-response', (_, response) => {
    response.resume();
    following.end(response.statusCode ?? 0);
  });
  socket.on('close', (code, reason) => following.end(code, reason.toString()));
  // A close follows, with the code.
  socket.on('error', () => undefined);
  return () => socket.terminate();
}

function byEvents(device: Follows, following: Following): () => void {
  const stop = new AbortController();
  void (async () => {
    const { statusCode, body } = await request(`${device.url}${device.at('/tickets/current/events')}`, {
      headers: { cookie: device.cookieHeader, accept: 'text/event-stream' },
      signal: stop.signal,
      bodyTimeout: 0,
    });
    if (statusCode !== 200) {
      await body.dump();
      return following.end(statusCode);
    }
    let rest = '';
    for await (const chunk of body) {
      rest += String(chunk);
      const events = rest.split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) hearEvent(following, event);
    }
    following.end(0);
  })().catch((error: unknown) => following.end(0, String(error)));
  return () => stop.abort();
}

function hearEvent(following: Following, event: string): void {
  for (const line of event.split('\n')) {
    if (line.startsWith('data: {"v"')) following.hear(line.slice('data: '.length));
    if (line.startsWith('event: ')) following.end(0, line.slice('event: '.length));
    if (line.startsWith('retry: ')) following.retryMs = Number(line.slice('retry: '.length));
  }
}

function byPolling(device: Follows, following: Following): () => void {
  const stop = new AbortController();
  void (async () => {
    for (;;) {
      const { statusCode, body } = await request(`${device.url}${device.at('/tickets/current')}`, {
        headers: { cookie: device.cookieHeader },
        signal: stop.signal,
      });
      const text = await body.text();
      if (statusCode !== 200) return following.end(statusCode);
      following.hear(text);
      await delay(following.latest?.next ?? 1_000, undefined, { signal: stop.signal });
    }
  })().catch((error: unknown) => following.end(0, String(error)));
  return () => stop.abort();
}
