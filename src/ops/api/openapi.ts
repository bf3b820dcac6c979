// The OpenAPI 3.1 document, made from the table of operations: what it says is what validates.
import * as z from 'zod';
import { type OpsProblemCode, problemKinds } from '../ops-problem.ts';
import type { AnswerShape, Operation } from './operation.ts';
import { problemShape } from './shapes.ts';

type Json = Readonly<Record<string, unknown>>;

/** What may happen to every operation that needs a credential. */
const common: readonly OpsProblemCode[] = [
  ...(['credential-missing', 'credential-wrong', 'credential-expired', 'session-over'] as const),
  ...(['no-credential', 'role-too-low', 'cross-site', 'too-many-failures', 'internal-error'] as const),
  'not-found',
];
const ofBodies: readonly OpsProblemCode[] = ['invalid-json', 'invalid-value', 'body-too-large', 'request-timeout'];

export function openApi(operations: readonly Operation[], version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of operations) {
    paths[each.path] = { ...paths[each.path], [each.method.toLowerCase()]: describe(each) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Junban, operators',
      version,
      description:
        'Everything the console can do. Writes of rooms are idempotent: sent twice they come to the same; so are those of ' +
        'tokens with If-Match. ' +
        'A write with If-Match is done only while the room is at that revision.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problemShape, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An ops token.' },
        session: { type: 'apiKey', in: 'cookie', name: 'junban-ops', description: 'The login of the console.' },
      },
    },
  };
}

function describe(each: Operation): Json {
  const { name, summary, role, body, query, answers, isVersioned } = each;
  const parameters = [...pathParameters(each.path), ...(query === null ? [] : queryParameters(query))];
  if (isVersioned) parameters.push(ifMatch);
  const isRequired = body !== null && !body.safeParse({}).success;
  return {
    operationId: name,
    summary,
    description: role === null ? 'Needs no credential.' : `Needs the role ${role}.`,
    ...(role === null && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== null && {
      requestBody: { required: isRequired, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
    }),
    responses: { ...answersOf(answers), ...problemsOf(problemCodesOf(each)) },
  };
}

function problemCodesOf({ role, body, query, problems, isVersioned }: Operation): readonly OpsProblemCode[] {
  return [
    ...(role === null ? (['internal-error', 'not-found'] as const) : common),
    ...(body === null ? [] : ofBodies),
    ...(query === null ? [] : (['invalid-value'] as const)),
    ...(isVersioned ? (['changed-meanwhile', 'invalid-value'] as const) : []),
    ...problems,
  ];
}

function answersOf(answers: readonly AnswerShape[]): Json {
  return Object.fromEntries(
    answers.map(({ status, contentType, schema }) => {
      const content =
        contentType === null
          ? {}
          : { content: { [contentType]: schema === null ? {} : { schema: schemaOf(schema, 'output') } } };
      return [String(status), { description: 'Done.', ...content }];
    }),
  );
}

function problemsOf(codes: readonly OpsProblemCode[]): Json {
  const byStatus = new Map<number, Set<string>>();
  for (const code of codes) {
    const { status } = problemKinds[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [String(status), { description: [...names].join(', '), content }]),
  );
}

const ifMatch = {
  name: 'If-Match',
  in: 'header',
  description: 'The ETag of what is changed, as you saw it; 412 when somebody changed it since.',
  schema: { type: 'string', pattern: '^"[0-9]{1,15}"$' },
};

const ticketCodePattern = '^[0-9]{1,15}-?[A-Za-z]$';

/** As the operations themselves check them. */
const pathPatterns: Readonly<Record<string, string>> = {
  code: ticketCodePattern,
  token: '^[a-z0-9][a-z0-9._-]{0,62}$',
  room: '^[a-z0-9][a-z0-9-]{0,62}$',
};

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true },
    schema: { type: 'string', pattern: pathPatterns[name ?? ''] },
  }));
}

function queryParameters(query: z.ZodObject): Json[] {
  return Object.entries(query.shape).map(([name, schema]) => ({
    ...{ name, in: 'query', required: !schema.safeParse(undefined).success },
    schema: schemaOf(schema, 'output'),
  }));
}

function schemaOf(schema: z.core.$ZodType, io: 'input' | 'output'): Json {
  const {
    $schema: _same,
    id: _named,
    ...document
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return withoutIds(document);
}

/** Shapes are written out where they are used, so nothing in the document refers to a place inside a schema. */
function withoutIds(document: Json): Json {
  const { $defs, ...rest } = document;
  if ($defs === undefined) return rest;
  const text = JSON.stringify(rest, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('$ref' in value)) return value;
    const name = String(value.$ref).replace('#/$defs/', '');
    const found = Object.entries($defs ?? {}).find(([key]) => key === name)?.[1];
    if (typeof found !== 'object' || found === null) return value;
    return Object.fromEntries(Object.entries(found).filter(([key]) => key !== 'id' && key !== '$schema'));
  });
  return JSON.parse(text);
}
