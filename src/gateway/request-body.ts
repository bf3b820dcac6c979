// Reads the small bodies of our own API, JSON or a form, whole and bounded.

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

/** The fields of a form; otherwise answers the problem itself and gives null. */
export async function readFormBody(exchange: Exchange): Promise<URLSearchParams | null> {
  const bytes = await readBody(exchange);
  if (bytes === null) return null;
  const text = utf8Of(bytes);
  // Decoding replaces what is no UTF-8, and what was replaced is not what the fan sent.
  const fields = text === null ? null : new URLSearchParams(text);
  if (fields !== null && !`${fields}`.includes('%EF%BF%BD')) return fields;
  exchange.problem('bad-request', 'The form must be UTF-8.');
  return null;
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
  const text = utf8Of(bytes);
  if (text === null) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    // Invalid UTF-8 and invalid JSON are the same to the sender: the caller names what was expected.
    return null;
  }
}

function utf8Of(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The one thing it throws for is the answer asked for.
    return null;
  }
}
