// One request and its answer on uWebSockets.js: the request is copied before anything else runs, an abort is noted,
// and every answer leaves through here, once.

import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { ClientAddress } from './client-address.ts';
import { type CopiedRequest, type RequestLife, watchLife } from './copied-request.ts';
import { type ProblemCode, type ProblemExtra, problem } from './problem.ts';
import type { AcceptedRequest } from './strict-request.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

export type Answer = {
  /** "200 OK". */
  readonly status: string;
  readonly headers: Headers;
  /** Further headers, ready to be sent: the name of the first, and its value with the others' lines. */
  readonly headerLines?: readonly [firstName: string, lines: string | Uint8Array];
  readonly body: string | Uint8Array;
};

const jsonLines = 'application/json\r\nCache-Control: no-store';

/** What a handler needs of a request, valid for as long as it takes. */
export class Exchange {
  readonly res: HttpResponse;
  readonly method: string;
  readonly path: string;
  /** With its question mark, or "". */
  readonly query: string;
  readonly accepted: AcceptedRequest;
  readonly client: ClientAddress;
  readonly prefix: string;
  readonly #onRefused: (code: ProblemCode) => void;
  #copied: CopiedRequest | null = null;
  #life: RequestLife | null = null;
  #isOver = false;
  #endsConnection = false;

  constructor(of: {
    readonly res: HttpResponse;
    readonly method: string;
    readonly path: string;
    readonly query: string;
    readonly accepted: AcceptedRequest;
    readonly client: ClientAddress;
    readonly prefix: string;
    /** Told of every problem document; for metrics. */
    readonly onRefused: (code: ProblemCode) => void;
  }) {
    this.res = of.res;
    this.method = of.method;
    this.path = of.path;
    this.query = of.query;
    this.accepted = of.accepted;
    this.client = of.client;
    this.prefix = of.prefix;
    this.#onRefused = of.onRefused;
  }

  /** True once answered, handed on, or given up by the other side. */
  get isOver(): boolean {
    return this.#isOver || this.#life?.isOver() === true;
  }

  /** The whole request was copied (and is watched), because it may go on to the shop. */
  useCopy(copied: CopiedRequest): void {
    this.#copied = copied;
    this.#life = copied.life;
  }

  /** Must be called before a handler returns without having answered. */
  watch(onAborted?: () => void): void {
    this.#life ??= watchLife(this.res);
    if (onAborted !== undefined) this.#life.whenOver(onAborted);
  }

  /** From here on somebody else answers (the shop's answer, an event stream). */
  handOver(): void {
    this.#isOver = true;
  }

  /** The answer to come is the last one on its connection. */
  endConnection(): void {
    this.#endsConnection = true;
  }

  answer(answer: Answer): void {
    if (this.isOver) return;
    this.#isOver = true;
    this.#copied?.body?.discard();
    // A handler that never awaited is still corked by the server.
    if (this.#life === null) this.#write(answer);
    else this.res.cork(() => this.#write(answer));
  }

  #write({ status, headers, headerLines, body }: Answer): void {
    this.res.writeStatus(status);
    if (headerLines !== undefined) this.res.writeHeader(...headerLines);
    for (const [name, value] of headers) this.res.writeHeader(name, value);
    if (this.method !== 'HEAD') this.res.end(body, this.isLast);
    else if (this.isLast) this.res.endWithoutBody(0, true);
    else {
      // Given to endWithoutBody, a length leaves the request unanswered, and the server ends the process for that.
      this.res.writeHeader('Content-Length', String(Buffer.byteLength(body)));
      this.res.endWithoutBody();
    }
  }

  /** All headers in one call to the server, which is felt in a rush. */
  json(status: string, body: string, headers: Headers = []): void {
    let lines = jsonLines;
    for (const [name, value] of headers) lines += `\r\n${name}: ${value}`;
    this.answer({ status, headers: [], headerLines: ['Content-Type', lines], body });
  }

  problem(code: ProblemCode, detail: string, extra: ProblemExtra = {}): void {
    if (this.isOver) return;
    this.#onRefused(code);
    const { statusLine, headers, body } = problem(code, detail, extra);
    this.answer({ status: statusLine, headers, body });
  }

  noContent(headers: Headers = []): void {
    this.answer({ status: '204 No Content', headers: [['Cache-Control', 'no-store'], ...headers], body: '' });
  }

  /**
   * The connection ends with the answer: we end, or the body came in chunks, after which the bytes that follow could be
   * read in two ways.
   */
  get isLast(): boolean {
    return this.#endsConnection || this.accepted.framing.kind === 'chunked';
  }
}

/** A query parameter of ours: plain values only, the first counts. */
export function queryValue(query: string, name: string): string | null {
  if (query.length < 2) return null;
  return new URLSearchParams(query).get(name);
}

/** Header lookup on the live request: "" if absent. Only valid before the handler returns. */
export function headerOf(req: HttpRequest): (name: string) => string {
  return name => req.getHeader(name);
}
