// A name for each request to the shop, so that its log and ours can be laid side by side: what the fan or a front sent is
// kept, what is missing is made. W3C trace context; unsampled, because nobody here records spans.

import { randomBytes } from 'node:crypto';
import type { HeaderPairs } from './shop-port.ts';

/** Random once a process, a count after it: unique without asking for randomness at every request. */
const processPart = randomBytes(8).toString('hex');
let count = 0;

/** The headers to add; none of them is there already. */
export function traceOf(pairs: HeaderPairs): HeaderPairs {
  let [hasTrace, hasId] = [false, false];
  for (const [name] of pairs) {
    if (name.length === 11 && name.toLowerCase() === 'traceparent') hasTrace = true;
    else if (name.length === 12 && name.toLowerCase() === 'x-request-id') hasId = true;
  }
  if (hasTrace && hasId) return [];
  count += 1;
  const own = count.toString(16).padStart(16, '0');
  const added: (readonly [string, string])[] = [];
  if (!hasId) added.push(['x-request-id', `${processPart}${own}`]);
  if (!hasTrace) added.push(['traceparent', `00-${processPart}${own}-${own}-00`]);
  return added;
}
