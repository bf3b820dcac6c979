// A request out of uWebSockets.js, copied before its handler returns: `req` is dead after that.
// It also keeps the body from being lost and the end of the connection from being missed while the gateway thinks.

import type { HttpRequest, HttpResponse } from 'uWebSockets.js';

export type CopiedRequest = {
  readonly method: string;
  /** Path and query; the gateway replaces it by the normalised one (`{ ...request, target }`). */
  readonly target: string;
  /** As they came, in order, as byte strings (one character a byte). */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly peerIp: string;
  readonly trustedPeer: boolean;
  readonly secure: boolean;
  readonly hasBody: boolean;
  /** The body came in chunks: the connection must not be used again (facts of the HTTP server, PX12). */
  readonly isChunked: boolean;
  /** Null exactly when there is none. Held back until somebody reads it. */
  readonly body: HeldBody | null;
  readonly life: RequestLife;
};

/** Whether the fan is still there; uWebSockets.js has one listener, this has as many as are needed. */
export type RequestLife = {
  isOver(): boolean;
  /** Calls `listener` when the fan goes before the answer is complete; at once if it has gone already. */
  whenOver(listener: () => void): void;
};

export type PeerFacts = { readonly trustedPeer: boolean; readonly secure: boolean };

/** Must be called in the handler itself, before anything else: it listens for the abort first. */
export function copyRequest(
  res: HttpResponse,
  req: HttpRequest,
  factsOf: (peerIp: string, headers: CopiedRequest['headers']) => PeerFacts,
): CopiedRequest {
  const life = watchLife(res);
  const headers: [string, string][] = [];
  let length: string | null = null;
  let isChunked = false;
  req.forEach((name, value) => {
    if (name === 'content-length') length = value;
    else if (name === 'transfer-encoding') isChunked = true;
    headers.push([name, byteString(value)]);
  });
  // Undefined without a question mark, whatever the declaration says; a bare one is kept.
  const query: string | undefined = req.getQuery();
  const peerIp = Buffer.from(res.getRemoteAddressAsText()).toString('latin1');
  const hasBody = isChunked || (length !== null && length !== '0');
  return {
    method: req.getCaseSensitiveMethod(),
    target: query === undefined ? req.getUrl() : `${req.getUrl()}?${query}`,
    headers,
    peerIp,
    ...factsOf(peerIp, headers),
    hasBody,
    isChunked,
    body: hasBody ? holdBody(res, life) : null,
    life,
  };
}

export function watchLife(res: HttpResponse): RequestLife {
  let isOver = false;
  const listeners: (() => void)[] = [];
  res.onAborted(() => {
    isOver = true;
    for (const listener of listeners) listener();
  });
  return {
    isOver: () => isOver,
    whenOver(listener) {
      if (isOver) listener();
      else listeners.push(listener);
    },
  };
}

// uWebSockets.js decodes header values as UTF-8; HTTP carries bytes.
function byteString(value: string): string {
  for (let index = 0; index < value.length; index += 1) {
    if (value.charCodeAt(index) > 0x7f) return Buffer.from(value, 'utf8').toString('latin1');
  }
  return value;
}

export type HeldBody = {
  /** The whole body if it is here already, else null. */
  whole(): Uint8Array | null;
  /** Starts the flow; only once. `chunk` returning false pauses the fan until `resume`. */
  read(reader: { chunk(bytes: Uint8Array): boolean; end(): void }): { resume(): void };
  /** Lets the rest pass unread, so that an answer that came early can be read by the fan. */
  discard(): void;
};

/** A paused body still runs against the server's timer for slow bodies; touching it this often keeps it alive. */
const touchEveryMs = 4_000;

function holdBody(res: HttpResponse, life: RequestLife): HeldBody {
  let held: Uint8Array[] = [];
  let reader: { chunk(bytes: Uint8Array): boolean; end(): void } | null = null;
  let isComplete = false;
  let isPaused = false;
  let isDiscarded = false;
  let touching: NodeJS.Timeout | null = null;
  const stopTouching = () => {
    if (touching !== null) clearInterval(touching);
    touching = null;
  };
  life.whenOver(stopTouching);
  const pause = () => {
    if (isPaused || isComplete || life.isOver()) return;
    isPaused = true;
    res.pause();
    touching ??= setInterval(() => {
      if (!isPaused || life.isOver()) return;
      res.resume();
      res.pause();
    }, touchEveryMs).unref();
  };
  const resume = () => {
    if (!isPaused) return;
    isPaused = false;
    stopTouching();
    if (!life.isOver()) res.resume();
  };
  res.onData((chunk, isLast) => {
    isComplete = isLast;
    if (isLast) stopTouching();
    if (isDiscarded) return;
    // The server takes the memory back when this returns.
    const bytes = new Uint8Array(chunk.slice(0));
    if (reader === null) {
      if (bytes.byteLength > 0) held.push(bytes);
      pause();
      return;
    }
    if (bytes.byteLength > 0 && !reader.chunk(bytes)) pause();
    if (isLast) reader.end();
  });
  return {
    whole: () => (isComplete ? Buffer.concat(held) : null),
    read(next) {
      reader = next;
      let goOn = true;
      for (const bytes of held) goOn = next.chunk(bytes) && goOn;
      held = [];
      if (isComplete) next.end();
      else if (goOn) resume();
      return { resume };
    },
    discard() {
      isDiscarded = true;
      held = [];
      resume();
    },
  };
}
