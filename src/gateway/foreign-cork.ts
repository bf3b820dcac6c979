// A cork that belongs to another connection, for the one thing that must not happen inside a connection's own: a late
// upgrade to a WebSocket. Who upgrades and when is left to the caller.

import {
  App,
  type HttpResponse,
  type TemplatedApp,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import net from 'node:net';

export type ForeignCork = {
  run(act: () => void): void;
  release(): void;
};

/** How long the connection stays when nobody needs it. */
const idleMs = 1_000;

let carrier: TemplatedApp | null = null;
let pending: HttpResponse | null = null;
let near: net.Socket | null = null;
let holders = 0;
let waiters: (() => void)[] = [];
let isOpening = false;

/**
 * This build of the server has a defect: when an upgraded socket keeps its address, the end of its own cork reads the
 * socket's data as those of an HTTP answer and closes it now and then (uWebSockets #1929). Without any cork it prints a
 * warning for each upgrade. So upgrades run in the cork of a request that this process makes to itself and never answers.
 * Calls `then` at once, or when that request has come; without one it works as well, with the warning.
 */
export function borrowCork(then: (cork: ForeignCork) => void): void {
  holders += 1;
  if (pending !== null) return then(lend());
  waiters.push(() => then(lend()));
  if (!isOpening) open();
}

function lend(): ForeignCork {
  let isHeld = true;
  return {
    run: act => (pending === null ? act() : void pending.cork(act)),
    release() {
      if (!isHeld) return;
      isHeld = false;
      holders -= 1;
      if (holders === 0) setTimeout(closeIfIdle, idleMs);
    },
  };
}

function open(): void {
  isOpening = true;
  carrier ??= App().any('/*', arrived);
  carrier.listen('127.0.0.1', 0, listening => {
    if (listening === false) return settle(null);
    const socket = net.connect(us_socket_local_port(listening), '127.0.0.1');
    const stopListening = () => us_listen_socket_close(listening);
    near = socket;
    socket.on('error', () => settle(null));
    socket.once('close', () => {
      if (near === socket) near = null;
    });
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    waiters.unshift(stopListening);
  });
}

function arrived(res: HttpResponse): void {
  if (pending !== null) return void res.close();
  let isGone = false;
  res.onAborted(() => {
    isGone = true;
    if (pending === res) pending = null;
  });
  // Out of the handler: inside it this connection is corked by the server already.
  setImmediate(() => settle(isGone ? null : res));
}

function settle(res: HttpResponse | null): void {
  if (!isOpening) return;
  isOpening = false;
  pending = res;
  const due = waiters;
  waiters = [];
  for (const waiter of due) waiter();
}

function closeIfIdle(): void {
  if (holders === 0) near?.destroy();
}
