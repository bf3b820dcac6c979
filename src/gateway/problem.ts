// The one table of problem codes and how each becomes an RFC 9457 document. Which code applies is decided by the
// caller; writing it to the connection is left to the answering code.
import { STATUS_CODES } from 'node:http';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** Closed: a code that is not here is never on the wire. The title belongs to the code, the detail to the occasion. */
const problemKinds = {
  'bad-request': { status: 400, title: 'Bad Request' },
  'invalid-json': { status: 400, title: 'Invalid JSON' },
  'ticket-missing': { status: 401, title: 'Ticket Missing' },
  'ticket-invalid': { status: 401, title: 'Ticket Invalid' },
  'pass-missing': { status: 401, title: 'Pass Missing' },
  'ticket-other-room': { status: 403, title: 'Ticket of Another Room' },
  'origin-refused': { status: 403, title: 'Origin Refused' },
  'auth-refused': { status: 403, title: 'Auth Refused' },
  'not-found': { status: 404, title: 'Not Found' },
  'room-unknown': { status: 404, title: 'Room Unknown' },
  'method-not-allowed': { status: 405, title: 'Method Not Allowed' },
  'not-called': { status: 409, title: 'Not Called Yet' },
  'no-more-time': { status: 409, title: 'No More Time' },
  'room-closed': { status: 409, title: 'Room Closed' },
  'room-ended': { status: 410, title: 'Room Ended' },
  'body-too-large': { status: 413, title: 'Body Too Large' },
  'target-too-long': { status: 414, title: 'Target Too Long' },
  'upgrade-required': { status: 426, title: 'Upgrade Required' },
  waiting: { status: 429, title: 'Waiting' },
  'headers-too-large': { status: 431, title: 'Headers Too Large' },
  'internal-error': { status: 500, title: 'Internal Error' },
  'not-implemented': { status: 501, title: 'Not Implemented' },
  'shop-unreachable': { status: 502, title: 'Shop Unreachable' },
  'shop-busy': { status: 503, title: 'Shop Busy' },
  'room-changing': { status: 503, title: 'Room Changing' },
  stopping: { status: 503, title: 'Gateway Stopping' },
  'store-unavailable': { status: 503, title: 'Store Unavailable' },
  'shop-timeout': { status: 504, title: 'Shop Timeout' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

export interface ProblemExtra {
  /** Becomes Retry-After in whole seconds, rounded up, at least 1. Default: no such header. */
  readonly retryAfterMs?: number;
  /** Methods for the Allow header; a 405 without it gets an empty one, as RFC 9110 wants the header in any case. */
  readonly allow?: readonly string[];
  /** Further members of the document, such as `opensAt`; they never replace the five standard ones. */
  readonly members?: Readonly<Record<string, unknown>>;
}

export interface Problem {
  readonly status: number;
  /** Status with the reason phrase of HTTP, as the status line wants it: `409 Conflict`. */
  readonly statusLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** WR20 One document per code, never cached, with the headers that HTTP requires beside its status. */
export function problem(code: ProblemCode, detail: string, extra: ProblemExtra = {}): Problem {
  const { status, title } = problemKinds[code];
  const standard = { type: `urn:junban:problem:${code}`, title, status, detail, code };
  const headers: (readonly [string, string])[] = [
    ['Content-Type', 'application/problem+json'],
    ['Cache-Control', 'no-store'],
    ...requiredHeaders(code, extra),
  ];
  if (extra.retryAfterMs !== undefined) headers.push(['Retry-After', String(retryAfterSeconds(extra.retryAfterMs))]);
  // The standard members come twice: first for their position, last so that nothing replaces them.
  const body = extra.members === undefined ? standard : { ...standard, ...extra.members, ...standard };
  return { status, statusLine: `${status} ${STATUS_CODES[status]}`, headers, body: JSON.stringify(body) };
}

export const problemStatus = (code: ProblemCode): number => problemKinds[code].status;

/** Retry-After has whole seconds only; rounding down would bring the client back too early. */
export const retryAfterSeconds = (retryAfterMs: number): number => Math.max(1, Math.ceil(retryAfterMs / 1000));

function requiredHeaders(code: ProblemCode, extra: ProblemExtra): readonly (readonly [string, string])[] {
  switch (code) {
    case 'ticket-missing':
    case 'pass-missing':
      return [['WWW-Authenticate', 'Bearer realm="junban"']];
    case 'ticket-invalid':
      return [['WWW-Authenticate', 'Bearer realm="junban", error="invalid_token"']];
    case 'method-not-allowed':
      return [['Allow', (extra.allow ?? []).join(', ')]];
    case 'upgrade-required':
      return [['Upgrade', 'websocket']];
    default:
      return [];
  }
}

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problemKinds, code);

/** Every code in the order of the statuses, for the documentation and its test. */
export const problemCodes: readonly ProblemCode[] = Object.keys(problemKinds).filter(isProblemCode);
