// Which credentials count as guesses.
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { authenticator } from '../../../src/ops/authenticate.ts';
import { FailureLimit } from '../../../src/ops/failure-limit.ts';
import { Sessions } from '../../../src/ops/session.ts';
import { TokenBook } from '../../../src/ops/token-book.ts';
import { adminToken } from '../../integration/ops/ops-stand.ts';
import { memoryOperators } from '../../support/memory-operators.ts';

const failuresMax = 10;

function request(headers: IncomingMessage['headers'], method = 'GET'): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.method = method;
  Object.assign(message.headers, headers);
  return message;
}

async function openGate() {
  const [store, nowMs] = [memoryOperators(), () => 1_000_000];
  const tokens = await TokenBook.open({ store, configured: [adminToken], nowMs });
  tokens.stop();
  const sessions = await Sessions.open(store);
  const authenticate = authenticator({
    ...{ tokens, sessions, nowMs, proxyLogin: null, failures: new FailureLimit(nowMs, failuresMax) },
    clientOf: peer => peer,
  });
  const found = tokens.find(adminToken.token);
  if (typeof found === 'string') throw new Error(found);
  const cookieUntil = (endsAtMs: number) =>
    `junban-ops=${sessions.valueOf({ name: 'admin', hash: found.hash, endsAtMs })}`;
  const statusOf = (headers: IncomingMessage['headers']) => {
    const asked = authenticate(request(headers));
    return asked.kind === 'refused' ? asked.answer.status : 200;
  };
  return { cookieUntil, statusOf };
}

const authorization = `Bearer ${adminToken.token}`;

test('[OP201] logins that ran out are no guesses: who has one logs in again at once', async () => {
  const { cookieUntil, statusOf } = await openGate();
  const cookie = cookieUntil(999_999);
  for (let count = 0; count < 2 * failuresMax; count += 1) expect(statusOf({ cookie })).toBe(401);
  expect(statusOf({ authorization })).toBe(200);
});

test('[OP201] logins that were never ours are guesses', async () => {
  const { cookieUntil, statusOf } = await openGate();
  const cookie = `${cookieUntil(2_000_000)}x`;
  for (let count = 0; count < failuresMax; count += 1) expect(statusOf({ cookie })).toBe(401);
  expect([statusOf({ cookie }), statusOf({ authorization })]).toEqual([429, 429]);
});

test('[OP208] a write from another site by way of a proxy that logs in is refused as that', async () => {
  const [store, nowMs] = [memoryOperators(), () => 0];
  const tokens = await TokenBook.open({ store, configured: [], nowMs });
  tokens.stop();
  const proxyLogin = { header: 'X-User', from: ['192.0.2.1'], role: 'operator' } as const;
  const failures = new FailureLimit(nowMs, failuresMax);
  const sessions = await Sessions.open(store);
  const authenticate = authenticator({ tokens, sessions, nowMs, proxyLogin, failures, clientOf: peer => peer });
  const asked = request({ 'x-user': 'alice', 'sec-fetch-site': 'cross-site' }, 'POST');
  Object.defineProperty(asked.socket, 'remoteAddress', { value: '192.0.2.1' });
  const answered = authenticate(asked);
  expect(answered.kind === 'refused' ? JSON.parse(answered.answer.body).code : answered.kind).toBe('cross-site');
});
