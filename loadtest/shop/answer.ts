// The way of one request through the shop: switches, static file, event stream, then the queue for a worker, then page or API.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerApi, problem } from './api.ts';
import { streamStock } from './live.ts';
import { m941Text, noticePage, stylesheet } from './page-html.ts';
import { answerPage } from './pages.ts';
import type { Sessions } from './sessions.ts';
import {
  htmlAnswer,
  readBody,
  type ShopAnswer,
  type ShopParts,
  type ShopRequest,
  writeAnswer,
} from './shop-request.ts';
import type { ShopCounters } from './switches.ts';
import type { WorkOutcome, WorkQueue } from './work-queue.ts';

export interface ShopCore extends ShopParts {
  readonly work: WorkQueue;
  readonly counters: ShopCounters;
  readonly sessions: Sessions;
}

export async function answerRequest(request: IncomingMessage, response: ServerResponse, core: ShopCore): Promise<void> {
  const { counters, work, sessions } = core;
  counters.requests += 1;
  const target = `http://shop${request.url ?? '/'}`;
  if (!URL.canParse(target)) return writeAnswer(response, troubleAnswer(400, false, 'target-invalid'));
  const url = new URL(target);
  const isApi = url.pathname.startsWith('/api/');
  if (core.switches.failing) {
    return writeAnswer(response, troubleAnswer(500, isApi, 'shop-failing'));
  }
  if (url.pathname === '/assets/shop.css') {
    const headers = { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=3600' };
    return writeAnswer(response, { status: 200, headers, body: stylesheet });
  }
  if (url.pathname === '/api/stock/events' && request.method === 'GET') return streamStock(response, core.stock);
  const body = await readBody(request);
  if (body === undefined) return writeAnswer(response, troubleAnswer(413, isApi, 'body-too-large'));
  const outcome = await work.run();
  if (outcome.kind !== 'done') {
    return writeAnswer(response, overloadAnswer(outcome, request.method ?? 'GET', url.pathname, counters));
  }
  counters.served += 1;
  const { session, setCookie } = sessions.of(request.headers.cookie);
  const shopRequest: ShopRequest = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    body,
    session,
    nowMs: Date.now(),
  };
  const shopAnswer = await (isApi ? answerApi : answerPage)(shopRequest, core);
  countAnswer(shopRequest, shopAnswer, counters);
  if (setCookie !== undefined) response.setHeader('set-cookie', setCookie);
  writeAnswer(response, shopAnswer);
}

export function troubleAnswer(status: number, isApi: boolean, code: string): ShopAnswer {
  return isApi ? problem(status, code) : htmlAnswer(status, noticePage('エラー <small>Error</small>', code));
}

/** What an overloaded shop says: those who pay get the M941 page, everybody else a plain gateway error. */
function overloadAnswer(outcome: WorkOutcome, method: string, path: string, counters: ShopCounters): ShopAnswer {
  if (outcome.kind === 'timedOut') counters.timedOut += 1;
  else counters.refused += 1;
  const isApi = path.startsWith('/api/');
  if (path === '/checkout' || path === '/api/checkout' || (method === 'GET' && path.startsWith('/orders/'))) {
    counters.m941 += 1;
    return isApi
      ? problem(500, 'M941', m941Text)
      : htmlAnswer(500, noticePage('エラー <small>Error</small>', m941Text));
  }
  return outcome.kind === 'timedOut' ? troubleAnswer(504, isApi, 'timed-out') : troubleAnswer(503, isApi, 'overloaded');
}

function countAnswer(request: ShopRequest, answer: ShopAnswer, counters: ShopCounters): void {
  const { method, path } = request;
  if (method !== 'POST') return;
  if ((path === '/login' || path === '/api/login') && answer.status < 400) counters.logins += 1;
  if ((path === '/cart' || path === '/api/cart') && answer.status === 409) counters.soldOut += 1;
}
