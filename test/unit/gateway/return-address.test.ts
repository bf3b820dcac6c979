// Where a fan may be sent: a battery of open-redirect tricks, and what is legitimate.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeReturnAddress } from '../../../src/gateway/return-address.ts';

const own = 'https://shop.example';

test.each([
  ['/', '/'],
  ['/tickets/7?day=2&x=%2F#seats', '/tickets/7?day=2&x=%2F#seats'],
  ['/a?next=//evil.example', '/a?next=//evil.example'],
  ['/a?next=https://evil.example/', '/a?next=https://evil.example/'],
  ['/a/../b', '/b'],
  ['/a/..//evil.example', '/evil.example'],
  ['/.//evil.example', '/evil.example'],
  ['/%2e%2e//evil.example', '/evil.example'],
  ['/順番?日=二#席', '/%E9%A0%86%E7%95%AA?%E6%97%A5=%E4%BA%8C#%E5%B8%AD'],
  ['/javascript:alert(1)', '/javascript:alert(1)'],
  ['/@evil.example', '/@evil.example'],
  ['/_junbanx', '/_junbanx'],
  ['https://shop.example/a?b#c', '/a?b#c'],
  ['https://shop.example', '/'],
  ['HTTPS://SHOP.EXAMPLE:443/a', '/a'],
  ['https://shop.example//evil.example', '/evil.example'],
])('[WR13] reads %j as %j', (candidate, expected) => {
  expect(safeReturnAddress(candidate, own)).toBe(expected);
});

test.each([
  '',
  ' /a',
  'a',
  '.',
  '?a',
  '#a',
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '\\\\evil.example',
  '/\\evil.example',
  '\\/evil.example',
  '/\\/evil.example',
  '/a\\b',
  '%2f%2fevil.example',
  '/%2f%2fevil.example',
  '/%2fevil.example',
  '/%5cevil.example',
  '/%5c%5cevil.example',
  '/%252f%252fevil.example',
  '/\tevil.example',
  '/\t/evil.example',
  '\t//evil.example',
  '/\n/evil.example',
  '/a\r\nSet-Cookie: x=1',
  '/a%0d%0aSet-Cookie:%20x=1',
  '/a\u0000b',
  '/a b',
  '/a\u0085b',
  '/a\u00a0b',
  '/\ud800',
  'https://evil.example/',
  'https://evil.example\\@shop.example/',
  'https://shop.example@evil.example/',
  'https://shop.example.evil.example/',
  'https://user@shop.example/',
  'https://user:secret@shop.example/',
  'https://shop.example:444/',
  'http://shop.example/',
  'https:shop.example/a',
  'https:/shop.example/a',
  'https:///shop.example/a',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'blob:https://shop.example/x',
  'file:///etc/passwd',
  '/_junban',
  '/_junban/',
  '/_junban/v1/passes',
  '/_junban?x',
  '//_junban/v1',
  '/a/../_junban/v1',
  '/%5fjunban/v1',
  '/%5Fjunban',
  'https://shop.example/_junban/v1',
])('[WR13] refuses %j', candidate => {
  expect(safeReturnAddress(candidate, own)).toBeNull();
});

test('[WR13] takes paths alone where no origin is known', () => {
  expect(safeReturnAddress('/a?b#c')).toBe('/a?b#c');
  expect(safeReturnAddress('http://junban.invalid/a')).toBeNull();
  expect(safeReturnAddress('https://shop.example/a')).toBeNull();
});

test('[WR13] refuses our own calls under another prefix', () => {
  expect(safeReturnAddress('/line/v1', own, '/line')).toBeNull();
  expect(safeReturnAddress('/_junban/v1', own, '/line')).toBe('/_junban/v1');
});

test('[WR13] refuses more than 8 KB, as given or encoded', () => {
  expect(safeReturnAddress(`/${'a'.repeat(8191)}`, own)).not.toBeNull();
  expect(safeReturnAddress(`/${'a'.repeat(8192)}`, own)).toBeNull();
  expect(safeReturnAddress(`/${'順'.repeat(1000)}`, own)).toBeNull();
});

test('[WR13] whatever it answers, a browser stays on the shop and reads the same address again', () => {
  const piece = fc.constantFrom(
    ...[
      '/',
      '//',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '\t',
      '\n',
      '@',
      ':',
      'evil.example',
      'shop.example',
      '_junban',
    ],
    ...['https:', 'javascript:', '?', '#', '%', '%00', 'a', '順', '\u3002', '\uff0f'],
  );
  const candidate = fc.array(piece, { maxLength: 10 }).map(pieces => pieces.join(''));
  fc.assert(
    fc.property(candidate, fc.constantFrom('', '/', `${own}/`), (text, start) => {
      const address = safeReturnAddress(start + text, own);
      if (address === null) return;
      const url = new URL(address, own);
      expect(url.origin).toBe(own);
      expect(url.href).toBe(own + address);
      expect(/^\/_junban(?:\/|$)/.test(url.pathname)).toBe(false);
      expect(safeReturnAddress(address, own)).toBe(address);
    }),
    { numRuns: 5000 },
  );
});
