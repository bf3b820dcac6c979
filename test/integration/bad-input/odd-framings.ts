// The table of requests that two parsers could read differently: what is sent, and which answers are right.
// `{path}` is the case's own path, `{pass}` the Cookie line with a pass, `{hidden}` a second request without one.

/** Status 0: no answer, the connection was ended or is left to the server's timer. */
export type OddRequest = readonly [name: string, text: string, answers: readonly number[]];

const refused = [400, 501] as const;
const silent = [0, 400, 501, 505] as const;

function post(headers: string, body: string): string {
  return `POST {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n${headers}\r\n\r\n${body}`;
}

function get(headers: string, version = 'HTTP/1.1'): string {
  return `GET {path} ${version}\r\nHost: shop.test\r\n{pass}\r\n${headers === '' ? '' : `${headers}\r\n`}\r\n`;
}

const chunkedWord = '5\r\nhello\r\n0\r\n\r\n';

const lengths: readonly OddRequest[] = [
  ['one length', post('Content-Length: 5', 'hello'), [200]],
  ['two lengths that differ, short first', post('Content-Length: 0\r\nContent-Length: 5', 'hello'), refused],
  ['two lengths that differ, long first', post('Content-Length: 5\r\nContent-Length: 0', 'hello'), refused],
  ['two lengths that agree', post('Content-Length: 5\r\nContent-Length: 5', 'hello'), refused],
  ['three lengths', post('Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 5', 'hello'), refused],
  ['a length in another letter case as well', post('Content-Length: 5\r\ncontent-LENGTH: 6', 'hello'), refused],
  ['lengths joined by a comma, equal', post('Content-Length: 5, 5', 'hello'), silent],
  ['lengths joined by a comma, different', post('Content-Length: 5, 6', 'hello'), silent],
  ['a length with a comma at its end', post('Content-Length: 5,', 'hello'), silent],
  ['an empty length', post('Content-Length:', '{hidden}'), silent],
  ['a length of blanks', post('Content-Length:   ', '{hidden}'), silent],
  ['a length with a plus', post('Content-Length: +5', 'hello'), silent],
  ['a length with a minus', post('Content-Length: -5', 'hello'), silent],
  ['minus nothing', post('Content-Length: -0', '{hidden}'), silent],
  ['a length in hexadecimal', post('Content-Length: 0x5', 'hello'), silent],
  ['a length in hexadecimal digits', post('Content-Length: a', 'helloworld'), silent],
  ['a length with leading zeros', post('Content-Length: 005', 'hello'), [200, 400]],
  ['a length with a fraction', post('Content-Length: 5.0', 'hello'), silent],
  ['a length with an exponent', post('Content-Length: 5e0', 'hello'), silent],
  ['a length with a blank inside', post('Content-Length: 5 5', 'hello'), silent],
  ['a length in quotes', post('Content-Length: "5"', 'hello'), silent],
  ['a length with an underscore', post('Content-Length: 1_0', 'helloworld'), silent],
  ['a length beyond 64 bits', post('Content-Length: 18446744073709551621', 'hello'), [0, 400, 413]],
  [
    'a length just beyond 64 bits that wraps to 0',
    post('Content-Length: 18446744073709551616', '{hidden}'),
    [0, 400, 413],
  ],
  ['a length of 2^63', post('Content-Length: 9223372036854775808', 'hello'), [0, 400, 413]],
  ['a length of 300 digits', post(`Content-Length: ${'9'.repeat(300)}`, 'hello'), [0, 400, 413]],
  ['a length with 8-bit digits', post('Content-Length: \xb5', 'hello'), silent],
  ['a length with a tab before it', post('Content-Length:\t5', 'hello'), [0, 200, 400]],
  ['a length with a vertical tab before it', post('Content-Length: \x0b5', 'hello'), silent],
  ['a length with NUL', post('Content-Length: 5\x00', 'hello'), silent],
  ['a blank before the colon of the length', post('Content-Length : 5', 'hello'), silent],
  ['a blank before the name of the length', post(' Content-Length: 5', 'hello'), silent],
  ['a body beyond the length', post('Content-Length: 5', 'hello{hidden}'), [200, 0]],
  [
    'a GET with a body that looks like a request',
    `GET {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\nContent-Length: {hiddenLength}\r\n\r\n{hidden}`,
    [200],
  ],
];

const codings: readonly OddRequest[] = [
  ['chunks', post('Transfer-Encoding: chunked', chunkedWord), [200]],
  ['chunks in another letter case', post('Transfer-Encoding: Chunked', chunkedWord), silent],
  ['chunks and a length', post('Content-Length: 5\r\nTransfer-Encoding: chunked', chunkedWord), silent],
  ['a length after chunks', post('Transfer-Encoding: chunked\r\nContent-Length: 5', chunkedWord), silent],
  [
    'a length that hides a request behind chunks',
    post('Content-Length: 4\r\nTransfer-Encoding: chunked', '0\r\n\r\n{hidden}'),
    silent,
  ],
  ['chunks and a length of zero', post('Content-Length: 0\r\nTransfer-Encoding: chunked', '0\r\n\r\n{hidden}'), silent],
  [
    'chunked twice on two lines',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', chunkedWord),
    refused,
  ],
  ['chunked twice on one line', post('Transfer-Encoding: chunked, chunked', chunkedWord), silent],
  ['identity', post('Transfer-Encoding: identity', 'hello'), silent],
  ['identity, then chunked', post('Transfer-Encoding: identity, chunked', chunkedWord), silent],
  ['chunked, then identity', post('Transfer-Encoding: chunked, identity', chunkedWord), silent],
  ['gzip, chunked', post('Transfer-Encoding: gzip, chunked', chunkedWord), silent],
  ['xchunked', post('Transfer-Encoding: xchunked', chunkedWord), silent],
  ['chunkedx', post('Transfer-Encoding: chunkedx', chunkedWord), silent],
  ['chunked with a quote', post('Transfer-Encoding: "chunked"', chunkedWord), silent],
  ['chunked with a parameter', post('Transfer-Encoding: chunked;q=1', chunkedWord), silent],
  ['an empty coding', post('Transfer-Encoding:', '{hidden}'), silent],
  ['an empty coding and a length', post('Transfer-Encoding:\r\nContent-Length: 5', 'hello'), silent],
  ['a coding with a vertical tab', post('Transfer-Encoding: \x0bchunked', chunkedWord), silent],
  ['a coding with NUL', post('Transfer-Encoding: chunked\x00', chunkedWord), silent],
  ['a coding with a tab before it', post('Transfer-Encoding:\tchunked', chunkedWord), [0, 200, 400, 501]],
  ['a blank before the colon of the coding', post('Transfer-Encoding : chunked', chunkedWord), silent],
  ['a blank before the name of the coding', post(' Transfer-Encoding: chunked', chunkedWord), silent],
  [
    'a coding with an underscore in its name, and a length',
    post('Transfer_Encoding: chunked\r\nContent-Length: 5', 'hello'),
    [200],
  ],
  ['a coding folded over two lines', post('Transfer-Encoding:\r\n chunked', chunkedWord), silent],
  ['a coding behind a bare line feed', post('X-A: b\nTransfer-Encoding: chunked', chunkedWord), silent],
  ['a coding behind a bare carriage return', post('X-A: b\rTransfer-Encoding: chunked', chunkedWord), silent],
  [
    'chunks of a GET',
    `GET {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedWord}`,
    [200],
  ],
  [
    'chunks in HTTP/1.0',
    `POST {path} HTTP/1.0\r\nHost: shop.test\r\n{pass}\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedWord}`,
    silent,
  ],
];

const chunks: readonly OddRequest[] = [
  ['a chunk size in capitals', post('Transfer-Encoding: chunked', 'A\r\nhelloworld\r\n0\r\n\r\n'), [200]],
  ['a chunk size with zeros in front', post('Transfer-Encoding: chunked', '0005\r\nhello\r\n0\r\n\r\n'), [0, 200, 400]],
  ['a chunk size with a sign', post('Transfer-Encoding: chunked', '+5\r\nhello\r\n0\r\n\r\n'), silent],
  ['a chunk size with a minus', post('Transfer-Encoding: chunked', '-5\r\nhello\r\n0\r\n\r\n'), silent],
  ['a chunk size with 0x', post('Transfer-Encoding: chunked', '0x5\r\nhello\r\n0\r\n\r\n'), silent],
  [
    'a chunk size with a blank before it',
    post('Transfer-Encoding: chunked', ' 5\r\nhello\r\n0\r\n\r\n'),
    [0, 200, 400],
  ],
  ['a chunk size with a blank after it', post('Transfer-Encoding: chunked', '5 \r\nhello\r\n0\r\n\r\n'), [0, 200, 400]],
  ['an empty chunk size', post('Transfer-Encoding: chunked', '\r\nhello\r\n0\r\n\r\n'), [0, 200, 400]],
  [
    'a chunk size of 20 digits',
    post('Transfer-Encoding: chunked', '10000000000000000005\r\nhello\r\n0\r\n\r\n'),
    [0, 400, 413],
  ],
  [
    'a chunk size of 16 digits',
    post('Transfer-Encoding: chunked', 'ffffffffffffffff\r\nhello\r\n0\r\n\r\n'),
    [0, 400, 413],
  ],
  ['a chunk extension', post('Transfer-Encoding: chunked', '5;name=value\r\nhello\r\n0\r\n\r\n'), [0, 200, 400]],
  ['a quoted chunk extension', post('Transfer-Encoding: chunked', '5;a="\r\n"\r\nhello\r\n0\r\n\r\n'), [0, 200, 400]],
  [
    'a chunk extension behind a line feed',
    post('Transfer-Encoding: chunked', '5\n\r\nhello\r\n0\r\n\r\n'),
    [0, 200, 400],
  ],
  [
    'a chunk size ended by a bare line feed',
    post('Transfer-Encoding: chunked', '5\nhello\r\n0\r\n\r\n'),
    [0, 200, 400],
  ],
  [
    'a chunk extension of 64 KB',
    post('Transfer-Encoding: chunked', `5;${'a'.repeat(65_536)}\r\nhello\r\n0\r\n\r\n`),
    [0, 200, 400, 413],
  ],
  ['chunk data longer than its size', post('Transfer-Encoding: chunked', '3\r\nhello\r\n0\r\n\r\n'), [0, 200, 400]],
  ['chunk data shorter than its size', post('Transfer-Encoding: chunked', '8\r\nhello\r\n0\r\n\r\n'), [0, 200, 400]],
  ['two other bytes after the data', post('Transfer-Encoding: chunked', '5\r\nhelloXX0\r\n\r\n'), [0, 200, 400]],
  [
    'chunk data that looks like a request',
    post('Transfer-Encoding: chunked', '{hiddenSize}\r\n{hidden}\r\n0\r\n\r\n'),
    [200],
  ],
  ['a request after the last chunk', post('Transfer-Encoding: chunked', `${chunkedWord}{hidden}`), [0, 200]],
  ['a request in place of trailers', post('Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n{hidden}'), [0, 200, 400]],
  ['trailers', post('Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\nX-Trailer: a\r\n\r\n'), [0, 200, 400, 505]],
  [
    'trailers that frame anew',
    post('Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n{hidden}'),
    [0, 200, 400, 505],
  ],
  ['no chunk at all but a request', post('Transfer-Encoding: chunked', '{hidden}'), [0, 400]],
];

const hosts: readonly OddRequest[] = [
  ['no Host', 'GET {path} HTTP/1.1\r\n{pass}\r\n\r\n', silent],
  ['two Hosts', get('Host: other.test'), refused],
  ['two equal Hosts', get('Host: shop.test'), refused],
  ...(
    [
      ['an empty Host', ''],
      ['Hosts joined by a comma', 'shop.test, other.test'],
      ['a Host with user info', 'user@shop.test'],
      ['a Host with a path', 'shop.test/admin'],
      ['a Host with a question mark', 'shop.test?a'],
      ['a Host with a fragment', 'shop.test#a'],
      ['a Host with a blank', 'shop test'],
      ['a Host with a port that is none', 'shop.test:http'],
      ['a Host with a port too high', 'shop.test:65536'],
      ['a Host with two ports', 'shop.test:80:80'],
      ['a Host with a backslash', 'shop.test\\admin'],
      ['a Host with 8-bit bytes', 'sh\xf6p.test'],
      ['a Host with NUL', 'shop.test\x00'],
      ['a Host with a percent-encoding', 'shop%2etest'],
      ['a Host in open brackets', '[::1'],
      ['a Host of 300 letters', `${'a'.repeat(300)}.test`],
    ] as const
  ).map(([name, host]): OddRequest => [name, `GET {path} HTTP/1.1\r\nHost: ${host}\r\n{pass}\r\n\r\n`, silent]),
];

const lines: readonly OddRequest[] = [
  [
    'a nameless line hides a coding',
    post('Content-Length: 5\r\n: x\r\nTransfer-Encoding: chunked', 'hello'),
    [0, 200, 400],
  ],
  ['a nameless line hides the only length', post(': x\r\nContent-Length: {hiddenLength}', '{hidden}'), [0, 200, 400]],
  ['a nameless line first', `GET {path} HTTP/1.1\r\n: x\r\nHost: shop.test\r\n{pass}\r\n\r\n`, silent],
  ['a name of blanks', get(' : x'), silent],
  ['a line without a colon', get('nonsense'), silent],
  ['a name with a blank inside', get('X A: b'), silent],
  ['a name with 8-bit bytes', get('X-\xe4: b'), silent],
  ['a name with NUL', get('X-\x00: b'), silent],
  ['a name with brackets', get('X(A): b'), silent],
  ['a value with 8-bit bytes', get('X-A: caf\xe9'), [200]],
  ['a value with UTF-8', get('X-A: \xc3\xa9'), [200]],
  ['a value with NUL', get('X-A: a\x00b'), silent],
  ['a value with a bell', get('X-A: a\x07b'), silent],
  ['a value with DEL', get('X-A: a\x7fb'), silent],
  ['a value folded over two lines', get('X-A: a\r\n b'), silent],
  ['a value folded by a tab', get('X-A: a\r\n\tb'), silent],
  ['the first line folded', 'GET {path} HTTP/1.1\r\n X-A: b\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['a bare line feed between lines', get('X-A: a\nX-B: b'), silent],
  ['a bare carriage return in a value', get('X-A: a\rX-B: b'), silent],
  ['bare line feeds throughout', 'GET {path} HTTP/1.1\nHost: shop.test\n{pass}\n\n', silent],
  ['a request line ended by a bare line feed', 'GET {path} HTTP/1.1\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  [
    'an empty line before the request',
    '\r\n\r\nGET {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n',
    [0, 200, 400],
  ],
  ['a hundred and fifty lines', get(Array.from({ length: 150 }, (_, at) => `X-${at}: a`).join('\r\n')), [0, 400, 431]],
  [
    'an upgrade with a body',
    post(
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: {hiddenLength}',
      '{hidden}',
    ),
    [0, 400, 404, 501],
  ],
  [
    'an upgrade to cleartext HTTP/2',
    get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__'),
    [200],
  ],
  ['a length that Connection names', post('Connection: Content-Length\r\nContent-Length: 5', 'hello'), [200]],
  ['Expect of something unknown', get('Expect: 200-maybe'), [200, 417]],
];

const firstLines: readonly OddRequest[] = [
  ['HTTP/1.0', get('', 'HTTP/1.0'), silent],
  ['HTTP/0.9', 'GET {path}\r\n\r\n', silent],
  ['HTTP/1.2', get('', 'HTTP/1.2'), silent],
  ['HTTP/2.0', get('', 'HTTP/2.0'), silent],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', silent],
  ['http in small letters', get('', 'http/1.1'), silent],
  ['no version', 'GET {path} \r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['something after the version', get('', 'HTTP/1.1 x'), silent],
  ['two blanks after the method', 'GET  {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['a tab after the method', 'GET\t{path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['two blanks after the target', 'GET {path}  HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['a method in small letters', 'get {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['an unknown method', 'BREW {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', [0, 501]],
  ['no method', ' {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['TRACE', 'TRACE {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', [405]],
  ['CONNECT', 'CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n{pass}\r\n\r\n', [0, 400, 405, 501, 505]],
  ['CONNECT of a path', 'CONNECT {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', [0, 400, 405, 501, 505]],
  [
    'an absolute target',
    'GET http://shop.test{path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n',
    [0, 200, 400, 505],
  ],
  [
    'an absolute target of another host',
    'GET http://evil.test{path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n',
    silent,
  ],
  [
    'an absolute target with user info',
    'GET http://shop.test@evil.test{path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n',
    silent,
  ],
  ['an absolute target of another scheme', 'GET file://{path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['an asterisk', 'GET * HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['an asterisk of OPTIONS', 'OPTIONS * HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', [0, 400, 404, 505]],
  ['a target without a slash', 'GET case HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['an empty target', 'GET  HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['8-bit bytes in the target', 'GET {path}\xe9 HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['8-bit bytes in the query', 'GET {path}?\xe9 HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['NUL in the target', 'GET {path}\x00 HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['a tab in the target', 'GET {path}\tx HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['a carriage return in the target', 'GET {path}\rx HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  ['a fragment in the target', 'GET {path}#a HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n', silent],
  [
    'a target of 20 KB',
    `GET {path}${'a'.repeat(20_480)} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n`,
    [0, 400, 414, 431],
  ],
  [
    'a target of 100 KB',
    `GET {path}${'a'.repeat(102_400)} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n`,
    [0, 400, 414, 431],
  ],
  [
    'a method of 20 KB',
    `${'A'.repeat(20_480)} {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n`,
    [0, 400, 431, 501],
  ],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', silent],
  ['NULs', '\x00'.repeat(512), silent],
  ['a request behind a malformed one', 'GET {path} HTTP/1.1\r\nHost: a b\r\n{pass}\r\n\r\n{hidden}', [0, 400]],
  [
    'a request behind one of an unknown method',
    'BREW {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n\r\n{hidden}',
    [0, 501],
  ],
  ['a request behind two lengths', post('Content-Length: 0\r\nContent-Length: 0', '{hidden}'), [0, 400]],
  ['a request behind a refused upgrade', post('Upgrade: websocket\r\nContent-Length: 5', 'hello{hidden}'), [0, 400]],
];

export const oddRequests: readonly OddRequest[] = [
  ...lengths,
  ...codings,
  ...chunks,
  ...hosts,
  ...lines,
  ...firstLines,
];

const hidden = 'GET /hidden HTTP/1.1\r\nHost: shop.test\r\n\r\n';

/** The bytes of a case. */
export function writeOut(text: string, path: string, passCookie: string): string {
  return text
    .replaceAll('{path}', path)
    .replaceAll('{pass}', `Cookie: ${passCookie}`)
    .replaceAll('{hiddenLength}', String(hidden.length))
    .replaceAll('{hiddenSize}', hidden.length.toString(16))
    .replaceAll('{hidden}', hidden);
}
