// The shop side of the proxy: a bounded set of kept connections to one origin, requests streamed over them.
// What a request carries is decided in `forwarded-headers.ts`, how one goes in `forwarding.ts`.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { buildConnector, Pool } from 'undici';
import { readBeforeWriteError } from './early-answer.ts';
import { headersToShop } from './forwarded-headers.ts';
import { codeOf, Forwarding } from './forwarding.ts';
import { readableBody } from './request-body.ts';
import { nameRequest, type ShopSpan, type ShopTracer } from './request-trace.ts';
import type { Shop, ShopAnswer, ShopObserver, ShopRequest } from './shop-port.ts';
import { type LeavingSocket, openShopSocket } from './shop-socket.ts';
import { compileSignatures, type ErrorSignature } from './signature-scan.ts';

export type ShopOptions = {
  /** `http://host:port` or `https://host:port`, no path. */
  readonly origin: string;
  /** Connections at once, each with one request on it. Default 512. */
  readonly connectionsMax?: number;
  /** Requests that may wait for a connection; above it they are refused at once. Default 2,048. */
  readonly waitingMax?: number;
  /** Until a connection stands. Default 5 s. */
  readonly connectTimeoutMs?: number;
  /** From the end of the request to the head of the answer. Default 60 s. */
  readonly firstByteTimeoutMs?: number;
  /** Longest silence inside an answer; 0 means none is too long. Default 300 s. */
  readonly silenceTimeoutMs?: number;
  /** Default 64 KB. */
  readonly answerHeaderBytesMax?: number;
  /** Longest WebSocket message in either direction. Default 1 MB. */
  readonly messageBytesMax?: number;
  /** Whether the shop's certificate must be valid. Default true. */
  readonly verifyCertificate?: boolean;
  readonly errorSignatures?: readonly ErrorSignature[];
  /** Default null: nobody records spans. */
  readonly tracer?: ShopTracer | null;
};

type Settings = Required<ShopOptions>;

const defaults = {
  connectionsMax: 512,
  waitingMax: 2_048,
  connectTimeoutMs: 5_000,
  firstByteTimeoutMs: 60_000,
  silenceTimeoutMs: 300_000,
  answerHeaderBytesMax: 65_536,
  messageBytesMax: 1_048_576,
  verifyCertificate: true,
  errorSignatures: [],
  tracer: null,
} satisfies Partial<ShopOptions>;

// Without a body and without an effect, so it may be sent again when the connection was gone before the shop could read.
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export function openShop(options: ShopOptions): Shop {
  const settings: Settings = { ...defaults, ...options };
  const signatures = compileSignatures(settings.errorSignatures);
  let certificateEndsAtMs: number | null = null;
  const { pool, wasKept } = openPool(settings, socket => {
    if (!(socket instanceof TLSSocket)) return;
    const endsAtMs = Date.parse(socket.getPeerCertificate().valid_to);
    if (!Number.isNaN(endsAtMs)) certificateEndsAtMs = endsAtMs;
  });
  let inFlight = 0;

  const forward = (request: ShopRequest, answer: ShopAnswer, observer: ShopObserver) => {
    const { method, body } = request;
    const written = writtenRequest(request, settings.tracer);
    let retriesLeft = body === null && repeatable.has(method) ? 1 : 0;
    const send = () => {
      inFlight += 1;
      pool.dispatch(dispatchOptions(request, written), forwarding);
    };
    const forwarding: Forwarding = new Forwarding({
      method,
      answer,
      observer,
      requestId: written.requestId,
      signatures,
      mayRetry: error => retriesLeft > 0 && wasKept(error),
      retry: () => {
        retriesLeft -= 1;
        send();
      },
      ended: (outcome, later) => written.span?.end(outcome, later),
      released: () => {
        inFlight -= 1;
      },
    });
    if (inFlight >= settings.connectionsMax + settings.waitingMax) {
      queueMicrotask(() => forwarding.refuse('too many requests wait for the shop'));
      return forwarding;
    }
    if (inFlight >= settings.connectionsMax) forwarding.limitQueueing(settings.firstByteTimeoutMs);
    send();
    return forwarding;
  };

  const sockets = new Set<LeavingSocket>();
  let isClosing = false;
  const closeSockets = () => {
    isClosing = true;
    // A conversation has no end to wait for; both sides are told.
    for (const socket of [...sockets]) socket.leave();
  };
  return {
    forward,
    inFlight: () => inFlight,
    certificateEndsAtMs: () => certificateEndsAtMs,
    openSocket(visit, events) {
      const socket = openShopSocket(settings, visit, events, () => sockets.delete(socket));
      sockets.add(socket);
      // On a connection that was kept from before.
      if (isClosing) queueMicrotask(() => socket.leave());
      return socket;
    },
    closeSockets,
    async close(graceMs = 0) {
      closeSockets();
      const cut = setTimeout(() => void pool.destroy(), graceMs);
      await pool.close().catch(() => {
        // Destroyed while it was closing: every request has been told already.
      });
      clearTimeout(cut);
    },
  };
}

type WrittenRequest = { readonly headers: string[]; readonly requestId: string; readonly span: ShopSpan | null };

/** Sent again, a request has the same name and the same span. */
function writtenRequest(request: ShopRequest, tracer: ShopTracer | null): WrittenRequest {
  const { method, target, room, passToken, body } = request;
  const { pairs, contentLength } = headersToShop(request.headers, request, room, passToken);
  const { requestId, traceparent, tracestate, added } = nameRequest(pairs);
  const headers: string[] = [];
  let span: ShopSpan | null = null;
  if (tracer === null) {
    for (const [name, value] of pairs) headers.push(name, value);
    for (const [name, value] of added) headers.push(name, value);
  } else {
    const [path = '/'] = target.split('?', 1);
    span = tracer.begin({ room, method, path, requestId, traceparent, tracestate });
    const isParent = (name: string) => name.toLowerCase() === 'traceparent';
    for (const [name, value] of [...pairs, ...added]) if (!isParent(name)) headers.push(name, value);
    headers.push('traceparent', span.traceparent);
  }
  if (body === null && contentLength === 0) headers.push('content-length', '0');
  if (body?.kind === 'flowing' && body.length !== null) headers.push('content-length', String(body.length));
  return { headers, requestId, span };
}

function dispatchOptions({ method, target, body }: ShopRequest, { headers }: WrittenRequest) {
  if (body === null) return { path: target, method, headers, body: null };
  if (body.kind === 'whole') return { path: target, method, headers, body: body.bytes };
  return { path: target, method, headers, body: readableBody(body) };
}

function openPool(settings: Settings, onConnected: (socket: Socket) => void) {
  const connector = buildConnector({
    timeout: settings.connectTimeoutMs,
    rejectUnauthorized: settings.verifyCertificate,
    keepAlive: true,
  });
  // Errors of connections that had answered before: only these can be a kept connection the shop closed meanwhile.
  const keptErrors = new WeakSet<Error>();
  const pool = new Pool(settings.origin, {
    connections: settings.connectionsMax,
    pipelining: 1,
    headersTimeout: settings.firstByteTimeoutMs,
    bodyTimeout: settings.silenceTimeoutMs,
    maxHeaderSize: settings.answerHeaderBytesMax,
    connect(options, callback) {
      connector(options, (...result) => {
        const [error, socket] = result;
        if (error === null) {
          onConnected(socket);
          rememberKept(socket, keptErrors);
          readBeforeWriteError(socket);
        }
        callback(...result);
      });
    },
  });
  const wasKept = (error: Error) => {
    const code = codeOf(error);
    if (code === 'ECONNRESET' || code === 'EPIPE') return keptErrors.has(error);
    return code === 'UND_ERR_SOCKET' && error.message === 'other side closed' && bytesReadOf(error) > 0;
  };
  return { pool, wasKept };
}

function rememberKept(socket: Socket, keptErrors: WeakSet<Error>): void {
  socket.prependListener('error', error => {
    if (socket.bytesRead > 0) keptErrors.add(error);
  });
}

function bytesReadOf(error: Error): number {
  const { socket } = error as { socket?: { bytesRead?: number } | null };
  return socket?.bytesRead ?? 0;
}
