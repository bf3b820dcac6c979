// The operators' side of a gateway: probes, metrics and the API, put together behind a listener of its own. What is
// answered stands in ops-routes.ts, how it is listened in ops-listener.ts.
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
import { type ListenAt, type ListenerLimits, openListener } from './ops-listener.ts';
import { type OpsAnswer, type OpsReply, opsProblem } from './ops-problem.ts';
import { type AnswerOps, opsRoutes, type Readiness } from './ops-routes.ts';
import { reportDesk } from './report/read-report.ts';
import { RoomFeed } from './room-feed.ts';
import { type OpsExchange, sendReply } from './send-reply.ts';
import { Sessions } from './session.ts';
import { type ConfiguredToken, TokenBook } from './token-book.ts';

export type OpsOptions = {
  readonly listen: ListenAt;
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

export type OpsLimits = ListenerLimits & {
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
  const stop = () => {
    tokens.stop();
    sessions.stop();
    logLevel.stop();
    feed.stop();
  };
  try {
    const listener = await openListener(options.listen, limits, (request, response, isOpen) => {
      void answer(answerOps, { request, response, isOpen, log });
    });
    return {
      port: listener.port,
      nextTokenEndAtMs: () => tokens.nextEndAtMs(),
      wrongCredentials: () => failures.total,
      async close(graceMs = 1_000) {
        stop();
        await listener.close(graceMs);
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

async function answer(answerOps: AnswerOps, exchange: OpsExchange): Promise<void> {
  const { request, response, log } = exchange;
  let reply: OpsReply | null;
  try {
    reply = await answerOps(request);
  } catch (error) {
    log.error({ err: error, method: request.method }, 'an ops request failed');
    reply = opsProblem('internal-error', 'This failed for a reason of ours; the log of the gateway has it.');
  }
  if (reply !== null && !response.destroyed) sendReply(reply, exchange);
}
