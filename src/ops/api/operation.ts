// One operation of the API: its address, who may ask, the shapes it takes and gives, and what it does. Router and OpenAPI
// document are both made from the table of these.
import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import type { Operator, Role } from '../operator.ts';
import type { OpsProblemCode, OpsReply } from '../ops-problem.ts';
import { bodyBytesMax } from '../read-json.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** A request whose credential, role, body and query are good. */
export type Ask<Body = unknown, Query = unknown> = {
  readonly operator: Operator;
  /** What stands in the braces of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly query: Query;
  /** The revision of `If-Match`; null: none is asked for. */
  readonly ifRevision: number | null;
  readonly request: IncomingMessage;
};

export type Operation = {
  /** The name in the OpenAPI document and in the audit trail. */
  readonly name: string;
  readonly method: Method;
  readonly path: string;
  /** Null: everybody, for the login. */
  readonly role: Role | null;
  readonly summary: string;
  readonly body: z.ZodType | null;
  /** How long the body may be. Default 16 KB. */
  readonly bodyBytesMax: number;
  readonly query: z.ZodObject | null;
  /** The body of success by status and media type. */
  readonly answers: readonly AnswerShape[];
  readonly problems: readonly OpsProblemCode[];
  /** Takes `If-Match`. */
  readonly isVersioned: boolean;
  readonly run: (ask: Ask) => Promise<OpsReply>;
};

export type AnswerShape = {
  readonly status: 200 | 201 | 204;
  readonly contentType: string | null;
  readonly schema: z.ZodType | null;
};

type Written<Body, Query> = Partial<Pick<Operation, 'problems' | 'isVersioned' | 'bodyBytesMax'>> &
  Pick<Operation, 'name' | 'method' | 'path' | 'role' | 'summary' | 'answers'> & {
    readonly body?: z.ZodType<Body>;
    readonly query?: z.ZodObject & z.ZodType<Query>;
    readonly run: (ask: Ask<Body, Query>) => Promise<OpsReply>;
  };

/** Ties the shapes to what `run` gets: the router parses with the same schemas before it calls. */
export function operation<Body = unknown, Query = unknown>(of: Written<Body, Query>): Operation {
  const { body = null, query = null, run } = of;
  return {
    problems: [],
    isVersioned: false,
    bodyBytesMax,
    ...of,
    body,
    query,
    run: ask =>
      run({
        ...ask,
        // What the router checked is parsed once more into its type; it cannot fail here.
        body: body === null ? (ask.body as Body) : body.parse(ask.body),
        query: query === null ? (ask.query as Query) : query.parse(ask.query),
      }),
  };
}

export const json = (schema: z.ZodType, status: AnswerShape['status'] = 200): AnswerShape => ({
  status,
  contentType: 'application/json',
  schema,
});
export const nothing: AnswerShape = { status: 204, contentType: null, schema: null };
