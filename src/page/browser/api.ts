// The public interface of the gateway as the page calls it: addresses, credentials and the decoding of answers. No retries
// here; each caller knows its own.
import { decodeStatus } from '../status.ts';
import type { Answer } from './answer.ts';

export interface Api {
  readonly address: (path: string) => string;
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** True where only the page knows the ticket: then sockets and event streams cannot carry it. */
  readonly bearerOnly: boolean;
}

const answerWithinMs = 15_000;
const noAnswer: Answer = { code: 0, body: {}, status: null, retryAfterMs: null };

const readBody = async (response: Response): Promise<Readonly<Record<string, unknown>>> => {
  try {
    const value: unknown = await response.json();
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // No body, or not ours: the code says all that is needed.
    return {};
  }
};

export const createApi = (prefix: string, roomId: string, ticket: string | undefined, bearerOnly: boolean): Api => {
  const address = (path: string): string => `${prefix}/v1/${path}?room=${encodeURIComponent(roomId)}`;
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), answerWithinMs);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (bearerOnly && ticket !== undefined) headers.authorization = `Bearer ${ticket}`;
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      const response = await fetch(address(path), {
        method,
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'manual',
        signal: abort.signal,
        ...content,
      });
      const read = await readBody(response);
      const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
      return {
        code: response.status,
        body: read,
        status: decodeStatus(read) ?? decodeStatus(read.status),
        retryAfterMs: retryAfter > 0 ? retryAfter * 1_000 : null,
      };
    } catch {
      // No network, or aborted: an answer like any other.
      return noAnswer;
    } finally {
      clearTimeout(timer);
    }
  };
  return { address, call, bearerOnly: bearerOnly && ticket !== undefined };
};
