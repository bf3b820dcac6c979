// Reads a request's body as JSON, bounded. What the JSON means is left to the schemas.
import type { IncomingMessage } from 'node:http';

/** Of an operation that names no bound of its own. */
export const bodyBytesMax = 16 * 1024;

/** `none`: there was no body, or only blanks. `lost`: the client went away in the middle. */
export type ReadBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'none' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'invalid'; readonly detail: string }
  | { readonly kind: 'lost' };

/** OP9. Never keeps more than the bound; what comes after it is not read. */
export async function readJson(request: IncomingMessage, bytesMax: number): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  try {
    // A destroyed request would take its connection, and our answer, with it.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const bytes = Buffer.from(chunk);
      byteCount += bytes.length;
      if (byteCount > bytesMax) return { kind: 'too-large' };
      chunks.push(bytes);
    }
  } catch {
    // The only error of a request's stream is that its connection broke: there is nobody to tell.
    return { kind: 'lost' };
  }
  return parseJson(Buffer.concat(chunks));
}

function parseJson(bytes: Uint8Array): ReadBody {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { kind: 'invalid', detail: 'The body is not valid UTF-8.' };
  }
  if (text.trim() === '') return { kind: 'none' };
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'invalid', detail: `The body is not valid JSON: ${reason}` };
  }
}
