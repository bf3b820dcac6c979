// The ops listener: probes, metrics and the operators' API on a port of its own, with limits against slow, large and
// many requests. What is answered stands in ops-routes.ts.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { OperatorsStore } from '../store/operators-store.ts';
import type { ApiNeeds, OpsLog, OpsRoom } from './api/api-needs.ts';
import type { RoomBook } from './api/room-book.ts';
import { reportAll } from './api/room-operations.ts';
import type { WebhookDesk } from './api/webhook-desk.ts';
import { AuditLog } from './audit-log.ts';
import type { ClientReader, ProxyLogin } from './authenticate.ts';
import { FailureLimit } from './failure-limit.ts';
import { HistoryLog } from './history-log.ts';
import { limited } from './log.ts';
import { SharedLogLevel } from './log-level.ts';
import type { Metrics } from './metrics.ts';
import { type OpsAnswer, type OpsPages, type OpsReply, type OpsStream, opsProblem, rawAnswer } from './ops-problem.ts';
import { type AnswerOps, opsRoutes, type Readiness } from './ops-routes.ts';
import { reportDesk } from './report/read-report.ts';
import { RoomFeed } from './room-feed.ts';
import { Sessions } from './session.ts';
import { type ConfiguredToken, TokenBook } from './token-book.ts';

export type OpsOptions = {
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The tokens of the configuration; none here and none made by the API: only probes and metrics answer. */
  readonly tokens: readonly ConfiguredToken[];
  readonly proxyLogin: ProxyLogin | null;
  /** Default: who is connected, whatever headers say. */
  readonly clientOf?: ClientReader;
  readonly store: OperatorsStore;
  /** The rooms as they are now; they may come and go. */
  readonly rooms: () => ReadonlyMap<string, OpsRoom>;
  readonly book: RoomBook;
  readonly webhooks: WebhookDesk;
  readonly metrics: Pick<Metrics, 'contentType' | 'scrape'>;
  readonly readiness: () => Readiness;
  readonly consolePage: () => Promise<OpsAnswer>;
  readonly log: OpsLog;
  readonly version: string;
  readonly nowMs: () => number;
  readonly limits?: Partial<OpsLimits>;
};

export type OpsLimits = {
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
  /** Wrong credentials that an address may send in a minute. Default 10. */
  readonly failuresMax: number;
  /** How long a write may wait for its commit. Default 10 s. */
  readonly commitWaitMs: number;
};

const defaultLimits: OpsLimits = {
  headersMs: 5_000,
  requestMs: 10_000,
  keepAliveMs: 65_000,
  headerBytesMax: 16 * 1024,
  connectionsMax: 256,
  failuresMax: 10,
  commitWaitMs: 10_000,
};

const guessLogPeriodMs = 60_000;

export type Ops = {
  readonly port: number;
  /** When the next token runs out; null: none will. */
  readonly nextTokenEndAtMs: () => number | null;
  /** How many wrong credentials came so far. */
  readonly wrongCredentials: () => number;
  /** Takes no new connections, lets running requests end for at most `graceMs` (default 1 s), then cuts them. */
  close(graceMs?: number): Promise<void>;
};

/** Rejects when the address cannot be listened on, with a message that says which and why. */
export async function openOps(options: OpsOptions): Promise<Ops> {
  const limits = { ...defaultLimits, ...options.limits };
  const { store, nowMs, log } = options;
  const tokens = await TokenBook.open({ store, configured: options.tokens, nowMs });
  const logLevel = await SharedLogLevel.open(store, log);
  const sessions = await Sessions.open(store);
  const tell = (fields: object, message: string) => log.error({ ...fields }, message);
  const seldom = limited({ warn: tell, error: tell }, guessLogPeriodMs);
  const failures = new FailureLimit(nowMs, limits.failuresMax, () => {
    seldom.error(
      'guessing',
      { wrongCredentials: failures.total },
      'an address sent so many wrong credentials that it waits',
    );
  });
  const feed = new RoomFeed(() => reportAll(options));
  const api: ApiNeeds = {
    ...{ rooms: options.rooms, book: options.book, webhooks: options.webhooks, log, logLevel, nowMs, feed },
    authentication: {
      ...{ tokens, nowMs, proxyLogin: options.proxyLogin, clientOf: options.clientOf ?? (peer => peer) },
      sessions,
      failures,
    },
    audit: new AuditLog(store, nowMs),
    history: new HistoryLog(store),
    report: reportDesk(store, nowMs),
    version: options.version,
    commitWaitMs: limits.commitWaitMs,
  };
  const { metrics, readiness, consolePage } = options;
  const answerOps = opsRoutes({ api, metrics, readiness, consolePage });
  const server = buildServer(limits, (request, response) => {
    void answer(answerOps, log, request, response, () => server.listening);
  });
  const stop = () => {
    tokens.stop();
    sessions.stop();
    logLevel.stop();
    feed.stop();
  };
  try {
    const port = await listen(server, options.listen);
    return {
      port,
      nextTokenEndAtMs: () => tokens.nextEndAtMs(),
      wrongCredentials: () => failures.total,
      async close(graceMs = 1_000) {
        stop();
        await close(server, graceMs);
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

function buildServer(
  limits: OpsLimits,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, Math.ceil(limits.headersMs / 2)),
    },
    onRequest,
  );
  server.maxConnections = limits.connectionsMax;
  server.on('clientError', refuseUnreadable);
  return server;
}

async function answer(
  answerOps: AnswerOps,
  log: OpsLog,
  request: IncomingMessage,
  response: ServerResponse,
  isListening: () => boolean,
): Promise<void> {
  let answered: OpsReply | null;
  try {
    answered = await answerOps(request);
  } catch (error) {
    log.error({ err: error, method: request.method }, 'an ops request failed');
    answered = opsProblem('internal-error', 'This failed for a reason of ours; the log of the gateway has it.');
  }
  if (answered === null || response.destroyed) return;
  if ('begin' in answered) return stream(answered, request, response);
  if ('pages' in answered) return pour(answered, log, request, response);
  // A connection that is kept would hold up the end of a listener that is closing.
  if (!isListening()) response.setHeader('Connection', 'close');
  const length = answered.status === 204 ? {} : { 'Content-Length': Buffer.byteLength(answered.body) };
  response.writeHead(answered.status, { ...answered.headers, ...length });
  response.end(answered.body);
  // What nobody read of the body is thrown away; the time limit of the request bounds it.
  request.resume();
}

/** A reader that is so far behind is skipped: the next event says everything again. */
const unreadBytesMax = 1_048_576;

function stream({ status, headers, begin }: OpsStream, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(status, headers);
  request.resume();
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  const stop = begin(
    text => {
      if (response.writableLength < unreadBytesMax) response.write(text);
    },
    () => response.end(),
  );
  response.once('close', stop);
}

/** OP200. A client that takes nothing holds one page here, and nothing else. */
async function pour(
  { status, headers, pages }: OpsPages,
  log: OpsLog,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(status, { ...headers, Connection: 'close' });
  request.resume();
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(pages), response);
  } catch (error) {
    // The cut connection tells the client that this was not all. One that left by itself is no news.
    if (request.socket.errored === null && !isPrematureEnd(error)) log.error({ err: error }, 'an export broke off');
  }
}

const isPrematureEnd = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';

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

function listen(server: Server, { host, port }: OpsOptions['listen']): Promise<number> {
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
