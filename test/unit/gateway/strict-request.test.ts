// Framing, Host, method, sizes and characters of a request, line by line, as the header loop of the server gives them.
import { describe, expect, test } from 'vitest';
import { isHostWellFormed } from '../../../src/gateway/host-name.ts';
import { RequestCheck, type RequestLimits } from '../../../src/gateway/strict-request.ts';

type Line = readonly [name: string, value: string];
const host: Line = ['host', 'shop.example'];

function check(lines: readonly Line[], method = 'GET', target = '/', limits: Partial<RequestLimits> = {}) {
  const request = new RequestCheck(limits);
  request.start(method, target);
  for (const [name, value] of lines) request.header(name, value);
  return request.finish();
}

const statusOf = (lines: readonly Line[], method?: string, target?: string, limits?: Partial<RequestLimits>) => {
  const result = check(lines, method, target, limits);
  return result.kind === 'ok' ? 200 : result.status;
};

describe('framing', () => {
  test('[WR1] takes no framing, one length or chunked', () => {
    expect(check([host])).toMatchObject({ kind: 'ok', framing: { kind: 'none' } });
    expect(check([host, ['content-length', '0']])).toMatchObject({ framing: { kind: 'length', bytes: 0 } });
    expect(check([host, ['content-length', '123']])).toMatchObject({ framing: { kind: 'length', bytes: 123 } });
    expect(check([host, ['transfer-encoding', 'chunked']])).toMatchObject({ framing: { kind: 'chunked' } });
  });

  const malformed = ['', ' ', '+1', '-1', '1.0', '1e3', '0x10', '5,5', '5, 5', '1 2', '１', '5;'];
  test.each(malformed)('[WR1] refuses the Content-Length %j', value => {
    expect(statusOf([host, ['content-length', value]])).toBe(400);
  });

  test.each([
    ['5', '5'],
    ['5', '6'],
    ['0', '5'],
    ['', '5'],
  ])('[WR1] refuses two Content-Lengths %j and %j', (first, second) => {
    expect(statusOf([host, ['content-length', first], ['content-length', second]])).toBe(400);
  });

  const codings: readonly [string, number][] = [
    ['', 400],
    ['Chunked', 501],
    ['gzip', 501],
    ['identity', 501],
    ['gzip, chunked', 501],
    ['chunked, chunked', 501],
    ['chunked;q=1', 501],
    ['xchunked', 501],
    ['\tchunked', 501],
    ['chunked\u000b', 400],
  ];
  test.each(codings)('[WR1] refuses the Transfer-Encoding %j with %i', (value, status) => {
    expect(statusOf([host, ['transfer-encoding', value]])).toBe(status);
  });

  test('[WR1] refuses Transfer-Encoding twice and beside a Content-Length, in either order', () => {
    const chunked: Line = ['transfer-encoding', 'chunked'];
    expect(statusOf([host, chunked, chunked])).toBe(400);
    expect(statusOf([host, chunked, ['content-length', '5']])).toBe(400);
    expect(statusOf([host, ['content-length', '0'], chunked])).toBe(400);
  });

  test('[WR2] refuses a WebSocket upgrade with a body, and takes it without', () => {
    const upgrade: Line = ['upgrade', 'WebSocket'];
    expect(statusOf([host, upgrade])).toBe(200);
    expect(statusOf([host, upgrade, ['content-length', '0']])).toBe(200);
    expect(statusOf([host, ['content-length', '5'], upgrade])).toBe(400);
    expect(statusOf([host, upgrade, ['transfer-encoding', 'chunked']])).toBe(400);
    // Java's client offers h2c with every POST.
    expect(statusOf([host, ['upgrade', 'h2c'], ['content-length', '5']], 'POST')).toBe(200);
  });
});

describe('host', () => {
  test.each([
    'a',
    'shop.example',
    'SHOP.example.',
    'shop.example:8080',
    '127.0.0.1:1',
    '[::1]',
    '[2001:db8::1]:65535',
    'a_b',
  ])('[WR3] takes the Host %j', value => {
    expect(isHostWellFormed(value)).toBe(true);
    expect(check([['host', value]])).toMatchObject({ kind: 'ok', host: value });
  });

  test.each([
    '',
    'a,b',
    'a b',
    'user@shop.example',
    'shop.example/path',
    'shop.example?x',
    'shop.example#x',
    'shop.example\\x',
    'shop..example',
    '.shop.example',
    'shop.example:',
    'shop.example:0x50',
    'shop.example:65536',
    'shop.example:80:80',
    'shop.example:+80',
    '::1',
    '[::1',
    '[::1]x',
    '[::1]:',
    '[fe80::1%25eth0]',
    '[]',
    '%61',
    'caf\u00e9.example',
  ])('[WR3] refuses the Host %j', value => {
    expect(isHostWellFormed(value)).toBe(false);
    expect(statusOf([['host', value]])).toBe(400);
  });

  test('[WR3] refuses a Host longer than any name', () => {
    expect(statusOf([['host', 'a'.repeat(300)]])).toBe(400);
  });

  test('[WR3] refuses a missing and a repeated Host, the same name included', () => {
    expect(statusOf([])).toBe(400);
    expect(statusOf([host, host])).toBe(400);
    expect(statusOf([host, ['host', '']])).toBe(400);
  });
});

describe('method, target, sizes, characters', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('[WR4] takes %s', method => {
    expect(statusOf([host], method)).toBe(200);
  });

  test.each([
    ['TRACE', 405],
    ['CONNECT', 501],
    ['get', 501],
    ['PROPFIND', 501],
    ['', 501],
    ['__proto__', 501],
  ])('[WR4] refuses the method %j with %i', (method, status) => {
    expect(statusOf([host], method)).toBe(status);
  });

  test.each(['', '/caf\u00e9', '/a b', '/a\tb', '/a\u0000', '/\u007f', '/\ufffd'])(
    '[WR5] refuses the target %j',
    target => {
      expect(statusOf([host], 'GET', target)).toBe(400);
    },
  );

  test.each(['a\u0000b', 'a\rb', 'a\nb', 'a\u007fb', '\u001b[31m'])('[WR5] refuses the header value %j', value => {
    expect(statusOf([host, ['x-a', value]])).toBe(400);
  });

  test('[WR5] takes a tab and letters beyond ASCII in a value', () => {
    expect(statusOf([host, ['x-a', 'a\tb'], ['x-b', 'caf\u00e9 順番']])).toBe(200);
  });

  test.each(['', 'a b', 'a:b', 'caf\u00e9', 'a(b)', 'x\u0000'])('[WR5] refuses the header name %j', name => {
    expect(statusOf([host, [name, 'x']])).toBe(400);
  });

  test('[WR6] refuses a target over 8 KB, too many or too large headers and a body over the limit', () => {
    expect(statusOf([host], 'GET', `/${'a'.repeat(8191)}`)).toBe(200);
    expect(statusOf([host], 'GET', `/${'a'.repeat(8192)}`)).toBe(414);
    const cookie: Line = ['cookie', `a=${'x'.repeat(16_384)}`];
    expect(statusOf([host, cookie])).toBe(200);
    expect(statusOf([host, ['x-a', 'x'.repeat(65_536)]])).toBe(431);
    const many = Array.from({ length: 100 }, (_, at): Line => [`x-${at}`, 'x']);
    expect(statusOf([host, ...many.slice(1)])).toBe(200);
    expect(statusOf([host, ...many])).toBe(431);
    expect(statusOf([host, ['content-length', '100']], 'POST', '/', { bodyBytesMax: 100 })).toBe(200);
    expect(statusOf([host, ['content-length', '101']], 'POST', '/', { bodyBytesMax: 100 })).toBe(413);
    expect(statusOf([host, ['content-length', '9'.repeat(30)]], 'POST')).toBe(413);
  });

  test('[WR7] joins repeated Cookie and forwarding lines in their order', () => {
    const lines: readonly Line[] = [
      host,
      ['cookie', 'a=1'],
      ['x-forwarded-for', '6.6.6.6'],
      ['cookie', 'b=2'],
      ['x-forwarded-for', '1.2.3.4'],
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-proto', 'http'],
    ];
    expect(check(lines)).toMatchObject({
      cookie: 'a=1; b=2',
      forwardedFor: '6.6.6.6,1.2.3.4',
      forwardedProto: 'https,http',
    });
  });

  test('[WR1] forgets everything between two requests on one instance', () => {
    const request = new RequestCheck();
    request.start('POST', '/');
    request.header(...host);
    request.header('content-length', '7');
    request.header('cookie', 'a=1');
    request.header('authorization', 'Bearer first');
    request.header('authorization', 'Bearer second');
    expect(request.finish()).toMatchObject({ framing: { bytes: 7 }, cookie: 'a=1', authorization: 'Bearer first' });
    request.start('TRACE', '/');
    for (const line of [host, ['content-length', '7'], ['cookie', 'a=1'], ['upgrade', 'websocket']] as const) {
      request.header(line[0], line[1]);
    }
    expect(request.finish()).toMatchObject({ kind: 'refused', status: 405, code: 'method-not-allowed' });
    request.start('GET', '/');
    request.header(...host);
    expect(request.finish()).toEqual({
      kind: 'ok',
      framing: { kind: 'none' },
      host: 'shop.example',
      cookie: '',
      forwardedFor: '',
      forwardedProto: '',
      authorization: '',
    });
  });
});
