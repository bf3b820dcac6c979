// What the console asks of the API: always with the word against cross-site requests, and never throwing for an answer.
import type { AuditRecord } from '../../audit-log.ts';
import type { HistoryRow } from '../../merge-samples.ts';
import type { RoomReport } from '../../room-report.ts';

export type { HistoryRow, RoomReport };
export type Audited = AuditRecord & { readonly position: number };
export type Session = {
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'admin';
  readonly csrf: string | null;
};
export type ForecastAnswer = {
  readonly waiting: number;
  readonly joinsPerMinute: number;
  readonly admittedPerMinute: number;
  readonly isBoundByCap: boolean;
  readonly emptyAt: string | null;
};

export type Problem = {
  readonly kind: 'problem';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** What is wrong with each field of the body. */
  readonly problems: readonly { readonly field: string; readonly detail: string }[];
};
export type Reply<T> = { readonly kind: 'ok'; readonly value: T } | Problem;
export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

let csrf: string | null = null;
let isOver = false;
let tellOver: () => void = () => undefined;

export function useSession(session: Session | null): void {
  csrf = session?.csrf ?? null;
  isOver = false;
}

/** Is told whenever an answer says that the login is over. */
export function onSessionOver(tell: () => void): void {
  tellOver = tell;
}

const answerMsMax = 15_000;
const over: Problem = {
  ...{ kind: 'problem', status: 401, code: 'session-over', detail: 'This login is over.', problems: [] },
};

export async function call<T>(method: Method, path: string, body?: unknown, ifRevision?: number): Promise<Reply<T>> {
  const isLogin = method === 'POST' && path === 'session';
  // A console that nobody looks at would otherwise go on asking in vain, and count as somebody who guesses.
  if (isOver && !isLogin) return over;
  const headers: Record<string, string> = {};
  if (csrf !== null) headers['Junban-Csrf'] = csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (ifRevision !== undefined) headers['If-Match'] = `"${ifRevision}"`;
  try {
    const response = await fetch(`/api/v1/${path}`, {
      ...{ method, headers, signal: AbortSignal.timeout(answerMsMax) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const value = text === '' ? null : JSON.parse(text);
    if (response.ok) return { kind: 'ok', value };
    if (response.status === 401 && !isLogin) {
      isOver = true;
      tellOver();
    }
    const { code, detail, problems = [] } = value ?? {};
    return { kind: 'problem', status: response.status, code: String(code), detail: String(detail), problems };
  } catch {
    // No answer at all: the gateway is away, or something else answered for it.
    const detail =
      method === 'GET'
        ? 'The gateway does not answer.'
        : 'The gateway does not answer. Whether this was done is not known: look at the room before you ask again.';
    return { kind: 'problem', status: 0, code: 'no-answer', detail, problems: [] };
  }
}
