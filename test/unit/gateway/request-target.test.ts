// One reading of a target for rule and shop: tables of known tricks, then properties over random spellings.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldPath, parseTarget } from '../../../src/gateway/request-target.ts';

const pathOf = (target: string): string | null => {
  const result = parseTarget(target, 'shop.example');
  return result.kind === 'ok' ? result.path + result.query : null;
};

describe('normal form', () => {
  test.each([
    ['/', '/'],
    ['/a/b.html', '/a/b.html'],
    ['/a/', '/a/'],
    ['/a?x=/../%2f&y=%', '/a?x=/../%2f&y=%'],
    ['/a?', '/a?'],
    ['/a;v=1/b', '/a;v=1/b'],
    ["/!$&'()*+,;=:@-._~", "/!$&'()*+,;=:@-._~"],
    ['/a/../b', '/b'],
    ['/a/./b', '/a/b'],
    ['/a/..', '/'],
    ['/a/b/..', '/a/'],
    ['/a/b/.', '/a/b/'],
    ['/../../etc', '/etc'],
    ['/%2e%2E/%2e/x', '/x'],
    ['/a/.%2e/b', '/b'],
    ['//evil.example/x', '/evil.example/x'],
    ['/a///b//', '/a/b/'],
    ['/a//../b', '/b'],
    ['/%61%7e%2D', '/a~-'],
    ['/%e3%81%82', '/%E3%81%82'],
    ['/%40%3b%20', '/%40%3B%20'],
    ['/{a}|"b"<c>^`[d]', '/%7Ba%7D%7C%22b%22%3Cc%3E%5E%60%5Bd%5D'],
    ['/100%25', '/100%25'],
    ['/.well-known/x', '/.well-known/x'],
    ['/..a/...b', '/..a/...b'],
  ])('[WR8] reads %s as %s', (target, expected) => {
    expect(pathOf(target)).toBe(expected);
  });

  test.each([
    '/a%2fb',
    '/a%2Fb',
    '/a/..%2fadmin',
    '/a\\b',
    '/a%5cb',
    '/a%00',
    '/a%0d%0a',
    '/a%7f',
    '/a%09',
    '/%',
    '/%4',
    '/%zz',
    '/%u0061',
    '/%252e%252e/x',
    '/%2561',
    '/%25%32%65',
    '/%ff',
    '/%c0%af',
    '/%c0%ae%c0%ae/x',
    '/%ed%a0%80',
    '/a/..;/admin',
    '/a/..;x=1/admin',
    '/..%3b/admin',
    '/%3bx/admin',
    '/.;/admin',
    '/;x/admin',
    '/...',
    '/..%20/admin',
    '/%20/admin',
    '/%2e%2e%20/x',
    '/a#b',
    '/a?b#c',
    '/a?\u00e9',
    '/\u00e9',
    '/a b',
    '',
    'a',
    '?a',
    '*',
  ])('[WR9] refuses %j', target => {
    expect(pathOf(target)).toBeNull();
  });

  test('[WR6] refuses a path over 8 KB, as sent or in normal form', () => {
    expect(pathOf(`/${'a'.repeat(8191)}`)).not.toBeNull();
    expect(pathOf(`/${'a'.repeat(8192)}`)).toBeNull();
    expect(pathOf(`/${'{'.repeat(4000)}`)).toBeNull();
  });

  test.each([
    ['http://shop.example/a?b', '/a?b'],
    ['HTTPS://Shop.Example/a', '/a'],
    ['http://shop.example', '/'],
    ['http://shop.example?x', '/?x'],
    ['http://shop.example//evil', '/evil'],
    ['http://evil.example/a', null],
    ['http://shop.example.evil/a', null],
    ['http://shop.example:80/a', null],
    ['http://user@shop.example/a', null],
    ['http://shop.example@evil/a', null],
    ['ftp://shop.example/a', null],
    ['http:/shop.example/a', null],
    ['http:///a', null],
  ])('[WR10] reads the absolute form %s as %s', (target, expected) => {
    expect(pathOf(target)).toBe(expected);
  });

  test('[WR10] takes no absolute form without a Host, and the asterisk with OPTIONS alone', () => {
    expect(parseTarget('http:///a', '').kind).toBe('refused');
    expect(parseTarget('*', 'shop.example', 'OPTIONS')).toEqual({ kind: 'ok', path: '*', query: '' });
    expect(parseTarget('*', 'shop.example', 'GET').kind).toBe('refused');
  });
});

/** What attackers build paths from. */
const piece = fc.constantFrom(
  ...[
    'a',
    'admin',
    '/',
    '//',
    '.',
    '..',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '\\',
    ';',
    '%3b',
    '%20',
    '%25',
    '25',
    '%61',
    '%41',
  ],
  ...['%', '%e3%81%82', '%ff', '~', '%7e', '%40', '@', ':', '?', '#', '{', '|', '%00', '%0a', '*', '+'],
);
const target = fc.array(piece, { maxLength: 14 }).map(pieces => `/${pieces.join('')}`);

describe('properties', () => {
  test('[WR8] is idempotent', () => {
    fc.assert(
      fc.property(target, raw => {
        const first = parseTarget(raw);
        if (first.kind === 'ok') expect(parseTarget(first.path + first.query)).toEqual(first);
      }),
      { numRuns: 3000 },
    );
  });

  test('[WR8] gives a path that a WHATWG URL parser leaves as it is, on the same host', () => {
    fc.assert(
      fc.property(target, raw => {
        const result = parseTarget(raw);
        if (result.kind === 'refused') return;
        const url = new URL(result.path + result.query, 'http://shop.example');
        expect(url.host).toBe('shop.example');
        expect(url.pathname).toBe(result.path);
      }),
      { numRuns: 3000 },
    );
  });

  test('[WR8] never leaves the root, even for a shop that decodes once and resolves afterwards', () => {
    fc.assert(
      fc.property(target, raw => {
        const result = parseTarget(raw);
        if (result.kind === 'refused') return;
        const decoded = decodeURIComponent(result.path);
        for (const reading of [decoded, decoded.replace(/;[^/]*/g, ''), result.path.replace(/;[^/]*/g, '')]) {
          expect(reading.split(/[/\\]/).slice(1)).not.toContain('..');
          expect(reading.startsWith('/') && !reading.startsWith('//')).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('[WR10] keeps the query byte for byte', () => {
    const query = fc.string({ unit: fc.constantFrom(...'ab%2f/?&=+.;"<>[]\\^`{|}'), maxLength: 30 });
    fc.assert(
      fc.property(query, text => {
        expect(parseTarget(`/%2e/x?${text}`)).toEqual({ kind: 'ok', path: '/x', query: `?${text}` });
      }),
    );
  });
});

describe('folding', () => {
  test.each([
    ['/Admin', '/admin'],
    ['/admin;x=1/y', '/admin/y'],
    ['/admin%3Bx=1/y', '/admin/y'],
    ['/admin.', '/admin'],
    ['/admin%20/y', '/admin/y'],
    ['/%40me', '/@me'],
    ['/%C3%89t%C3%A9', '/été'],
    ['/', '/'],
  ])('[WR12] folds %s to %s', (path, folded) => {
    expect(foldPath(path)).toBe(folded);
  });

  test('[WR12] folds a long run of dots in linear time', () => {
    const startMs = performance.now();
    foldPath(`/${'.'.repeat(200_000)}a/x.`);
    expect(performance.now() - startMs).toBeLessThan(1000);
  });
});
