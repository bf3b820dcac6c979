// The table of requests that two parsers could read differently: what is sent, and which answers are right.
// `{path}` is the case's own path, `{pass}` the Cookie line with a pass, `{hidden}` a second request without one.

import { oddBodies } from './odd-bodies.ts';
import { oddHeads } from './odd-heads.ts';
import type { OddRequest } from './odd-request.ts';

export const oddRequests: readonly OddRequest[] = [...oddBodies, ...oddHeads];

const hidden = 'GET /hidden HTTP/1.1\r\nHost: shop.test\r\n\r\n';

/** The bytes of a case. */
export function writeOut(text: string, path: string, passCookie: string): string {
  return text
    .replaceAll('{path}', path)
    .replaceAll('{pass}', `Cookie: ${passCookie}`)
    .replaceAll('{hiddenLength}', String(hidden.length))
    .replaceAll('{hiddenSize}', hidden.length.toString(16))
    .replaceAll('{hidden}', hidden);
}
