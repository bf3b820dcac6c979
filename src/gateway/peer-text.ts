// The address of whoever a connection comes from, as text. Fronts are few and send everything, and the server's own
// text costs as much as a whole small request, so the text is kept by the address's bytes.

import type { HttpResponse } from 'uWebSockets.js';

const peersMax = 1_024;
const kept = new Map<number | string, string>();

export function peerText(res: HttpResponse): string {
  const bytes = new Uint8Array(res.getRemoteAddress());
  const key = keyOf(bytes);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const text = Buffer.from(res.getRemoteAddressAsText()).toString('latin1');
  if (kept.size >= peersMax) kept.clear();
  kept.set(key, text);
  return text;
}

/** Four bytes are a number; sixteen a string of as many characters. */
function keyOf(bytes: Uint8Array): number | string {
  if (bytes.length !== 4) return String.fromCharCode(...bytes);
  return byteAt(bytes, 0) * 16_777_216 + byteAt(bytes, 1) * 65_536 + byteAt(bytes, 2) * 256 + byteAt(bytes, 3);
}

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
