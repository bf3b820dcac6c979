// Writes status and headers of an answer to uWebSockets.js; framing headers are the server's own.

import type { HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';

type Pairs = readonly (readonly [name: string, value: string])[];

/** Values are byte strings. Must be called in a cork; the reason defaults to the usual one of the status. */
export function writeHead(
  res: HttpResponse,
  status: number,
  reason: string,
  headers: Pairs,
  setCookies: readonly string[],
): void {
  res.writeStatus(`${status} ${printableReason(reason) || STATUS_CODES[status] || 'Unknown'}`);
  const isPersonal = setCookies.length > 0;
  for (const [name, value] of headers) {
    if (isPersonal && cacheHeaders.has(name.toLowerCase())) continue;
    res.writeHeader(name, isAscii(value) ? value : Buffer.from(value, 'latin1'));
  }
  for (const cookie of setCookies) res.writeHeader('Set-Cookie', cookie);
  if (isPersonal) res.writeHeader('Cache-Control', 'private, no-store');
}

/** A cache in front that kept an answer with a ticket or a pass would hand them to everybody. // PX66 */
const cacheHeaders: ReadonlySet<string> = new Set([
  'cache-control',
  'cdn-cache-control',
  'surrogate-control',
  'expires',
  'pragma',
]);

function printableReason(reason: string): string {
  return /^[\x20-\x7e]*$/.test(reason) ? reason : '';
}

function isAscii(value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    if (value.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}
