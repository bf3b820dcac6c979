// One fan's browser: a cookie jar and HTTP over undici. It asks again with jittered back-off when an answer is an error, so
// that fans never become a flood of their own making; what an answer means is left to the caller.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import type { SeededRandom } from '../seeded-random.ts';
import type { FanCounters, FanError } from './fan-counters.ts';

export interface FanAnswer {
  readonly status: number;
  readonly text: string;
  header(name: string): string | undefined;
}

export interface FanRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

export interface FanClientOptions {
  readonly gatewayUrl: string;
  readonly room: string;
  readonly dispatcher: Dispatcher;
  readonly random: SeededRandom;
  readonly counters: FanCounters;
  /** Aborted: everything rejects at once. */
  readonly signal: AbortSignal;
}

export interface FanClient {
  readonly options: FanClientOptions;
  /** The answer, which may still be an error that does not pass; undefined when errors went on for too long. */
  ask(fanRequest: FanRequest): Promise<FanAnswer | undefined>;
  /** Waits longer after each failure in a row, never for the same time as the others. */
  backOff(failuresInARow: number, leastMs?: number): Promise<void>;
  headers(): Readonly<Record<string, string>>;
  hasTicket(): boolean;
  hasPass(): boolean;
  /** The path of one of the room's own calls. */
  roomPath(call: string): string;
}

const retriesMax = 4;
const heldMax = 60;
const backOffMsLeast = 500;
const backOffMsMost = 30_000;
const answerMsMax = 20_000;

export function openFanClient(options: FanClientOptions): FanClient {
  const { gatewayUrl, room, random, counters, signal } = options;
  const cookies = new Map<string, string>();
  const has = (kind: string): boolean =>
    cookies.has(`junban-${kind}-${room}`) || cookies.has(`__Host-junban-${kind}-${room}`);

  const headers = (): Readonly<Record<string, string>> => ({
    origin: new URL(gatewayUrl).origin,
    'accept-language': 'ja,en;q=0.5',
    'user-agent': 'junban-fan',
    ...(cookies.size === 0 ? {} : { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
  });

  const askOnce = async ({ method, path, form, json }: FanRequest): Promise<FanAnswer> => {
    const isApi = path.startsWith('/_junban/') || path.startsWith('/api/');
    const body = form ? new URLSearchParams(form).toString() : json === undefined ? null : JSON.stringify(json);
    const contentType = form ? 'application/x-www-form-urlencoded' : 'application/json';
    const response = await request(gatewayUrl + path, {
      method,
      dispatcher: options.dispatcher,
      signal,
      headersTimeout: answerMsMax,
      bodyTimeout: answerMsMax,
      body,
      headers: {
        ...headers(),
        accept: isApi ? 'application/json' : 'text/html',
        ...(isApi ? {} : { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }),
        ...(body === null ? {} : { 'content-type': contentType }),
      },
    });
    keepCookies(cookies, response.headers['set-cookie']);
    const text = await response.body.text();
    const header = (name: string): string | undefined => [response.headers[name] ?? []].flat()[0];
    return { status: response.statusCode, text, header };
  };

  const backOff = async (failuresInARow: number, leastMs = 0): Promise<void> => {
    const mostMs = Math.min(backOffMsMost, backOffMsLeast * 2 ** failuresInARow);
    await sleep(Math.max(leastMs, mostMs * random.between(0.5, 1.5)), undefined, { signal });
  };

  const ask = async (fanRequest: FanRequest): Promise<FanAnswer | undefined> => {
    let held = 0;
    for (let failures = 0; failures <= retriesMax; failures += 1) {
      try {
        const answer = await askOnce(fanRequest);
        const error = errorOf(answer);
        if (error === undefined) return answer;
        counters.errors[error] += 1;
        await backOff(failures, retryAfterMsOf(answer));
        // The page says that the turn is kept, and asks again by itself: that costs a fan no patience, for a while.
        if (error === 'held' && held < heldMax && failures > 0) failures -= 1;
        if (error === 'held') held += 1;
      } catch (error) {
        if (signal.aborted) throw error;
        counters.errors[isTimeout(error) ? 'slow' : 'network'] += 1;
        await backOff(failures);
      }
    }
    return undefined;
  };

  const roomPath = (call: string): string => `/_junban/v1/${call}?room=${encodeURIComponent(room)}`;
  return { options, ask, backOff, headers, hasTicket: () => has('ticket'), hasPass: () => has('pass'), roomPath };
}

/** Errors that may pass when asked again later. */
function errorOf({ status, text, header }: FanAnswer): FanError | undefined {
  if (status < 500) return undefined;
  if (text.includes('M941')) return 'm941';
  return header('x-demo-shop') === undefined ? 'held' : 'http5xx';
}

function retryAfterMsOf(answer: FanAnswer): number {
  const seconds = Number(answer.header('retry-after') ?? 0);
  return Number.isFinite(seconds) ? Math.min(backOffMsMost, seconds * 1_000) : 0;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /TIMEOUT/.test(String(error.code));
}

function keepCookies(cookies: Map<string, string>, setCookie: string | readonly string[] | undefined): void {
  for (const line of [setCookie ?? []].flat()) {
    const pair = line.split(';', 1)[0] ?? '';
    const at = pair.indexOf('=');
    const isGone = /;\s*max-age=0(;|$)/i.test(line);
    if (isGone) cookies.delete(pair.slice(0, at));
    else if (at > 0) cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}
