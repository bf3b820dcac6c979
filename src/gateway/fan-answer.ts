// The shop's answer on its way to the fan: bytes at the fan's speed, framing by uWebSockets.js, whose traps are dealt
// with here and nowhere else. What the shop said and whether it failed is told to it.

import type { HttpResponse } from 'uWebSockets.js';
import type { ForwardHandle, ShopAnswer, ShopHead, ShopTrouble } from '../proxy/shop-port.ts';
import { writeHead } from './answer-head.ts';
import type { CopiedRequest } from './copied-request.ts';
import { LastAnswer } from './last-answer.ts';

export type TroublePage = {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array;
};

export type FanSide = {
  readonly res: HttpResponse;
  readonly request: CopiedRequest;
  readonly extraSetCookies: readonly string[];
  /** What the fan gets when the shop fails before a byte was answered; absent: a cut connection. */
  troublePage?(trouble: ShopTrouble): TroublePage;
};

/** What the server gathers inside a cork before it writes. */
const corkBufferBytes = 16_384;
const pressedStepBytes = 20_480;
const unsureBytesMax = 1_048_576;

export class FanAnswer implements ShopAnswer {
  readonly #exchange: FanSide;
  /** Null: the connection may serve others after this answer. */
  readonly #last: LastAnswer | null;
  #source: Pick<ForwardHandle, 'resume'> | null = null;
  #head: ShopHead | null = null;
  #headWritten = false;
  #over = false;
  #rest: Uint8Array | null = null;
  #endAsked = false;
  #isPressed = false;
  #unsureBytes = 0;

  constructor(exchange: FanSide) {
    this.#exchange = exchange;
    this.#last = exchange.request.isLast ? new LastAnswer(exchange.res) : null;
    exchange.request.life.whenOver(() => {
      this.#over = true;
      this.#last?.over();
    });
  }

  /** What is told to go on when the fan has taken what there was; no function of ours, which would be an old object. // PX160 */
  flowsFrom(source: Pick<ForwardHandle, 'resume'>): void {
    this.#source = source;
  }

  head(head: ShopHead): void {
    this.#head = head;
    // Events must not wait for each other, so they are not gathered.
    if (isPlainEventStream(head)) this.#last?.letGo();
    if (head.bodyless || this.#last?.isGathered === true) return;
    this.#exchange.res.onWritable(() => this.#continue());
    // Usually the first bytes of the body follow at once and go out with the head.
    setImmediate(() => {
      if (!this.#headWritten && !this.#over) this.#cork(() => this.#openAnswer(head));
    });
  }

  write(chunk: Uint8Array): boolean {
    const head = this.#head;
    if (this.#over || head === null) return true;
    if (this.#last?.isGathered === true) return this.#gather(this.#last, head, chunk);
    return this.#pass(head, chunk);
  }

  end(): void {
    const head = this.#head;
    if (this.#over || head === null) return;
    this.#endAsked = true;
    if (this.#rest !== null) return;
    this.#letGoOfBody();
    this.#cork(() => {
      if (head.bodyless) return this.#endBodyless(head);
      if (this.#last?.isGathered === true) return this.#endGathered(this.#last, head);
      if (!this.#headWritten && head.bodyLength === null) {
        this.#writeHead(head);
        this.#exchange.res.end();
      } else if (head.bodyLength === null) {
        if (this.#last !== null) return this.#endChunksAndLinger(this.#last);
        this.#exchange.res.end();
      } else if (head.bodyLength === 0) {
        this.#writeHead(head);
        this.#exchange.res.tryEnd('', 0);
      } else {
        // Fewer bytes than promised: only a cut connection tells the fan so.
        this.#exchange.res.close();
      }
      this.#finish();
    });
  }

  fail(trouble: ShopTrouble): void {
    if (this.#over) return;
    if (this.#headWritten || this.#exchange.troublePage === undefined) {
      this.#over = true;
      this.#exchange.res.close();
      return;
    }
    const { status, headers, body } = this.#exchange.troublePage(trouble);
    this.#letGoOfBody();
    this.#cork(() => {
      writeHead(this.#exchange.res, status, '', headers, this.#exchange.extraSetCookies);
      this.#exchange.res.end(this.#exchange.request.method === 'HEAD' ? '' : body, this.#exchange.request.hasBody);
      this.#finish();
    });
  }

  #pass(head: ShopHead, chunk: Uint8Array): boolean {
    let goOn = true;
    const act = () => {
      if (!this.#headWritten) this.#writeHead(head);
      goOn = head.bodyLength === null ? this.#sendChunked(chunk) : this.#send(chunk, head.bodyLength);
    };
    // What fits in the server's cork buffer always counts as written there, even when the fan reads nothing. So now and
    // then a chunk goes around the buffer to learn the truth; the server then prints its warning about it once.
    if (this.#unsureBytes > unsureBytesMax) act();
    else this.#cork(act);
    return goOn;
  }

  #sendChunked(chunk: Uint8Array): boolean {
    const { res } = this.#exchange;
    for (let offset = 0; offset < chunk.byteLength; ) {
      // While the fan is behind, small steps: the server keeps what it can't send, and each step adds to that.
      const next = this.#isPressed ? Math.min(offset + pressedStepBytes, chunk.byteLength) : chunk.byteLength;
      const isSure = next - offset > corkBufferBytes || this.#unsureBytes > unsureBytesMax;
      this.#isPressed = !res.write(chunk.subarray(offset, next));
      this.#unsureBytes = isSure ? 0 : this.#unsureBytes + next - offset;
      offset = next;
      if (!this.#isPressed) continue;
      if (offset < chunk.byteLength) this.#rest = chunk.subarray(offset);
      return false;
    }
    return true;
  }

  // What the server did not take is ours to keep: at most one chunk of the shop.
  #send(chunk: Uint8Array, bodyLength: number): boolean {
    const { res } = this.#exchange;
    const last = this.#last;
    const before = res.getWriteOffset();
    if (before + chunk.byteLength >= bodyLength) this.#letGoOfBody();
    // The length is announced by the first call and compared by each: one more than announced, and the answer is never
    // done for the server, which then refuses whatever follows on the connection (PX12).
    if (last !== null && before === 0) res.tryEnd('', bodyLength);
    const [ok, isDone] = res.tryEnd(chunk, last === null ? bodyLength : bodyLength + 1);
    if (isDone) {
      this.#finish();
      return true;
    }
    if (last !== null && res.getWriteOffset() === bodyLength) {
      this.#linger(last);
      return true;
    }
    if (ok) return true;
    this.#rest = chunk.subarray(res.getWriteOffset() - before);
    return false;
  }

  #continue(): boolean {
    const rest = this.#rest;
    const head = this.#head;
    if (this.#last?.lingersOn() === true) {
      this.#cork(() => undefined);
      return true;
    }
    if (this.#over || head === null) return true;
    // With a listener for writability the server leaves what it holds to us; an empty cork makes it try again.
    this.#cork(() => undefined);
    if (rest !== null) {
      this.#rest = null;
      if (!this.#pass(head, rest)) return false;
      if (this.#isOver()) return true;
      if (this.#endAsked) {
        this.end();
        return true;
      }
    }
    this.#source?.resume();
    return true;
  }

  /** Sends the head before the body has begun, where the server can. */
  #openAnswer(head: ShopHead): void {
    const { res } = this.#exchange;
    if (head.bodyLength !== null && head.bodyLength > 0) {
      this.#writeHead(head);
      res.tryEnd('', head.bodyLength);
    } else if (head.bodyLength === null && isPlainEventStream(head)) {
      // The server has no way to send a chunked head alone; an empty comment is invisible to the reader of events.
      this.#writeHead(head);
      res.write(':\n\n');
    }
  }

  #gather(last: LastAnswer, head: ShopHead, chunk: Uint8Array): boolean {
    if (last.gather(chunk)) return true;
    this.#exchange.res.onWritable(() => this.#continue());
    return this.#pass(head, last.letGo());
  }

  #endGathered(last: LastAnswer, head: ShopHead): void {
    writeHead(this.#exchange.res, head.status, head.reason, head.headers, this.#exchange.extraSetCookies);
    this.#exchange.res.end(last.letGo(), true);
    this.#finish();
  }

  /** The end as the fan must read it, without the server noticing: for it the answer stays pending (PX12). */
  #endChunksAndLinger(last: LastAnswer): void {
    // The server ends chunks only together with the answer. A trailer field is what a header line can write by itself.
    this.#exchange.res.writeHeader('\r\n0\r\nJunban-Answer', 'complete\r\n');
    this.#linger(last);
  }

  #linger(last: LastAnswer): void {
    this.#over = true;
    last.linger();
  }

  #endBodyless(head: ShopHead): void {
    const { res } = this.#exchange;
    if (this.#last !== null && !(head.bodyLength !== null && head.bodyLength > 0 && head.status !== 204)) {
      writeHead(res, head.status, head.reason, head.headers, this.#exchange.extraSetCookies);
      res.end('', true);
      return this.#finish();
    }
    this.#writeHead(head);
    if (this.#last !== null) {
      res.tryEnd('', head.bodyLength ?? 0);
      return this.#linger(this.#last);
    }
    // Given to endWithoutBody, a length leaves the request pending and the next one on the connection closes it.
    if (head.bodyLength !== null && head.status !== 204) res.writeHeader('Content-Length', String(head.bodyLength));
    res.endWithoutBody();
    this.#finish();
  }

  #writeHead(head: ShopHead): void {
    const { res, extraSetCookies } = this.#exchange;
    this.#headWritten = true;
    writeHead(res, head.status, head.reason, head.headers, extraSetCookies);
    if (this.#last !== null) res.writeHeader('Connection', 'close');
  }

  #cork(act: () => void): void {
    this.#exchange.res.cork(act);
  }

  #isOver(): boolean {
    return this.#over;
  }

  #finish(): void {
    this.#over = true;
  }

  // Before the last byte: after it the response can't be touched, and a paused body would never be read.
  #letGoOfBody(): void {
    this.#exchange.request.body?.discard();
  }
}

function isPlainEventStream(head: ShopHead): boolean {
  let isEvents = false;
  for (const [name, value] of head.headers) {
    const lower = name.toLowerCase();
    if (lower === 'content-encoding') return false;
    if (lower === 'content-type') isEvents = value.toLowerCase().startsWith('text/event-stream');
  }
  return isEvents;
}
