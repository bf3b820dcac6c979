// The operations of a login: by a token, for as long as its cookie lasts.
import * as z from 'zod';
import { isStoreError } from '../../store/store-error.ts';
import { checkToken, isSameSite } from '../authenticate.ts';
import { emptyAnswer, jsonAnswer, type OpsAnswer, opsProblem } from '../ops-problem.ts';
import { sessionIn, sessionMs, setSession } from '../session.ts';
import type { ApiNeeds } from './api-needs.ts';
import { expected } from './check-body.ts';
import { type Ask, json, nothing, type Operation, operation } from './operation.ts';
import { sessionShape } from './shapes.ts';

export function sessionOperations({ authentication }: ApiNeeds): readonly Operation[] {
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
        return withCookie(emptyAnswer, gone);
      },
    }),
  ];
}

function withCookie(answer: OpsAnswer, cookie: string): OpsAnswer {
  return { ...answer, headers: { ...answer.headers, 'Set-Cookie': cookie } };
}

/** Behind TLS the cookie is for TLS only; who lies about it hurts nobody else. */
const isSecure = ({ headers }: Ask['request']): boolean => headers['x-forwarded-proto'] === 'https';
