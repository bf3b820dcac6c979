// Turns the fan's body into a stream that undici reads at the shop's speed: nothing is read before a connection is there.

import { Readable } from 'node:stream';
import type { BodyFlow, ShopBody } from './shop-port.ts';

/** At most this much, and one chunk of the gateway, is held for a shop that reads slowly. */
const heldBytesMax = 65_536;

export function readableBody(body: Extract<ShopBody, { kind: 'flowing' }>): Readable {
  let flow: BodyFlow | null = null;
  const readable = new Readable({
    highWaterMark: heldBytesMax,
    read() {
      if (flow !== null) return flow.resume();
      flow = body.flow({
        chunk: bytes => readable.push(bytes),
        end: () => readable.push(null),
      });
    },
  });
  return readable;
}
