// The port between a gateway and the shop behind it: what a gateway hands over, what comes back, how it can go wrong.
// It has no implementation; `shop.ts` carries it out for HTTP, `shop-socket.ts` for WebSockets.

import type { VisitRank } from '../admission/shop-turnstile.ts';

/** Decoded header lines as byte strings (one character a byte), names in any case, order kept. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** What the gateway knows about the fan's connection, from its own socket and its list of trusted proxies. */
export type FanFacts = {
  readonly peerIp: string;
  /** The peer is a proxy in front of us whose Forwarded headers are believed. */
  readonly trustedPeer: boolean;
  readonly secure: boolean;
};

/** What every request to the shop carries. */
export type ShopVisit = FanFacts & {
  /** Normalised path and query, printable ASCII, starting with a slash. */
  readonly target: string;
  readonly headers: HeaderPairs;
  readonly room: string;
  /** The pass token; null where the room lets this request through without one. */
  readonly passToken: string | null;
};

export type ShopRequest = ShopVisit & {
  readonly method: string;
  readonly body: ShopBody | null;
  /** How deep in the fan is; null where the path needs no pass. */
  readonly rank: VisitRank | null;
};

/** A body that is complete already, or one that flows. A length is what exactly one valid Content-Length promised. */
export type ShopBody =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'flowing'; readonly length: number | null; flow(reader: BodyReader): BodyFlow };

export type BodyReader = {
  /** The reader owns the bytes. False: stop until `resume` is called; what comes nevertheless is kept, not lost. */
  chunk(bytes: Uint8Array): boolean;
  end(): void;
};

export type BodyFlow = {
  resume(): void;
};

export type ShopHead = {
  readonly status: number;
  readonly reason: string;
  /** Ready for the fan: without hop-by-hop headers, framing, our own headers and cookies. */
  readonly headers: HeaderPairs;
  /** What the shop's Content-Length says; null when the length is unknown. */
  readonly bodyLength: number | null;
  /** No body follows: HEAD, 204, 304. */
  readonly bodyless: boolean;
};

/**
 * Where an answer goes. `head`, then any number of `write`, then `end`; or `fail` at any point, and nothing after it.
 * Nothing is called after `abort`.
 */
export type ShopAnswer = {
  head(head: ShopHead): void;
  /** The sink owns the bytes. False: nothing more is read from the shop until `resume`. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  fail(trouble: ShopTrouble): void;
};

export type ForwardHandle = {
  /** The fan has gone: the request to the shop is cut. */
  abort(): void;
  /** The sink can take more. */
  resume(): void;
};

/**
 * refused: no connection, or more requests wait for one than allowed; the shop has seen nothing.
 * timed-out: too slow to connect, to answer, or to go on. broken: the connection was lost with the request on it.
 * busy: it waited for the shop to have room, for as long as it may; the shop has seen nothing.
 * bad-answer: what came is not HTTP we can pass on. bad-request: the fan's request cannot be written as HTTP, the shop
 * has seen nothing and is not to blame. closed: this gateway is ending and asks the shop no more. `answered`: a byte of
 * the answer had reached the sink before.
 */
export type ShopTrouble = {
  readonly kind: 'refused' | 'busy' | 'timed-out' | 'broken' | 'bad-answer' | 'bad-request' | 'closed';
  readonly answered: boolean;
  /** For the log, never for the fan. */
  readonly detail: string;
  /** The id under which the shop saw the request, or would have seen it; absent where it never came so far. */
  readonly requestId?: string;
};

export type ShopCommand = 'end';

/** How a forwarded request went, once: when it is over, or earlier when an error signature is seen. */
export type ShopOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** An error signature of the room was in the status, a header or the body. */
      readonly signature: boolean;
      readonly firstByteMs: number;
      /** How long it was held back before; absent: not at all. */
      readonly waitedMs?: number;
      /** It took far longer than its class usually does, for another reason than the load. Absent: no. */
      readonly isLate?: true;
    }
  | ShopTrouble
  /** `waitedMs`: it was held back for so long, and the shop has seen nothing of it. Absent: the shop had it. */
  | { readonly kind: 'abandoned'; readonly waitedMs?: number };

/** Called as things become known; `command` before the answer's head is passed on. */
export type ShopObserver = {
  outcome(outcome: ShopOutcome): void;
  command(command: ShopCommand): void;
};

export type Shop = {
  forward(request: ShopRequest, answer: ShopAnswer, observer: ShopObserver): ForwardHandle;
  /** Opens a WebSocket to the shop with the fan's subprotocols. */
  openSocket(visit: ShopVisit, events: ShopSocketEvents): ShopSocket;
  /** Requests that have not ended yet. */
  inFlight(): number;
  /** When the certificate that the shop showed last runs out; null without TLS or before the first connection. */
  certificateEndsAtMs(): number | null;
  /** Closes sockets with 1001 on both sides, now and from now on. */
  closeSockets(): void;
  /**
   * Takes no further requests. Closes sockets likewise; lets running requests end for at most `graceMs`,
   * then cuts them.
   */
  close(graceMs?: number): Promise<void>;
};

export type ShopSocketEvents = {
  /** The shop has accepted; `subprotocol` is empty when it chose none. */
  open(subprotocol: string, headers: HeaderPairs): void;
  /** The shop said no with an HTTP answer of its own. */
  refuse(status: number, headers: HeaderPairs, body: Uint8Array): void;
  fail(trouble: ShopTrouble): void;
  message(bytes: Uint8Array, isBinary: boolean): void;
  /** `code` is 1005 when the shop gave none, 1006 when the connection was lost. */
  close(code: number, reason: Uint8Array): void;
  /** What was sent has drained after `send` returned false. */
  drain(): void;
};

export type ShopSocket = {
  /** False: stop reading from the fan until `drain`. */
  send(bytes: Uint8Array, isBinary: boolean): boolean;
  pause(): void;
  resume(): void;
  close(code: number, reason: Uint8Array): void;
  /** Cuts the connection, also while it is being opened. */
  abort(): void;
};
