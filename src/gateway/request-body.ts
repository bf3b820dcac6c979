// Reads the small JSON bodies of our own API, whole and bounded.

import type { Exchange } from './exchange.ts';

const bodyBytesMax = 16_384;

/** The body as a JSON object ({} if there is none); otherwise answers the problem itself and gives null. */
export async function readJsonBody(exchange: Exchange): Promise<Readonly<Record<string, unknown>> | null> {
  const bytes = await readBody(exchange);
  if (bytes === null) return null;
  if (bytes.length === 0) return {};
  const parsed = parseObject(bytes);
  if (parsed === null) exchange.problem('invalid-json', 'The body must be one JSON object in UTF-8.');
  return parsed;
}

/** Answers 413 as soon as the body is longer than any of ours. Null: answered already, or the other side has gone. */
function readBody(exchange: Exchange): Promise<Buffer | null> {
  const { framing } = exchange.accepted;
  if (framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0))
    return Promise.resolve(Buffer.alloc(0));
  return new Promise(resolve => {
    const chunks: Buffer[] = [];
    let byteCount = 0;
    exchange.watch(() => resolve(null));
    exchange.res.onData((chunk, isLast) => {
      if (byteCount > bodyBytesMax) return;
      byteCount += chunk.byteLength;
      if (byteCount > bodyBytesMax) {
        exchange.problem('body-too-large', `The body has more than ${bodyBytesMax} bytes.`);
        resolve(null);
        return;
      }
      // The chunk's memory is the server's own and is reused after this call.
      chunks.push(Buffer.from(new Uint8Array(chunk)));
      if (isLast) resolve(exchange.isOver ? null : Buffer.concat(chunks));
    });
  });
}

function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    // Invalid UTF-8 and invalid JSON are the same to the sender: the caller names what was expected.
    return null;
  }
}
