// Every refusal of the file's own keys and of rooms together, each with its path and what it says.
import { describe, expect, test } from 'vitest';
import { least, leastRoom, problemsOf } from './support.ts';

type Case = readonly [what: string, given: Record<string, unknown>, problem: RegExp];

const startsAt = '2027-05-09T10:00:00+09:00';

describe('the file', () => {
  const cases: readonly Case[] = [
    ['[CF1] no rooms', { rooms: undefined }, /^rooms: is required: a list$/],
    ['[CF1] an empty list of rooms', { rooms: [] }, /^rooms: must have at least 1 entry$/],
    ['[CF5] an unknown key', { lisen: ':1' }, /^lisen: is not a known key: did you mean "listen"\?$/],
    ['[CF5] an unknown key that is like no other', { zebra: 1 }, /^zebra: is not a known key$/],
    ['[CF5] a key with another case', { trustedproxies: [] }, /^trustedproxies: .*"trustedProxies"\?$/],
    ['[CF5] a token in the file', { ops: { token: 'x' } }, /^ops.token: is not a known key: did you mean "tokens"\?$/],
    ['[CF5] a prototype as a key', JSON.parse('{"__proto__": {"rooms": []}}'), /^__proto__: is not a known key$/],
    ['[CF5] a key of the other store', { store: { kind: 'embedded', url: 'x' } }, /^store.url: is not a known key$/],
    ['[CF5] an empty mapping', { ops: null }, /^ops: is empty: give it a value \(a mapping\) or remove the key$/],
    ['[CF5] a text for a mapping', { ops: 'x' }, /^ops: must be a mapping, not "x"$/],
    ['[CF5] a mapping for a list', { trustedProxies: {} }, /^trustedProxies: must be a list, not a mapping$/],
    ['[CF5] a log level', { log: { level: 'loud' } }, /^log.level: must be one of trace, .*, silent, not "loud"$/],
    ['[CF9] a port alone', { listen: 8080 }, /^listen: must be a text, not 8080$/],
    [
      '[CF9] a host alone',
      { listen: '127.0.0.1' },
      /^listen: "127.0.0.1" is not host and port: write "127.0.0.1:8080"/,
    ],
    ['[CF9] a port out of range', { listen: ':65536' }, /^listen: ":65536" has no port from 0 to 65535/],
    ['[CF9] half an address', { listen: '10.0.0:80' }, /^listen: "10.0.0:80" has no valid host/],
    ['[CF9] IPv6 without brackets', { listen: '::1:80' }, /^listen: .* is not host and port/],
    ['[CF9] IPv4 in brackets', { listen: '[1.2.3.4]:80' }, /^listen: .* has no valid host/],
    [
      '[CF9] both listeners at one address',
      { listen: '127.0.0.1:9090' },
      /^ops.listen: is the address of "listen" as well/,
    ],
    ['[CF9] both listeners at one port', { listen: ':9090' }, /^ops.listen: is the address of "listen" as well/],
    [
      '[CF9] a range that is too long',
      { trustedProxies: ['10.0.0.0/33'] },
      /^trustedProxies\[0\]: "10.0.0.0\/33" is not an address range/,
    ],
    [
      '[CF9] a range of a name',
      { trustedProxies: ['::1', 'proxy'] },
      /^trustedProxies\[1\]: "proxy" is not an address range/,
    ],
    ['[CF9] a range with two slashes', { trustedProxies: ['10.0.0.0/8/8'] }, /^trustedProxies\[0\]: /],
    ['[CF9] a range with a zone', { trustedProxies: ['fe80::1%eth0/64'] }, /^trustedProxies\[0\]: /],
    ['[CF9] an empty length', { trustedProxies: ['10.0.0.0/'] }, /^trustedProxies\[0\]: /],
    ['[CF9] a prefix without slash', { prefix: 'x' }, /^prefix: "x" must start with "\/"/],
    ['[CF9] a prefix that is all', { prefix: '/' }, /^prefix: "\/" would leave no path for the shop/],
    ['[CF9] a prefix with a slash at its end', { prefix: '/x/' }, /^prefix: "\/x\/" must not end with "\/"$/],
    ['[CF9] a prefix with dots', { prefix: '/a/../b' }, /^prefix: .* may hold letters/],
    ['[CF9] a prefix with an escape', { prefix: '/%41' }, /^prefix: .* may hold letters/],
    ['[CF1] an unknown store', { store: { kind: 'disk' } }, /^store.kind: must be one of embedded, redis$/],
    ['[CF1] a store without kind', { store: { path: 'x' } }, /^store.kind: is required: one of embedded, redis$/],
    ['[CF1] an empty path', { store: { kind: 'embedded', path: '' } }, /^store.path: must have at least 1 character$/],
    ['[CF8] Redis without servers', { store: { kind: 'redis' } }, /^store: needs one of url, sentinel, cluster$/],
    [
      '[CF8] Redis of two forms',
      { store: { kind: 'redis', url: 'redis://a', cluster: { hosts: ['a:1'] } } },
      /^store: has url and cluster: keep one of them$/,
    ],
    [
      '[CF8] TLS beside the url',
      { store: { kind: 'redis', url: 'redis://a', tls: true } },
      /^store.tls: stands in the url/,
    ],
    [
      '[CF8] who vouches for a Redis without TLS',
      { store: { kind: 'redis', url: 'redis://a', caFile: './ca.pem' } },
      /^store.caFile: is for TLS, which is off: write rediss/,
    ],
    [
      '[CF9] a server without port',
      { store: { kind: 'redis', cluster: { hosts: ['a'] } } },
      /^store.cluster.hosts\[0\]: .* is not host and port/,
    ],
    [
      '[CF9] a server with port 0',
      { store: { kind: 'redis', cluster: { hosts: ['a:0'] } } },
      /^store.cluster.hosts\[0\]: .* from 1 to 65535/,
    ],
    [
      '[CF9] another scheme',
      { store: { kind: 'redis', url: 'http://a' } },
      /^store.url: .* must start with redis:\/\/ or rediss:\/\//,
    ],
    ['[CF9] options in the url', { store: { kind: 'redis', url: 'redis://a?x=1' } }, /^store.url: options behind/],
    [
      '[CF9] a database that is none',
      { store: { kind: 'redis', url: 'redis://a/x' } },
      /^store.url: what follows the host/,
    ],
    [
      '[CF9] a lone percent sign',
      { store: { kind: 'redis', url: 'redis://u:%zz@a' } },
      /^store.url: user name or password is not well/,
    ],
    [
      '[CF1] braces in the key prefix',
      { store: { kind: 'redis', url: 'redis://a', keyPrefix: '{x}' } },
      /^store.keyPrefix: a key prefix holds/,
    ],
  ];
  test.each(cases)('%s', (_, given, problem) => {
    expect(problemsOf({ ...least, ...given })).toEqual([expect.stringMatching(problem)]);
  });
});

describe('rooms together', () => {
  test('[CF10] an id stands once', () => {
    const other = { ...leastRoom, match: { paths: ['/b'] } };
    expect(problemsOf({ rooms: [leastRoom, other] })).toEqual(['rooms[1].id: "sale" is the id of rooms[0] already']);
  });

  test('[CF10] a host and path belong to one room, whatever the case and the slash at the end', () => {
    const rooms = [
      { ...leastRoom, match: { hosts: ['a.example'], paths: ['/x', '/Y/'] } },
      { ...leastRoom, id: 'b', match: { hosts: ['b.example', 'A.example.'], paths: ['/y'] } },
    ];
    expect(problemsOf({ rooms })).toEqual(['rooms[1].match: rooms[0] matches host "a.example" with path "/y" already']);
    expect(problemsOf({ rooms: [leastRoom, { ...leastRoom, id: 'b' }] })).toEqual([
      'rooms[1].match: rooms[0] matches host "*" with path "/" already',
    ]);
  });

  test('[CF10] a path within another is no collision', () => {
    expect(problemsOf({ rooms: [leastRoom, { ...leastRoom, id: 'b', match: { paths: ['/vip'] } }] })).toEqual([]);
    expect(problemsOf({ prefix: '/q', rooms: [{ ...leastRoom, match: { paths: ['/_junban', '/quick'] } }] })).toEqual(
      [],
    );
  });

  const shops: readonly [string, string, boolean][] = [
    [':8080', 'http://127.0.0.9:8080', true],
    [':8080', 'http://[::1]:8080', true],
    [':80', 'http://localhost', true],
    ['127.0.0.1:8080', 'http://localhost:8080', true],
    ['127.0.0.1:8080', 'http://0.0.0.0:8080', true],
    ['10.1.2.3:8080', 'http://10.1.2.3:8080', true],
    ['127.0.0.1:8080', 'http://127.0.0.2:8080', false],
    [':8080', 'http://shop.internal:8080', false],
    [':8080', 'http://127.0.0.1:8081', false],
    ['10.1.2.3:8080', 'http://127.0.0.1:8080', false],
  ];
  test.each(shops)('[CF10] listening on %s, a shop at %s is ourselves: %s', (listen, shop, isOurselves) => {
    const problems = problemsOf({ listen, rooms: [{ ...leastRoom, shop }] });
    expect(problems).toEqual(isOurselves ? ['rooms[0].shop: is Junban\'s own address ("listen")'] : []);
  });
});

test('[CF4] all problems are told at once, those of two keys and those of variables too', () => {
  const file = {
    listen: 1,
    ops: { token: 'x' },
    rooms: [
      { id: 'A', shop: 'x', claimWindow: 5, pass: { idle: '2h', max: '1h' }, nope: 1, opensAt: startsAt },
      { id: 'b', shop: 'http://127.0.0.1:9090', autopilot: { minPerMinute: 7_000 } },
    ],
  };
  const problems = problemsOf(file, { JUNBAN_LOG_LEVEL: 'x', JUNBAN_NOPE: '1' });
  expect(problems.map(problem => problem.slice(0, problem.indexOf(': '))).sort()).toEqual(
    [
      'JUNBAN_LOG_LEVEL',
      'JUNBAN_NOPE',
      'listen',
      'ops.token',
      'rooms[0].claimWindow',
      'rooms[0].id',
      'rooms[0].nope',
      'rooms[0].opensAt',
      'rooms[0].pass.idle',
      'rooms[0].shop',
      'rooms[1].autopilot.minPerMinute',
      'rooms[1].match',
      'rooms[1].shop',
    ].sort(),
  );
});
