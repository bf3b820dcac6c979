// Every code of the table becomes a complete problem document with the headers its status requires.
import { describe, expect, test } from 'vitest';
import { type ProblemCode, problem, problemCodes, problemStatus } from '../../../src/gateway/problem.ts';

const statuses: Readonly<Record<ProblemCode, number>> = {
  'bad-request': 400,
  'invalid-json': 400,
  'ticket-missing': 401,
  'ticket-invalid': 401,
  'pass-missing': 401,
  'ticket-other-room': 403,
  'origin-refused': 403,
  'auth-refused': 403,
  'not-found': 404,
  'room-unknown': 404,
  'method-not-allowed': 405,
  'not-called': 409,
  'no-more-time': 409,
  'room-closed': 409,
  'room-ended': 410,
  'body-too-large': 413,
  'target-too-long': 414,
  'upgrade-required': 426,
  waiting: 429,
  'headers-too-large': 431,
  'internal-error': 500,
  'not-implemented': 501,
  'shop-unreachable': 502,
  'shop-busy': 503,
  'room-changing': 503,
  stopping: 503,
  'store-unavailable': 503,
  'shop-timeout': 504,
};

const headerOf = (headers: readonly (readonly [string, string])[], name: string) =>
  headers.find(([key]) => key.toLowerCase() === name)?.[1];

describe('document', () => {
  test.each(problemCodes)('[WR20] %s is a complete document', code => {
    const { status, statusLine, headers, body } = problem(code, 'What happened.');
    expect(status).toBe(statuses[code]);
    expect(problemStatus(code)).toBe(status);
    expect(statusLine).toMatch(new RegExp(`^${status} [A-Z][A-Za-z -]+$`));
    expect(statusLine).not.toContain('undefined');
    expect(JSON.parse(body)).toEqual({
      type: `urn:junban:problem:${code}`,
      title: expect.stringMatching(/^[A-Z]/),
      status,
      detail: 'What happened.',
      code,
    });
    expect(headerOf(headers, 'content-type')).toBe('application/problem+json');
    expect(headerOf(headers, 'cache-control')).toBe('no-store');
  });

  test('[WR20] has exactly the codes of the list', () => {
    expect(problemCodes).toEqual(Object.keys(statuses));
  });

  test('[WR20] adds members but lets none replace a standard one', () => {
    const { body } = problem('room-closed', 'Not yet.', {
      members: { opensAt: '2027-05-09T00:00:00.000Z', status: 200, code: 'x' },
    });
    expect(JSON.parse(body)).toMatchObject({ status: 409, code: 'room-closed', opensAt: '2027-05-09T00:00:00.000Z' });
    expect(Object.keys(JSON.parse(body))).toEqual(['type', 'title', 'status', 'detail', 'code', 'opensAt']);
  });

  test('[WR20] keeps control characters of a detail out of the headers and escapes them in the body', () => {
    const { headers, body } = problem('bad-request', 'a\r\nb"</script>');
    expect(headers.flat().join('')).not.toMatch(/[\r\n]/);
    expect(JSON.parse(body)).toMatchObject({ detail: 'a\r\nb"</script>' });
  });
});

describe('headers', () => {
  test.each([
    [1, '1'],
    [1000, '1'],
    [1001, '2'],
    [0, '1'],
    [90_000, '90'],
  ])('[WR20] rounds Retry-After of %i ms up to %s', (retryAfterMs, seconds) => {
    expect(headerOf(problem('waiting', '', { retryAfterMs }).headers, 'retry-after')).toBe(seconds);
    expect(headerOf(problem('waiting', '').headers, 'retry-after')).toBeUndefined();
  });

  test('[WR20] sends what HTTP requires beside 401, 405, 415 and 426', () => {
    expect(headerOf(problem('ticket-missing', '').headers, 'www-authenticate')).toBe('Bearer realm="junban"');
    expect(headerOf(problem('ticket-invalid', '').headers, 'www-authenticate')).toContain('error="invalid_token"');
    const refused = problem('method-not-allowed', '', { allow: ['GET', 'HEAD'] });
    expect(headerOf(refused.headers, 'allow')).toBe('GET, HEAD');
    expect(headerOf(problem('method-not-allowed', '').headers, 'allow')).toBe('');
    expect(headerOf(problem('upgrade-required', '').headers, 'upgrade')).toBe('websocket');
  });
});
