// A request out of uWebSockets.js, copied before its handler returns: `req` is dead after that.
// It also keeps the body from being lost and the end of the connection from being missed while the gateway thinks.

import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { type HeldBody, holdBody } from './held-body.ts';

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
  /** The connection must not be used again: the body came in chunks (facts of the HTTP server, PX12), or we end (OP90). */
  readonly isLast: boolean;
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
    isLast: isChunked,
    body: hasBody ? holdBody(res, life) : null,
    life,
  };
}

export function watchLife(res: HttpResponse): RequestLife {
  const life = new WatchedLife();
  res.onAborted(() => life.end());
  return life;
}

/** In a rush many are alive at once: one object each, and a list only where somebody listens. */
class WatchedLife implements RequestLife {
  #isOver = false;
  #listeners: (() => void)[] | null = null;

  isOver(): boolean {
    return this.#isOver;
  }

  whenOver(listener: () => void): void {
    if (this.#isOver) return listener();
    this.#listeners ??= [];
    this.#listeners.push(listener);
  }

  end(): void {
    this.#isOver = true;
    for (const listener of this.#listeners ?? []) listener();
  }
}

// uWebSockets.js decodes header values as UTF-8; HTTP carries bytes.
function byteString(value: string): string {
  for (let index = 0; index < value.length; index += 1) {
    if (value.charCodeAt(index) > 0x7f) return Buffer.from(value, 'utf8').toString('latin1');
  }
  return value;
}
