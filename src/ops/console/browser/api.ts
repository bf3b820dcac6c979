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

export type Reply<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'problem'; readonly status: number; readonly code: string; readonly detail: string };

let csrf: string | null = null;

export function useSession(session: Session | null): void {
  csrf = session?.csrf ?? null;
}

export async function call<T>(method: string, path: string, body?: unknown, ifRevision?: number): Promise<Reply<T>> {
  const headers: Record<string, string> = {};
  if (csrf !== null) headers['Junban-Csrf'] = csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (ifRevision !== undefined) headers['If-Match'] = `"${ifRevision}"`;
  try {
    const response = await fetch(`/api/v1/${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const value = text === '' ? null : JSON.parse(text);
    if (response.ok) return { kind: 'ok', value };
    return { kind: 'problem', status: response.status, code: String(value?.code), detail: String(value?.detail) };
  } catch {
    // No answer at all: the gateway is away, or something else answered for it.
    return { kind: 'problem', status: 0, code: 'no-answer', detail: 'The gateway does not answer.' };
  }
}

/** Every room as it changes. Tells `onLost` while the gateway cannot be heard. Returns its stop function. */
export function followRooms(
  onRooms: (rooms: readonly RoomReport[]) => void,
  onLost: (isLost: boolean) => void,
): () => void {
  const source = new EventSource('/api/v1/events');
  source.addEventListener('rooms', event => {
    onLost(false);
    onRooms(JSON.parse(event.data).rooms);
  });
  source.addEventListener('error', () => onLost(true));
  return () => source.close();
}
