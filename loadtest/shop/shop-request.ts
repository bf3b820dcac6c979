// What the shop's pages and its API get and give: a request whose body is read, an answer that is written in one piece.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OrderLog } from './order-log.ts';
import type { Session } from './sessions.ts';
import type { Stock } from './stock.ts';
import type { Switches } from './switches.ts';

export interface ShopRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly session: Session;
  readonly nowMs: number;
}

export interface ShopAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** All that the shop is made of, for the routes to act on. */
export interface ShopParts {
  readonly stock: Stock;
  readonly orders: OrderLog;
  readonly switches: Switches;
}

const bodyBytesMax = 16_384;

/** The body as text; undefined when it is larger than the shop accepts. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > bodyBytesMax) return undefined;
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function writeAnswer(response: ServerResponse, answer: ShopAnswer): void {
  response.writeHead(answer.status, {
    'cache-control': 'no-store',
    ...answer.headers,
    'content-length': String(Buffer.byteLength(answer.body)),
  });
  response.end(answer.body);
}

/** `X-Demo-Shop` lets a client tell the shop's answers from those of whatever stands before it. */
export function htmlAnswer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): ShopAnswer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', 'x-demo-shop': 'page', ...headers }, body };
}

export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): ShopAnswer {
  const contentType = status >= 400 ? 'application/problem+json' : 'application/json; charset=utf-8';
  const body = JSON.stringify(value);
  return { status, headers: { 'content-type': contentType, 'x-demo-shop': 'api', ...headers }, body };
}

export function seeOther(location: string): ShopAnswer {
  return { status: 303, headers: { location, 'x-demo-shop': 'page' }, body: '' };
}
