// The operations on ops tokens. What a token allows, and where they are kept, is left to the token book.
import * as z from 'zod';
import { roles } from '../operator.ts';
import { emptyAnswer, jsonAnswer, opsProblem } from '../ops-problem.ts';
import type { TokenFacts } from '../token-book.ts';
import type { ApiNeeds } from './api-needs.ts';
import { expected } from './check-body.ts';
import { type Ask, json, nothing, type Operation, operation } from './operation.ts';
import { tokenShape } from './shapes.ts';
import { instantText, reason } from './texts.ts';

const tokenName = /^[a-z0-9][a-z0-9._-]{0,62}$/;

export function tokenOperations({ authentication, audit }: ApiNeeds): readonly Operation[] {
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
        return revoked === 'revoked' ? emptyAnswer : unknown();
      },
    }),
  ];
}
