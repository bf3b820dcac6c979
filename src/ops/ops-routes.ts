// What the ops listener answers: which address stands for what, who may ask, and whether what they send is good. What is
// then done stands in api/; sockets, headers and their limits are left to ops-listener.ts.
import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import { isStoreError } from '../store/store-error.ts';
import type { ApiNeeds } from './api/api-needs.ts';
import { auditOperations } from './api/audit-operations.ts';
import { problemsWith } from './api/check-body.ts';
import { eventOperation } from './api/event-operation.ts';
import { gatewayOperations } from './api/gateway-operations.ts';
import { openApi } from './api/openapi.ts';
import { type Ask, json, type Operation, operation } from './api/operation.ts';
import { previewOperation } from './api/preview-operation.ts';
import { roomBookOperations } from './api/room-book-operations.ts';
import { roomOperations } from './api/room-operations.ts';
import { sessionOperations } from './api/session-operations.ts';
import { roomShape } from './api/shapes.ts';
import { signalOperation } from './api/signal-operation.ts';
import { ticketOperation } from './api/ticket-operation.ts';
import { tokenOperations } from './api/token-operations.ts';
import { type Authenticate, authenticator } from './authenticate.ts';
import { allows, type Operator } from './operator.ts';
import { type FieldProblem, jsonAnswer, type OpsAnswer, type OpsReply, opsProblem, textAnswer } from './ops-problem.ts';
import { readJson } from './read-json.ts';

export type Readiness = { readonly ready: boolean; readonly reasons: readonly string[] };

export type OpsRoutesNeeds = {
  readonly api: ApiNeeds;
  readonly metrics: { readonly contentType: string; scrape(): Promise<string> };
  readonly readiness: () => Readiness;
  /** The console's page; made when it is first asked for. */
  readonly consolePage: () => Promise<OpsAnswer>;
};

export type AnswerOps = (request: IncomingMessage) => Promise<OpsReply | null>;

const readMethods = ['GET', 'HEAD'] as const;

/** Gives what answers a request; its null: the client has gone. */
export function opsRoutes(needs: OpsRoutesNeeds): AnswerOps {
  const operations = operationsOf(needs.api);
  const authenticate = authenticator(needs.api.authentication);
  const open = openRoutes(needs, endpointsText(operations));
  return async request => {
    const [path = '/', ...query] = (request.url ?? '/').split('?');
    const openRoute = open.get(path);
    if (openRoute !== undefined) return refuseMethod(request, readMethods) ?? openRoute(request);
    const found = findOperation(operations, request.method ?? '', path);
    const needed = found.kind === 'found' ? found.operation.role : 'viewer';
    const operator = needed === null ? nobody : whoAsks(authenticate, needed, request);
    if ('answer' in operator) return operator.answer;
    if (found.kind === 'none') return notFound(path);
    const room = found.params['room'];
    if (found.kind === 'other-methods') {
      if (room !== undefined && path.startsWith('/api/v1/rooms/') && !needs.api.rooms().has(room)) {
        return opsProblem('room-unknown', `There is no room ${shown(room)}. GET /api/v1/rooms lists them.`);
      }
      return methodNotAllowed(request, found.allowed);
    }
    return run(found.operation, { operator, params: found.params, request, query: query.join('?') });
  };
}

function operationsOf(api: ApiNeeds): readonly Operation[] {
  const others = [
    ...roomOperations(api),
    signalOperation(api),
    ticketOperation(api),
    previewOperation(api),
    eventOperation(api),
    ...roomBookOperations(api),
    ...sessionOperations(api),
    ...tokenOperations(api),
    ...auditOperations(api),
    ...gatewayOperations(api),
  ];
  const document = operation({
    ...{ name: 'getOpenApi', method: 'GET', path: '/api/v1/openapi.json', role: 'viewer' },
    summary: 'This document.',
    answers: [json(roomShape.pick({}))],
    run: async () => jsonAnswer(200, described),
  });
  const described = openApi([...others, document], api.version);
  return [...others, document];
}

type OpenRoute = (request: IncomingMessage) => OpsAnswer | Promise<OpsAnswer>;

/** OP1, OP2, OP3. What answers without a credential. */
function openRoutes(
  { consolePage, metrics, readiness }: OpsRoutesNeeds,
  endpoints: string,
): ReadonlyMap<string, OpenRoute> {
  return new Map<string, OpenRoute>([
    ['/', ({ headers }) => (headers.accept?.includes('text/html') ? consolePage() : textAnswer(200, endpoints))],
    ['/livez', () => textAnswer(200, 'ok\n')],
    [
      '/readyz',
      () => {
        const { ready, reasons } = readiness();
        return jsonAnswer(ready ? 200 : 503, { ready, reasons });
      },
    ],
    ['/metrics', async () => textAnswer(200, await metrics.scrape(), metrics.contentType)],
  ]);
}

function endpointsText(operations: readonly Operation[]): string {
  const lines = operations.map(({ method, path, summary }) => `${method.padEnd(6)} ${path.padEnd(42)} ${summary}`);
  return `Junban, ops listener. The console answers a browser here.

GET    /livez                                     Is the process alive.
GET    /readyz                                    May it take traffic, and if not, why.
GET    /metrics                                   Prometheus metrics.
With "Authorization: Bearer TOKEN":
${lines.join('\n')}
`;
}

const nobody: Operator = { name: '', role: 'viewer', via: 'token', isValid: () => true };

/** The operator, or the refusal to answer with. */
function whoAsks(
  authenticate: Authenticate,
  needed: Operator['role'],
  request: IncomingMessage,
): Operator | { readonly answer: OpsAnswer } {
  const asked = authenticate(request);
  if (asked.kind === 'refused') return asked;
  const { operator } = asked;
  if (allows(operator.role, needed)) return operator;
  const detail = `This needs the role ${needed}, and ${operator.name} is ${operator.role}.`;
  return { answer: opsProblem('role-too-low', detail) };
}

type Found =
  | { readonly kind: 'found'; readonly operation: Operation; readonly params: Ask['params'] }
  | { readonly kind: 'other-methods'; readonly allowed: readonly string[]; readonly params: Ask['params'] }
  | { readonly kind: 'none' };

function findOperation(operations: readonly Operation[], method: string, path: string): Found {
  const asked = method === 'HEAD' ? 'GET' : method;
  const there = operations.flatMap(each => {
    const params = paramsOf(each.path, path);
    return params === null ? [] : [{ operation: each, params }];
  });
  const found = there.find(each => each.operation.method === asked);
  if (found !== undefined) return { kind: 'found', ...found };
  const [first] = there;
  if (first === undefined) return { kind: 'none' };
  const allowed = there.flatMap(each => (each.operation.method === 'GET' ? readMethods : [each.operation.method]));
  return { kind: 'other-methods', allowed, params: first.params };
}

/** The segments that stand for names, as they came; null if the path is another one. */
function paramsOf(template: string, path: string): Ask['params'] | null {
  const [wanted, given] = [template.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith('{')) params[segment.slice(1, -1)] = value;
    else if (segment !== value) return null;
  }
  return params;
}

type Asked = Pick<Ask, 'operator' | 'params' | 'request'> & { readonly query: string };

async function run(found: Operation, asked: Asked): Promise<OpsReply | null> {
  const query = queryOf(asked.query);
  const queryProblems = found.query === null ? null : (query.problems ?? problemsWith(found.query, query.value));
  if (queryProblems !== null) return invalidValue(queryProblems);
  const body =
    found.body === null
      ? { kind: 'ok' as const, value: undefined }
      : await readBody(found.body, found.bodyBytesMax, asked.request);
  if (body.kind === 'answer') return body.answer;
  const { operator, params, request } = asked;
  const ifRevision = found.isVersioned ? revisionOf(request.headers['if-match']) : null;
  if (ifRevision === 'unreadable') {
    return opsProblem('invalid-value', 'If-Match must be the ETag of what is changed, as it was answered, as in "17".');
  }
  try {
    return await found.run({ operator, params, request, query: query.value, body: body.value, ifRevision });
  } catch (error) {
    if (!isStoreError(error, 'unavailable')) throw error;
    const detail = `The store does not answer: ${error.message}.`;
    return opsProblem('store-unavailable', detail, { headers: { 'Retry-After': '2' } });
  }
}

function queryOf(text: string): {
  readonly value: Readonly<Record<string, string>>;
  readonly problems: readonly FieldProblem[] | null;
} {
  const pairs = [...new URLSearchParams(text)];
  const twice = pairs.find(([name], index) => pairs.findIndex(([other]) => other === name) !== index);
  const problems = twice === undefined ? null : [{ field: twice[0].slice(0, 80), detail: 'is given twice' }];
  return { value: Object.fromEntries(pairs), problems };
}

type BodyRead =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'answer'; readonly answer: OpsAnswer | null };

async function readBody(schema: z.ZodType, bytesMax: number, request: IncomingMessage): Promise<BodyRead> {
  const body = await readJson(request, bytesMax);
  const answer = (given: OpsAnswer | null): BodyRead => ({ kind: 'answer', answer: given });
  switch (body.kind) {
    case 'lost':
      return answer(null);
    case 'too-large':
      return answer(opsProblem('body-too-large', `A body may have at most ${bytesMax} bytes.`));
    case 'invalid':
      return answer(opsProblem('invalid-json', body.detail));
    case 'none':
    case 'json': {
      const value = body.kind === 'none' ? {} : body.value;
      const problems = problemsWith(schema, value);
      return problems === null ? { kind: 'ok', value } : answer(invalidValue(problems));
    }
  }
}

function invalidValue(problems: readonly FieldProblem[]): OpsAnswer {
  const detail = problems.map(each => (each.field === '' ? each.detail : `${each.field} ${each.detail}`));
  return opsProblem('invalid-value', `${detail.join('; ')}.`, { problems });
}

/** Null: none is asked for. */
function revisionOf(header: string | undefined): number | null | 'unreadable' {
  if (header === undefined || header.trim() === '*') return null;
  const [, digits] = /^ *"(\d{1,15})" *$/.exec(header) ?? [];
  return digits === undefined ? 'unreadable' : Number(digits);
}

function refuseMethod(request: IncomingMessage, allowed: readonly string[]): OpsAnswer | null {
  return allowed.includes(request.method ?? '') ? null : methodNotAllowed(request, allowed);
}

function methodNotAllowed(request: IncomingMessage, allowed: readonly string[]): OpsAnswer {
  const allow = allowed.join(', ');
  return opsProblem('method-not-allowed', `${request.method} is not possible here, only ${allow}.`, {
    headers: { Allow: allow },
  });
}

const notFound = (path: string): OpsAnswer =>
  opsProblem('not-found', `Nothing stands at ${shown(path)}. GET / names what does.`);
const shown = (text: string): string => JSON.stringify(text.slice(0, 80));
