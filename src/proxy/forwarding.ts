// One request on its way to the shop and back: undici's events in, the port's answer and outcome out.
// Connections, limits and the retry of a stale connection are left to `shop.ts`.

import type { Dispatcher } from 'undici';
import { headersToFan } from './forwarded-headers.ts';
import type { ForwardHandle, ShopAnswer, ShopObserver, ShopOutcome, ShopTrouble } from './shop-port.ts';
import type { SignatureMatcher, SignatureScan } from './signature-scan.ts';

export type ForwardingContext = {
  readonly method: string;
  readonly answer: ShopAnswer;
  readonly observer: ShopObserver;
  /** The id under which the shop sees the request. */
  readonly requestId: string;
  readonly signatures: SignatureMatcher | null;
  /** True when the error came from a kept connection that the shop had closed, and the request may be sent again. */
  mayRetry(error: Error): boolean;
  retry(): void;
  /** It is over, and how it went is known; `later`: what else went wrong after that had been told. // PX155 */
  ended(outcome: ShopOutcome, later: ShopTrouble | null): void;
  /** undici has let go of this request. */
  released(): void;
};

type Phase = 'queued' | 'sent' | 'responding' | 'head-passed' | 'over';

export class Forwarding implements Dispatcher.DispatchHandler, ForwardHandle {
  readonly #context: ForwardingContext;
  readonly #startedAtMs = performance.now();
  #phase: Phase = 'queued';
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #firstByteMs = 0;
  #scan: SignatureScan | null = null;
  #outcome: ShopOutcome | null = null;
  #hasEnded = false;
  #queueTimer: NodeJS.Timeout | null = null;

  constructor(context: ForwardingContext) {
    this.#context = context;
  }

  /** Bounds the wait for a free connection, which undici does not. */
  limitQueueing(timeoutMs: number): void {
    this.#queueTimer = setTimeout(() => {
      if (this.#phase === 'queued') this.#fail('timed-out', 'no connection to the shop was free in time');
    }, timeoutMs);
  }

  refuse(detail: string): void {
    if (this.#phase === 'queued') this.#fail('refused', detail);
  }

  abort(): void {
    if (this.#phase === 'over') return;
    // What has been seen of an error speaks against the shop, though the fan did not wait for the rest. // PX140
    const signature = this.#scan?.seen() ?? false;
    const isError = this.#phase === 'head-passed' && (signature || this.#status >= 500);
    this.#finish();
    this.#scan?.drop();
    if (isError) this.#answered(signature);
    else this.#tell({ kind: 'abandoned' });
    this.#controller?.abort(new Error('the fan has gone'));
  }

  resume(): void {
    if (this.#phase === 'head-passed') this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#queueTimer !== null) clearTimeout(this.#queueTimer);
    // Throwing drops a request that nobody waits for without costing the connection, as aborting it would.
    if (this.#phase === 'over') throw new Error('the request has been given up');
    this.#controller = controller;
    this.#phase = 'sent';
  }

  onResponseStarted(): void {
    if (this.#phase === 'sent') this.#phase = 'responding';
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _: unknown, reason?: string): void {
    if (this.#phase === 'over' || status < 200) return;
    this.#firstByteMs = performance.now() - this.#startedAtMs;
    const { method, answer, observer, signatures } = this.#context;
    const headers = headersToFan(decodePairs(controller.rawHeaders));
    if (headers.command !== null) observer.command(headers.command);
    if (this.#isOver()) return;
    if (!headers.clean) {
      this.#fail('bad-answer', 'a header value of the shop holds a control character');
      controller.abort(new Error('bad header value'));
      return;
    }
    this.#status = status;
    // Told when it is seen and not when the body ends: that may be much later, or never. // PX150
    if (signatures !== null) this.#scan = signatures(status, headers.pairs, () => this.#answered(true));
    this.#phase = 'head-passed';
    answer.head({
      status,
      reason: reason ?? '',
      headers: headers.pairs,
      bodyLength: headers.contentLength,
      bodyless: method === 'HEAD' || status === 204 || status === 304,
    });
    if (this.#scan?.seen() === true) this.#answered(true);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#phase !== 'head-passed') return;
    this.#scan?.chunk(chunk);
    if (!this.#context.answer.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#context.released();
    if (this.#phase !== 'head-passed') return;
    this.#finish();
    this.#context.answer.end();
    const scan = this.#scan;
    if (scan === null) this.#answered(false);
    else scan.end(() => this.#answered(scan.seen()));
  }

  #answered(signature: boolean): void {
    const [status, firstByteMs] = [this.#status, this.#firstByteMs];
    this.#tell({ kind: 'answered', status, signature, firstByteMs });
  }

  /** A request counts once. */
  #tell(outcome: ShopOutcome, trouble: ShopTrouble | null = null): void {
    const told = this.#outcome;
    this.#outcome ??= outcome;
    if (told === null) this.#context.observer.outcome(outcome);
    if (this.#phase !== 'over' || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#context.ended(this.#outcome, told === null ? null : trouble);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#context.released();
    if (this.#phase === 'over') return;
    if (this.#phase === 'sent' && this.#context.mayRetry(error)) {
      this.#phase = 'queued';
      this.#controller = null;
      this.#context.retry();
      return;
    }
    this.#fail(troubleOf(error, this.#phase !== 'queued'), describe(error));
  }

  #isOver(): boolean {
    return this.#phase === 'over';
  }

  #finish(): void {
    this.#phase = 'over';
    if (this.#queueTimer !== null) clearTimeout(this.#queueTimer);
  }

  #fail(kind: ShopTrouble['kind'], detail: string): void {
    const { requestId } = this.#context;
    const trouble: ShopTrouble = { kind, answered: this.#phase === 'head-passed', detail, requestId };
    this.#finish();
    this.#scan?.drop();
    this.#context.answer.fail(trouble);
    this.#tell(trouble, trouble);
  }
}

function decodePairs(raw: Dispatcher.DispatchController['rawHeaders']): [string, string][] {
  const pairs: [string, string][] = [];
  if (!Array.isArray(raw)) return pairs;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index];
    const value = raw[index + 1];
    if (name !== undefined && value !== undefined) pairs.push([name.toString('latin1'), value.toString('latin1')]);
  }
  return pairs;
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function describe(error: Error): string {
  const code = codeOf(error);
  return code === '' ? error.message : `${code}: ${error.message}`;
}

/** What an error of undici means; `sent` tells whether a connection had taken the request. */
export function troubleOf(error: Error, sent: boolean): ShopTrouble['kind'] {
  const code = codeOf(error);
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'ETIMEDOUT':
      return 'timed-out';
    case 'UND_ERR_CLOSED':
    case 'UND_ERR_DESTROYED':
      return 'closed';
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
    case 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH':
      return 'bad-request';
    case 'UND_ERR_HEADERS_OVERFLOW':
      return 'bad-answer';
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return 'broken';
  }
  // undici's parser gives no usable code: an answer that ends too early is told apart by its message alone.
  if (error.name === 'HTTPParserError') return error.message.includes('EOF') ? 'broken' : 'bad-answer';
  if (error.message.startsWith('bad ')) return 'bad-answer';
  return sent ? 'broken' : 'refused';
}
