// A name for each request to the shop, so that its log and ours can be laid side by side: what the fan or a front sent is
// kept, what is missing is made. W3C trace context; who records spans puts its own in, everybody else is unsampled.

import { randomBytes } from 'node:crypto';
import type { HeaderPairs, ShopOutcome, ShopTrouble } from './shop-port.ts';

/** What a trace knows of a request. The path is without its query, which may tell who somebody is. */
export type TracedRequest = {
  readonly room: string;
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
  /** As they came; '' where nothing came. */
  readonly traceparent: string;
  readonly tracestate: string;
};

export type ShopSpan = {
  /** What the shop gets. */
  readonly traceparent: string;
  /** When the request is over, its body too. `later`: what went wrong after the outcome was told. // PX155 */
  end(outcome: ShopOutcome, later: ShopTrouble | null): void;
};

/** Records requests to the shop. */
export type ShopTracer = { begin(request: TracedRequest): ShopSpan };

export type NamedRequest = {
  readonly requestId: string;
  readonly traceparent: string;
  readonly tracestate: string;
  /** The headers to add; none of them is there already. */
  readonly added: HeaderPairs;
};

/** Random once a process, a count after it: unique without asking for randomness at every request. */
const processPart = randomBytes(8).toString('hex');
let count = 0;

export function nameRequest(pairs: HeaderPairs): NamedRequest {
  let [requestId, traceparent, tracestate] = ['', '', ''];
  for (const [name, value] of pairs) {
    if (name.length === 11 && name.toLowerCase() === 'traceparent') traceparent = value;
    else if (name.length === 12 && name.toLowerCase() === 'x-request-id') requestId = value;
    else if (name.length === 10 && name.toLowerCase() === 'tracestate') tracestate = value;
  }
  if (traceparent !== '' && requestId !== '') return { requestId, traceparent, tracestate, added: [] };
  count += 1;
  const own = count.toString(16).padStart(16, '0');
  const added: (readonly [string, string])[] = [];
  if (requestId === '') {
    requestId = `${processPart}${own}`;
    added.push(['x-request-id', requestId]);
  }
  if (traceparent === '') added.push(['traceparent', `00-${processPart}${own}-${own}-00`]);
  return { requestId, traceparent, tracestate, added };
}

/** The id under which a fan or a front speaks of its request; null: under none. */
export function requestIdIn(pairs: HeaderPairs): string | null {
  const found = pairs.find(([name]) => name.length === 12 && name.toLowerCase() === 'x-request-id');
  return found === undefined || found[1] === '' ? null : found[1];
}
