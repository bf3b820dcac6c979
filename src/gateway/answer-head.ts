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
  for (const [name, value] of headers) res.writeHeader(name, isAscii(value) ? value : Buffer.from(value, 'latin1'));
  for (const cookie of setCookies) res.writeHeader('Set-Cookie', cookie);
}

function printableReason(reason: string): string {
  return /^[\x20-\x7e]*$/.test(reason) ? reason : '';
}

function isAscii(value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    if (value.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}
