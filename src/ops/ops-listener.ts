// Listens for operators: a port of its own, with limits against slow, large and many requests. What is asked and what is
// answered are left to others; only a request that cannot be read is answered here.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type OpsAnswer, opsProblem, rawAnswer } from './ops-problem.ts';

/** Port 0 takes a free one. */
export type ListenAt = { readonly host: string; readonly port: number };

export type ListenerLimits = {
  /** From the connection, or the last answer, until the headers of a request are there. Default 5 s. */
  readonly headersMs: number;
  /** Until the whole request is there. Default 10 s. */
  readonly requestMs: number;
  /** How long an idle connection is kept. Default 65 s: longer than the scrape period of most Prometheus set-ups. */
  readonly keepAliveMs: number;
  /** Default 16 KB. */
  readonly headerBytesMax: number;
  /** Connections at once; more are closed. Default 256. */
  readonly connectionsMax: number;
};

/** `isOpen`: whether the listener still takes new connections. */
export type OnRequest = (request: IncomingMessage, response: ServerResponse, isOpen: () => boolean) => void;

export type OpsListener = {
  readonly port: number;
  /** Takes no new connections, lets running requests end for at most `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
};

/** Rejects when the address cannot be listened on, with a message that says which and why. */
export async function openListener(at: ListenAt, limits: ListenerLimits, onRequest: OnRequest): Promise<OpsListener> {
  const server = buildServer(limits, onRequest);
  const port = await listen(server, at);
  return { port, close: graceMs => close(server, graceMs) };
}

function buildServer(limits: ListenerLimits, onRequest: OnRequest): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, Math.ceil(limits.headersMs / 2)),
    },
    (request, response) => onRequest(request, response, () => server.listening),
  );
  server.maxConnections = limits.connectionsMax;
  server.on('clientError', refuseUnreadable);
  return server;
}

/** OP13. A request that cannot be read is answered if its client still listens, and its connection ends. */
function refuseUnreadable(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  socket.end(rawAnswer(refusalOf(error.code)), () => socket.destroy());
}

function refusalOf(code: string | undefined): OpsAnswer {
  if (code === 'HPE_HEADER_OVERFLOW')
    return opsProblem('headers-too-large', 'The headers of this request are too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return opsProblem('request-timeout', 'The request took too long to arrive.');
  return opsProblem('bad-request', 'This is not a valid HTTP request.');
}

function listen(server: Server, { host, port }: ListenAt): Promise<number> {
  return new Promise((resolve, reject) => {
    // Stays on: an error after listening, such as too many open files, must not end the process.
    server.on('error', (error: Error & { readonly code?: string }) => {
      reject(new Error(`ops listener ${host}:${port}: ${reasonOf(error)}`, { cause: error }));
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
}

function reasonOf({ code, message }: Error & { readonly code?: string }): string {
  if (code === 'EADDRINUSE') return 'the port is in use; set another with ops.listen';
  if (code === 'EACCES') return 'this port may not be used by this user; set another with ops.listen';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'this machine has no such address; see ops.listen';
  return message;
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise(resolve => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
