// The first look at every request: what is malformed is refused before any work, the rest becomes an exchange. Which room
// it belongs to, and what is done with it, comes after.

import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { authPath } from './api-routes.ts';
import {
  type AddressReader,
  type ClientAddress,
  createAddressReader,
  type ForwardingHeaders,
} from './client-address.ts';
import { Exchange, headerOf } from './exchange.ts';
import { peerText } from './peer-text.ts';
import { type ProblemCode, problem } from './problem.ts';
import { parseTarget } from './request-target.ts';
import { RequestCheck } from './strict-request.ts';

export type RequestDeskNeeds = {
  readonly prefix: string;
  readonly trustedProxies: readonly string[];
  /** Told of every problem document; for metrics. */
  readonly onRefused: (code: ProblemCode) => void;
};

export type Admitted = {
  readonly exchange: Exchange;
  /** Looks up a header of the live request: only before the handler returns. */
  readonly header: (name: string) => string;
};

/** A client that came to us directly; where it came from is read when it matters. */
const directClient: ClientAddress = { ip: '', secure: false, trustedPeer: false };

export class RequestDesk {
  readonly #of: RequestDeskNeeds;
  readonly #check = new RequestCheck();
  readonly #readAddress: AddressReader;

  constructor(of: RequestDeskNeeds) {
    this.#of = of;
    this.#readAddress = createAddressReader(of.trustedProxies);
  }

  /** Everything that must hold of any request; null: it was refused, or its sender cut off. */
  admit(res: HttpResponse, req: HttpRequest): Admitted | null {
    const method = req.getCaseSensitiveMethod();
    const query = req.getQuery();
    const rawTarget = query === undefined ? req.getUrl() : `${req.getUrl()}?${query}`;
    this.#check.start(method, rawTarget);
    req.forEach(this.#check.header);
    const checked = this.#check.finish();
    if (checked.kind === 'refused') {
      this.#of.onRefused(checked.code);
      this.#refuseMalformed(res, problem(checked.code, checked.detail));
      return null;
    }
    const { prefix } = this.#of;
    // Envoy appends the path of the request it asks about: read apart, its dot segments cannot lead out of the check.
    const authStem = rawTarget.startsWith(`${prefix}${authPath}/`) ? `${prefix}${authPath}` : '';
    const target = parseTarget(rawTarget.slice(authStem.length), checked.host, method);
    if (target.kind === 'refused') {
      this.#of.onRefused('bad-request');
      this.#refuseMalformed(res, problem('bad-request', target.detail));
      return null;
    }
    const client = this.#client(res, checked);
    const path = `${authStem}${target.path}`;
    return {
      exchange: new Exchange({
        res,
        method,
        path,
        query: target.query,
        accepted: checked,
        client,
        prefix,
        onRefused: this.#of.onRefused,
      }),
      header: headerOf(req),
    };
  }

  /** Without trusted proxies nobody's address matters here, and reading it costs a fifth of a join. */
  #client(res: HttpResponse, headers: ForwardingHeaders): ClientAddress {
    if (this.#of.trustedProxies.length === 0) return directClient;
    return this.#readAddress(peerText(res), headers, false);
  }

  /** Nothing that follows on such a connection can be trusted, so it is answered on a later turn and ended. */
  #refuseMalformed(res: HttpResponse, { statusLine, headers, body }: ReturnType<typeof problem>): void {
    let isGone = false;
    res.onAborted(() => {
      isGone = true;
    });
    setImmediate(() => {
      if (isGone) return;
      res.cork(() => {
        res.writeStatus(statusLine);
        for (const [name, value] of headers) res.writeHeader(name, value);
        res.end(body, true);
      });
    });
  }
}
