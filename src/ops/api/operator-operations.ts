// The operations on operators: tokens, login, audit trail, log level, webhooks.
import * as z from 'zod';
import { isStoreError } from '../../store/store-error.ts';
import { auditRecordsMax } from '../audit-log.ts';
import { checkToken, isSameSite } from '../authenticate.ts';
import { logLevels } from '../log.ts';
import { type Operator, roles } from '../operator.ts';
import { jsonAnswer, type OpsAnswer, opsProblem, pagedAnswer } from '../ops-problem.ts';
import { sessionIn, sessionMs, setSession } from '../session.ts';
import type { TokenFacts } from '../token-book.ts';
import type { ApiNeeds } from './api-needs.ts';
import { expected } from './check-body.ts';
import { type Ask, json, nothing, type Operation, operation } from './operation.ts';
import { auditRecordShape, sessionShape, tokenShape } from './shapes.ts';
import { instantText, reason } from './texts.ts';

const tokenName = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const limitText = expected('a whole number from 1 to 1000');
const position = expected('a position, as the record before has it');

export function operatorOperations(needs: ApiNeeds): readonly Operation[] {
  return [
    ...sessionOperations(needs),
    ...tokenOperations(needs),
    ...auditOperations(needs),
    ...gatewayOperations(needs),
  ];
}

function sessionOperations({ authentication }: ApiNeeds): readonly Operation[] {
  const { sessions, nowMs } = authentication;
  return [
    operation({
      ...{ name: 'logIn', method: 'POST', path: '/api/v1/session', role: null },
      summary: 'Log in with a token: sets an HttpOnly, SameSite=Strict cookie for twelve hours.',
      body: z.strictObject({ token: z.string(expected('an ops token')).min(1).max(4_096) }),
      answers: [json(sessionShape)],
      problems: ['credential-wrong', 'no-credential', 'cross-site', 'too-many-failures'],
      async run({ body, request }) {
        if (!isSameSite(request)) return opsProblem('cross-site', 'A login must come from the console.');
        if (authentication.tokens.isEmpty) return opsProblem('no-credential', 'This gateway has no ops token.');
        const checked = checkToken(authentication, request, body.token);
        if (checked.kind === 'refused') return checked.answer;
        const found = authentication.tokens.find(body.token);
        if (typeof found === 'string') return opsProblem('credential-wrong', 'This is no ops token of this gateway.');
        const { name, role } = found.facts;
        const value = sessions.valueOf({ name, hash: found.hash, endsAtMs: nowMs() + sessionMs });
        return withCookie(
          jsonAnswer(200, { name, role, csrf: sessions.csrfOf(value) }),
          setSession(value, isSecure(request)),
        );
      },
    }),
    operation({
      ...{ name: 'getSession', method: 'GET', path: '/api/v1/session', role: 'viewer' },
      summary: 'Who you are, and what a write of this login must carry.',
      answers: [json(sessionShape)],
      async run({ operator, request }) {
        const value = operator.via === 'session' ? sessionIn(request.headers.cookie) : null;
        const csrf = value === null ? null : sessions.csrfOf(value);
        return jsonAnswer(200, { name: operator.name, role: operator.role, csrf });
      },
    }),
    operation({
      ...{ name: 'logOut', method: 'DELETE', path: '/api/v1/session', role: 'viewer' },
      summary: 'Log out: ends the login at all gateways within a second, and takes the cookie away.',
      answers: [nothing],
      problems: ['store-unavailable'],
      async run({ operator, request }) {
        const value = operator.via === 'session' ? sessionIn(request.headers.cookie) : null;
        const gone = setSession(null, isSecure(request));
        try {
          if (value !== null) await sessions.end(value, nowMs());
        } catch (error) {
          if (!isStoreError(error, 'unavailable')) throw error;
          const detail = `The cookie is taken away here, but whoever has a copy of it is logged in still: ${error.message}.`;
          return withCookie(opsProblem('store-unavailable', detail, { headers: { 'Retry-After': '2' } }), gone);
        }
        return withCookie(empty(), gone);
      },
    }),
  ];
}

function tokenOperations({ authentication, audit }: ApiNeeds): readonly Operation[] {
  const { tokens, nowMs } = authentication;
  const nameOf = ({ params }: Pick<Ask, 'params'>): string | null => {
    const name = params['token'] ?? '';
    return tokenName.test(name) ? name : null;
  };
  const shown = (token: TokenFacts) => ({ ...token, version: tokens.versionOf(token.name) });
  const changedMeanwhile = () =>
    opsProblem('changed-meanwhile', 'Somebody has made or revoked this token since. Read the list, then decide again.');
  const badName = () =>
    opsProblem('invalid-value', 'A token is named with a-z, 0-9 and "._-", 63 characters at most, not "._-" first.');
  return [
    operation({
      ...{ name: 'listTokens', method: 'GET', path: '/api/v1/tokens', role: 'admin' },
      summary: 'All tokens, without the tokens themselves.',
      answers: [json(z.object({ tokens: z.array(tokenShape) }))],
      run: async () => jsonAnswer(200, { tokens: tokens.list().map(shown) }),
    }),
    operation({
      ...{ name: 'makeToken', method: 'PUT', path: '/api/v1/tokens/{token}', role: 'admin' },
      summary:
        'Make the token of a name, or a new one in its place; it is told once. Asked again after a lost answer it makes another, unless If-Match says which one is to be replaced ("0": none).',
      isVersioned: true,
      body: z.strictObject({
        role: z.enum(roles, expected(`one of ${roles.join(', ')}`)),
        expiresAt: instantText('an instant').nullable().optional(),
        reason,
      }),
      answers: [json(tokenShape.extend({ token: z.string() })), json(tokenShape.extend({ token: z.string() }), 201)],
      problems: ['not-possible-now', 'store-unavailable'],
      async run(ask) {
        const name = nameOf(ask);
        if (name === null) return badName();
        const { role, expiresAt = null, reason: why = null } = ask.body;
        if (expiresAt !== null && Date.parse(expiresAt) <= nowMs()) {
          return opsProblem('invalid-value', 'expiresAt is over.', {
            problems: [{ field: 'expiresAt', detail: 'is over' }],
          });
        }
        const before = tokens.list().find(token => token.name === name) ?? null;
        const deed = {
          operator: ask.operator,
          what: 'makeToken',
          room: null,
          why,
          before,
          after: { name, role, expiresAt },
        };
        const made = await audit.write(
          deed,
          () => tokens.make({ name, role, expiresAt, createdBy: ask.operator.name }, ask.ifRevision),
          outcome =>
            outcome.kind === 'refused' ? outcome.reason : outcome.kind === 'made' ? null : 'the token had changed',
          async outcome => (outcome.kind === 'made' ? outcome.replaced : undefined),
        );
        if (made.kind === 'changed-meanwhile') return changedMeanwhile();
        if (made.kind === 'refused') return opsProblem('not-possible-now', `This is not possible: ${made.reason}.`);
        return jsonAnswer(made.replaced === null ? 201 : 200, { ...shown(made.facts), token: made.token });
      },
    }),
    operation({
      ...{ name: 'revokeToken', method: 'DELETE', path: '/api/v1/tokens/{token}', role: 'admin' },
      summary: 'Revoke a token made by the API, and every login with it; at all gateways within a second.',
      answers: [nothing],
      problems: ['token-unknown', 'store-unavailable'],
      isVersioned: true,
      async run(ask) {
        const name = nameOf(ask);
        if (name === null) return badName();
        const before = tokens.list().find(token => token.name === name && token.source === 'api');
        const unknown = () =>
          opsProblem('token-unknown', `There is no token ${JSON.stringify(name)} that was made by the API.`);
        if (before === undefined) return unknown();
        const deed = { operator: ask.operator, what: 'revokeToken', room: null, why: null, before, after: null };
        const revoked = await audit.write(
          deed,
          () => tokens.revoke(name, ask.ifRevision),
          outcome =>
            outcome === 'revoked' ? null : outcome === 'unknown' ? 'there was none' : 'the token had changed',
        );
        if (revoked === 'changed-meanwhile') return changedMeanwhile();
        return revoked === 'revoked' ? empty() : unknown();
      },
    }),
  ];
}

function auditOperations({ audit }: ApiNeeds): readonly Operation[] {
  return [
    operation({
      ...{ name: 'readAudit', method: 'GET', path: '/api/v1/audit', role: 'viewer' },
      summary: 'The audit trail, newest first.',
      query: z.strictObject({
        limit: z.coerce.number(limitText).int(limitText).gte(1, limitText).lte(1_000, limitText).optional(),
        before: z.coerce.number(position).int(position).gte(0, position).optional(),
      }),
      answers: [json(z.object({ records: z.array(auditRecordShape) }))],
      problems: ['store-unavailable'],
      run: async ({ query }) =>
        jsonAnswer(200, { records: await audit.read(query.before ?? null, query.limit ?? 100) }),
    }),
    operation({
      ...{ name: 'exportAudit', method: 'GET', path: '/api/v1/audit/export', role: 'viewer' },
      summary: `The whole audit trail as JSON lines, newest first; the last ${auditRecordsMax} records are kept.`,
      answers: [{ status: 200, contentType: 'application/x-ndjson', schema: null }],
      problems: ['store-unavailable'],
      async run({ operator }) {
        const pages = audit.exportPages();
        // A store that is away is answered as such; later there is only the end of the connection.
        const first = await pages.next();
        return pagedAnswer('application/x-ndjson', whileValid(operator, first, pages));
      },
    }),
  ];
}

/** A revoked token ends what was opened with it. */
async function* whileValid(
  { isValid, name }: Operator,
  first: IteratorResult<string, void>,
  pages: AsyncIterable<string>,
): AsyncGenerator<string, void> {
  if (first.done !== true) yield first.value;
  for await (const page of pages) {
    if (!isValid()) throw new Error(`the credential of ${name} ended during an export`);
    yield page;
  }
}

const webhookShape = z.looseObject({ url: z.string(), waiting: z.int(), delivered: z.int(), failed: z.int() });

function gatewayOperations({ logLevel, audit, webhooks }: ApiNeeds): readonly Operation[] {
  const level = z.enum(logLevels, expected(`one of ${logLevels.join(', ')}`));
  const levelShape = z.object({ level: z.enum(logLevels), configured: z.enum(logLevels) });
  return [
    operation({
      ...{ name: 'getLogLevel', method: 'GET', path: '/api/v1/log-level', role: 'viewer' },
      summary: 'The log level of the gateways, and the one of this configuration.',
      answers: [json(levelShape)],
      run: async () => jsonAnswer(200, logLevel.facts),
    }),
    operation({
      ...{ name: 'setLogLevel', method: 'PUT', path: '/api/v1/log-level', role: 'operator' },
      summary: 'Set the log level of all gateways, within a second; null goes back to the configuration.',
      body: z.strictObject({ level: level.nullable(), reason }),
      answers: [json(levelShape)],
      problems: ['store-unavailable'],
      async run({ body, operator }) {
        const { level: wanted, reason: why = null } = body;
        const before = { level: logLevel.facts.level };
        const deed = { operator, what: 'setLogLevel', room: null, why, before, after: { level: wanted } };
        await audit.write(
          deed,
          () => logLevel.set(wanted),
          () => null,
        );
        return jsonAnswer(200, logLevel.facts);
      },
    }),
    operation({
      ...{ name: 'getWebhooks', method: 'GET', path: '/api/v1/webhooks', role: 'viewer' },
      summary: 'The webhooks as this gateway sends them, and the messages that were given up.',
      answers: [
        json(z.object({ webhooks: z.array(webhookShape), deadLetters: z.array(z.looseObject({ id: z.string() })) })),
      ],
      problems: ['store-unavailable'],
      run: async () => jsonAnswer(200, { webhooks: webhooks.states(), deadLetters: await webhooks.deadLetters(100) }),
    }),
  ];
}

const empty = (): OpsAnswer => ({ status: 204, headers: { 'Cache-Control': 'no-store' }, body: '' });

function withCookie(answer: OpsAnswer, cookie: string): OpsAnswer {
  return { ...answer, headers: { ...answer.headers, 'Set-Cookie': cookie } };
}

/** Behind TLS the cookie is for TLS only; who lies about it hurts nobody else. */
const isSecure = ({ headers }: Ask['request']): boolean => headers['x-forwarded-proto'] === 'https';
