// The problem codes of the ops listener and how each becomes an RFC 9457 document. Which code applies is decided by the
// routes; the public listener has a table of its own.
import { STATUS_CODES } from 'node:http';

/** Closed: a code that is not here is never answered. */
export const problemKinds = {
  'bad-request': { status: 400, title: 'Bad Request' },
  'invalid-json': { status: 400, title: 'Invalid JSON' },
  'invalid-value': { status: 400, title: 'Invalid Value' },
  'credential-missing': { status: 401, title: 'Credential Missing' },
  'credential-wrong': { status: 401, title: 'Credential Wrong' },
  'credential-expired': { status: 401, title: 'Credential Expired' },
  'session-over': { status: 401, title: 'Session Over' },
  'cross-site': { status: 403, title: 'Cross-Site Request' },
  'role-too-low': { status: 403, title: 'Role Too Low' },
  'too-many-failures': { status: 429, title: 'Too Many Failures' },
  'token-unknown': { status: 404, title: 'Token Unknown' },
  'ticket-unknown': { status: 404, title: 'Ticket Unknown' },
  'changed-meanwhile': { status: 412, title: 'Changed Meanwhile' },
  'no-credential': { status: 403, title: 'No Credential Configured' },
  'not-found': { status: 404, title: 'Not Found' },
  'room-unknown': { status: 404, title: 'Room Unknown' },
  'method-not-allowed': { status: 405, title: 'Method Not Allowed' },
  'request-timeout': { status: 408, title: 'Request Timeout' },
  'not-possible-now': { status: 409, title: 'Not Possible Now' },
  'phase-passed': { status: 409, title: 'Phase Passed' },
  'body-too-large': { status: 413, title: 'Body Too Large' },
  'headers-too-large': { status: 431, title: 'Headers Too Large' },
  'internal-error': { status: 500, title: 'Internal Error' },
  'store-unavailable': { status: 503, title: 'Store Unavailable' },
} as const;

export type OpsProblemCode = keyof typeof problemKinds;

/** What is wrong with one field of a body; the field is '' for the body as a whole. */
export type FieldProblem = { readonly field: string; readonly detail: string };

export type OpsAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** An answer that goes on: `begin` gets a way to write and gives its stop function. */
export type OpsStream = {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  begin(write: (text: string) => void, end: () => void): () => void;
};

/** An answer too long for one piece: a page of it is read when its client has taken the one before. */
export type OpsPages = {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  readonly pages: AsyncIterable<string>;
};

export type OpsReply = OpsAnswer | OpsStream | OpsPages;

export type OpsProblemExtra = {
  /** Headers that belong to the occasion: Allow, Retry-After, Connection. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly problems?: readonly FieldProblem[];
};

export function opsProblem(code: OpsProblemCode, detail: string, extra: OpsProblemExtra = {}): OpsAnswer {
  const { status, title } = problemKinds[code];
  const { problems } = extra;
  const document = { type: `urn:junban:problem:${code}`, title, status, detail, code, ...(problems && { problems }) };
  return {
    status,
    headers: { ...plainHeaders('application/problem+json'), ...challengeOf(code), ...extra.headers },
    body: `${JSON.stringify(document)}\n`,
  };
}

export function jsonAnswer(status: number, value: unknown): OpsAnswer {
  return { status, headers: plainHeaders('application/json'), body: `${JSON.stringify(value)}\n` };
}

export function textAnswer(status: number, body: string, contentType = 'text/plain; charset=utf-8'): OpsAnswer {
  return { status, headers: plainHeaders(contentType), body };
}

export const emptyAnswer: OpsAnswer = { status: 204, headers: { 'Cache-Control': 'no-store' }, body: '' };

export function pagedAnswer(contentType: string, pages: AsyncIterable<string>): OpsPages {
  return { status: 200, headers: plainHeaders(contentType), pages };
}

/** The whole answer as bytes of HTTP, for a connection on which no request could be read. */
export function rawAnswer({ status, headers, body }: OpsAnswer): string {
  const lines = Object.entries({ ...headers, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`;
}

function plainHeaders(contentType: string): Readonly<Record<string, string>> {
  return { 'Content-Type': contentType, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
}

function challengeOf(code: OpsProblemCode): Readonly<Record<string, string>> {
  if (code === 'credential-missing') return { 'WWW-Authenticate': 'Bearer realm="junban-ops"' };
  if (code === 'credential-wrong' || code === 'credential-expired' || code === 'session-over')
    return { 'WWW-Authenticate': 'Bearer realm="junban-ops", error="invalid_token"' };
  return {};
}
