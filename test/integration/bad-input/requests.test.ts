// Well-framed requests that ask for what is not there, say what cannot be read, or are too large.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RawAnswer, requestText, sendRaw } from '../../support/raw-http.ts';
import { openStand, percentile99, type Stand } from './stand.ts';

let stand: Stand;
let pass: string;

beforeAll(async () => {
  stand = await openStand(shop => [
    { id: 'sale', shop: shop.origin, activeCap: 1, match: { hosts: ['shop.test'], paths: ['/sale', '/enter'] } },
    { id: 'admin', shop: shop.origin, activeCap: 1, match: { hosts: ['shop.test', 'admin.test'], paths: ['/admin'] } },
  ]);
  pass = await stand.enter();
});

afterAll(() => stand.stop());

const send = (line: string, headers: readonly string[] = [], body = ''): Promise<RawAnswer> =>
  sendRaw(stand.gateway.port, requestText(`${line} HTTP/1.1`, ['Host: shop.test', ...headers], body));

const sized = (body: string) => [`Content-Length: ${body.length}`];

function codeOf(answer: RawAnswer): unknown {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  return JSON.parse(answer.body).code;
}

describe('[WR62] what is not there is a 404 problem, and a wrong method a 405 with Allow', () => {
  test.each([
    ['GET /nowhere', 'not-found'],
    ['GET /salesman', 'not-found'],
    ['GET /_junban/v1/nothing', 'not-found'],
    ['GET /_junban/v1/rooms/nowhere', 'room-unknown'],
    ['GET /_junban/v1/rooms/a%20b', 'room-unknown'],
    ['GET /_junban/v1/rooms/constructor', 'room-unknown'],
    ['GET /_junban/v1/constructor', 'not-found'],
    ['GET /_junban/constructor', 'not-found'],
    ['GET /_junban/v1/tickets/current?room=nowhere', 'room-unknown'],
    ['GET /_junban/v1/tickets/current?room=__proto__', 'room-unknown'],
    ['GET /_junban/v1/tickets/current?room=', 'room-unknown'],
    ['POST /_junban/v1/tickets', 'room-unknown'],
    ['GET /_junban/v1/socket?room=sale', 'upgrade-required'],
  ])('%s', async (line, code) => {
    const answer = await send(line, line.startsWith('POST') ? sized('') : []);
    expect(codeOf(answer)).toBe(code);
    expect(answer.status).toBe(code === 'upgrade-required' ? 426 : 404);
  });

  test('a host that nobody named', async () => {
    const lines = ['Host: evil.test', 'Accept: text/html'];
    const page = await sendRaw(stand.gateway.port, requestText('GET /sale HTTP/1.1', lines));
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    const call = await sendRaw(stand.gateway.port, requestText('GET /sale HTTP/1.1', ['Host: evil.test']));
    expect([call.status, codeOf(call)]).toEqual([404, 'not-found']);
    expect(stand.shop.requests.filter(({ head }) => head.includes('evil.test'))).toEqual([]);
  });

  test.each([
    ['/_junban/v1/tickets', ['POST'], ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
    ['/_junban/v1/tickets/current', ['GET', 'DELETE'], ['POST', 'PUT', 'PATCH', 'OPTIONS']],
    ['/_junban/v1/tickets/current/events', ['GET'], ['POST', 'PUT', 'DELETE']],
    ['/_junban/v1/passes', ['POST'], ['GET', 'PUT', 'DELETE']],
    ['/_junban/v1/jwks.json', ['GET', 'HEAD'], ['POST', 'PUT', 'DELETE']],
    ['/_junban/v1/rooms/sale', ['GET', 'HEAD'], ['POST', 'PUT', 'DELETE']],
    ['/_junban/', ['GET', 'HEAD'], ['POST', 'PUT', 'DELETE']],
  ])('%s', async (path, allowed, wrong) => {
    for (const method of wrong) {
      const answer = await send(`${method} ${path}?room=sale`, method === 'GET' ? [] : sized(''));
      expect([answer.status, answer.headers.get('allow')?.split(', ').sort()]).toEqual([405, [...allowed].sort()]);
    }
  });

  // HEAD once ended the whole process: the server took an answer with a length and no body for none at all.
  test.each([
    '/_junban/v1/tickets?room=sale',
    '/_junban/v1/tickets/current?room=sale',
    '/_junban/v1/tickets/current/events?room=sale',
    '/_junban/v1/passes?room=sale',
    '/_junban/v1/jwks.json',
    '/_junban/v1/rooms/sale',
    '/_junban/v1/rooms/nowhere',
    '/_junban/v1/auth',
    '/_junban/v1/auth/sale',
    '/_junban/v1/socket',
    '/_junban/?room=sale',
    '/_junban/nothing',
    '/sale',
    '/nowhere',
    '/sale?a=%ff',
  ])('HEAD %s gets a head and nothing else', async path => {
    const answer = await send(`HEAD ${path}`, ['Accept: text/html', 'Connection: close']);
    expect(answer.status).toBeGreaterThanOrEqual(200);
    expect(answer.body).toBe('');
    const chunked = await send(`HEAD ${path}`, ['Transfer-Encoding: chunked'], '0\r\n\r\n');
    expect(chunked.status).toBeGreaterThanOrEqual(200);
    expect(await stand.neighbourMs()).toBeLessThan(1_000);
  });
});

describe('[WR63] a body that cannot be read is refused with what was expected', () => {
  const posts = ['/_junban/v1/tickets?room=sale', '/_junban/v1/passes?room=sale'];
  const ticket = () => [`Cookie: ${pass}`];

  test.each([
    ['no JSON', 'hello', 400],
    ['half of a JSON object', '{"returnTo":', 400],
    ['an array', '[]', 400],
    ['a number', '1', 400],
    ['null', 'null', 400],
    ['a string', '"a"', 400],
    ['two objects', '{}{}', 400],
    ['a byte order mark alone', '\xef\xbb\xbf', 400],
    ['invalid UTF-8', '{"returnTo":"/\xff"}', 400],
    ['overlong UTF-8', '{"returnTo":"/\xc0\xaf"}', 400],
    ['UTF-16', '\xff\xfe{\x00}\x00', 400],
    ['NULs', '\x00\x00\x00', 400],
    ['JSON a hundred thousand levels deep', '['.repeat(16_000), 400],
    ['a byte too many', ' '.repeat(16_385), 413],
    ['a megabyte', 'a'.repeat(1_048_576), 413],
  ])('%s', async (_, body, status) => {
    for (const path of posts) {
      const answer = await send(`POST ${path}`, [...ticket(), ...sized(body)], body);
      expect(answer.status).toBe(status);
      expect(codeOf(answer)).toBe(status === 413 ? 'body-too-large' : 'invalid-json');
    }
  });

  test('a chunked body is counted as it comes', async () => {
    const chunk = `4000\r\n${'a'.repeat(16_384)}\r\n`;
    for (const path of posts) {
      const answer = await send(`POST ${path}`, [...ticket(), 'Transfer-Encoding: chunked'], `${chunk}${chunk}`);
      expect([answer.status, answer.headers.get('connection')?.toLowerCase()]).toEqual([413, 'close']);
    }
  });

  test('keys that name the insides of objects are only keys', async () => {
    const body = '{"__proto__":{"returnTo":"//evil.test"},"constructor":1,"returnTo":"//evil.test"}';
    const answer = await send('POST /_junban/v1/passes?room=sale', [...ticket(), ...sized(body)], body);
    expect([200, 201]).toContain(answer.status);
    expect(JSON.parse(answer.body).returnTo).toBe('/');
  });

  test.each([
    '//evil.test',
    '///evil.test',
    '/\\evil.test',
    '\\\\evil.test',
    'https://evil.test/',
    'http:evil.test',
    'HTTP://evil.test',
    '/\t/evil.test',
    ' //evil.test',
    '/\u0000/evil.test',
    '/a\r\nLocation: //evil.test',
    '/%0d%0aLocation:%20//evil.test',
    '%2f%2fevil.test',
    '/%2f%2fevil.test',
    '/%5cevil.test',
    'http://shop.test@evil.test/',
    'http://shop.test:80@evil.test',
    'http://shop.test.evil.test',
    'javascript:alert(1)',
    'data:text/html,a',
    '/a/..//evil.test',
    '/./\\evil.test',
    '／／evil.test',
    '//[::1]/',
    '/_junban/v1/passes',
    '/%5fjunban/',
    'a'.repeat(5_000),
  ])('[WR13] the return address %j leads nowhere else', async returnTo => {
    const body = Buffer.from(JSON.stringify({ returnTo })).toString('latin1');
    const answer = await send('POST /_junban/v1/passes?room=sale', [...ticket(), ...sized(body)], body);
    const given = String(JSON.parse(answer.body).returnTo);
    expect(new URL(given, 'http://shop.test').origin).toBe('http://shop.test');
    expect(given).toMatch(/^\/(?![/\\])[!-~]*$/);
    expect(given).not.toMatch(/^\/_junban/);
  });
});

describe('[WR66] fat cookies go through, and heads beyond the bound are 431', () => {
  test.each([1, 4, 8, 16])('%i KB of cookies reach the shop, ours taken out', async kiloBytes => {
    stand.shop.forget();
    const fat = `fat=${'c'.repeat(kiloBytes * 1_024)}`;
    const answer = await send('GET /sale', [`Cookie: a=1; ${pass}; ${fat}`]);
    expect(answer.status).toBe(200);
    const cookies = stand.shop.requests[0]?.lines.filter(line => /^cookie:/i.test(line)) ?? [];
    expect(cookies.join()).toMatch(new RegExp(`^cookie: a=1; ?fat=c{${kiloBytes * 1_024}}$`, 'i'));
  });

  test('16 KB of cookies are no hindrance at the door', async () => {
    const fat = `Cookie: fat=${'c'.repeat(16_384)}`;
    expect((await send('GET /sale', [fat, 'Accept: text/html'])).status).toBe(200);
    expect((await send('POST /_junban/v1/tickets?room=sale', [fat, ...sized('')])).status).toBe(201);
  });

  test.each([
    ['one line of 64 KB', [`X-A: ${'a'.repeat(65_536)}`]],
    ['64 KB of cookies', [`Cookie: fat=${'c'.repeat(65_536)}`]],
    ['64 lines of 1 KB', Array.from({ length: 64 }, (_, at) => `X-${at}: ${'a'.repeat(1_020)}`)],
    ['50 KB', [`X-A: ${'a'.repeat(50_000)}`]],
    ['99 lines of 600 bytes', Array.from({ length: 97 }, (_, at) => `X-${at}: ${'a'.repeat(600)}`)],
  ])('%s', async (_, headers) => {
    const answer = await send('GET /sale', [`Cookie: ${pass}`, ...headers]);
    expect(answer.status).toBe(431);
  });
});

describe('[WR61] the gateway outlives them and others do not notice', () => {
  test('a few thousand leave no memory behind', async () => {
    const deep = '['.repeat(16_000);
    const flood = async (rounds: number) => {
      const neighbours: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const sent = Promise.all([
          send('GET /nowhere'),
          send('HEAD /_junban/v1/jwks.json', ['Connection: close']),
          send('PUT /_junban/v1/tickets?room=sale', sized('')),
          send('POST /_junban/v1/passes?room=sale', [`Cookie: ${pass}`, ...sized(deep)], deep),
          send('POST /_junban/v1/tickets?room=sale', sized('a'.repeat(20_000)), 'a'.repeat(20_000)),
          send('GET /sale', [`X-A: ${'a'.repeat(65_536)}`]),
          send('GET /sale', [`Cookie: fat=${'c'.repeat(16_384)}`]),
        ]);
        neighbours.push(await stand.neighbourMs());
        await sent;
      }
      return neighbours;
    };
    await flood(150);
    const before = stand.memoryBytes();
    const neighbours = await flood(400);
    expect(stand.memoryBytes() - before).toBeLessThan(32 * 1024 * 1024);
    expect(percentile99(neighbours)).toBeLessThan(250);
    expect(stand.gateway.said).not.toContain('"level":"error"');
  });
});
