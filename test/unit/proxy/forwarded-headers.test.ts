// Which headers pass in either direction.

import { expect, test } from 'vitest';
import { headersToFan, headersToShop, withoutOwnCookies } from '../../../src/proxy/forwarded-headers.ts';
import type { HeaderPairs } from '../../../src/proxy/shop-port.ts';

const direct = { peerIp: '203.0.113.9', trustedPeer: false, secure: true };
const behindProxy = { peerIp: '2001:db8::1', trustedPeer: true, secure: false };
const host: [string, string] = ['host', 'shop.example'];

function oneValue(pairs: HeaderPairs, name: string): string | undefined {
  const found = pairs.filter(pair => pair[0].toLowerCase() === name);
  expect(found.length).toBeLessThan(2);
  return found[0]?.[1];
}

const toShop = (pairs: HeaderPairs, fan = direct) => headersToShop([host, ...pairs], fan, 'sale', 'TOKEN');

test('[PX1] hop-by-hop headers, what Connection names, Expect and framing stay here', () => {
  const { pairs } = toShop([
    ['connection', 'close, X-One'],
    ['Connection', 'x-two'],
    ['X-One', '1'],
    ['x-two', '2'],
    ['keep-alive', 'timeout=5'],
    ['te', 'trailers'],
    ['trailer', 'x'],
    ['transfer-encoding', 'chunked'],
    ['upgrade', 'h2c'],
    ['proxy-authorization', 'Basic x'],
    ['proxy-connection', 'close'],
    ['expect', '100-continue'],
    ['accept', '*/*'],
  ]);
  expect(pairs.map(pair => pair[0]).sort()).toEqual([
    'accept',
    'forwarded',
    'host',
    'junban-pass',
    'junban-room',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
  ]);
});

test('[PX1] Connection cannot take away Host, the pass or the forwarded address', () => {
  const { pairs } = toShop([['connection', 'host, junban-pass, x-forwarded-for, forwarded']]);
  expect(oneValue(pairs, 'host')).toBe('shop.example');
  expect(oneValue(pairs, 'junban-pass')).toBe('TOKEN');
  expect(oneValue(pairs, 'x-forwarded-for')).toBe('203.0.113.9');
});

test('[PX2] a length counts only if there is exactly one and it is a number', () => {
  const lengthOf = (...values: string[]) => toShop(values.map(value => ['content-length', value])).contentLength;
  expect(lengthOf('12')).toBe(12);
  expect(lengthOf('0')).toBe(0);
  expect(lengthOf()).toBeNull();
  for (const values of [['1', '1'], ['1, 1'], [''], ['-1'], ['+1'], ['0x1'], ['1e3'], ['99999999999999999999']]) {
    expect(lengthOf(...values)).toBeNull();
  }
});

test('[PX3] nobody but us speaks of rooms and passes, under any spelling', () => {
  const { pairs } = toShop([
    ['Junban-Pass', 'forged'],
    ['X-Junban-Room', 'forged'],
    ['junban_pass', 'forged'],
    ['JUNBAN-Command', 'end'],
  ]);
  expect(pairs.filter(pair => pair[1] === 'forged' || pair[1] === 'end')).toEqual([]);
  expect(oneValue(pairs, 'junban-room')).toBe('sale');
  expect(headersToShop([host], direct, 'sale', null).pairs.some(pair => pair[0] === 'junban-pass')).toBe(false);
});

test('[PX4] [WR22] our cookies are cut out, every other byte stays', () => {
  for (const [before, after] of [
    ['a=1', 'a=1'],
    ['a=1; junban-ticket-sale=x', 'a=1'],
    ['junban-ticket-sale=x; a=1', 'a=1'],
    ['a=1;junban-pass-sale=x;  b="2;"', 'a=1;  b="2;"'],
    ['__Host-junban-pass-s=x; __Host-junban-ticket-s=y', ''],
    ['junban-ops=login; a=1; junban-opsy=2', 'a=1; junban-opsy=2'],
    ['__Secure-junban-pass-s=x; =junban-pass-s=y; JUNBAN-TICKET-s=z', ''],
    [
      'xjunban-pass-s=1; junban-passing=2; note=junban-pass-s',
      'xjunban-pass-s=1; junban-passing=2; note=junban-pass-s',
    ],
    ['a=\xe9; junban-pass-s=1;;b', 'a=\xe9;;b'],
  ] as const) {
    expect(withoutOwnCookies(before)).toBe(after);
  }
  expect(toShop([['cookie', 'junban-pass-s=x']]).pairs.some(pair => pair[0] === 'cookie')).toBe(false);
});

test("[PX5] a stranger's Forwarded headers are replaced, a trusted proxy's are continued", () => {
  const claims: HeaderPairs = [
    ['x-forwarded-for', '6.6.6.6'],
    ['x-forwarded-proto', 'https'],
    ['x-forwarded-host', 'public.example'],
    ['forwarded', 'for=6.6.6.6'],
    ['x-forwarded-user', 'root'],
    ['x_forwarded_for', '7.7.7.7'],
    ['x-real-ip', '6.6.6.6'],
    ['x-original-url', '/admin'],
  ];
  const stranger = toShop(claims).pairs;
  expect(oneValue(stranger, 'x-forwarded-for')).toBe('203.0.113.9');
  expect(oneValue(stranger, 'x-forwarded-proto')).toBe('https');
  expect(oneValue(stranger, 'x-forwarded-host')).toBe('shop.example');
  expect(oneValue(stranger, 'forwarded')).toBe('for=203.0.113.9;host="shop.example";proto=https');
  expect(stranger.filter(pair => /6\.6\.6\.6|7\.7\.7\.7|root|admin/.test(pair[1]))).toEqual([]);

  const trusted = toShop(claims.slice(0, 5), behindProxy).pairs;
  expect(oneValue(trusted, 'x-forwarded-for')).toBe('6.6.6.6, 2001:db8::1');
  expect(oneValue(trusted, 'x-forwarded-proto')).toBe('https');
  expect(oneValue(trusted, 'x-forwarded-host')).toBe('public.example');
  expect(oneValue(trusted, 'forwarded')).toBe('for=6.6.6.6, for="[2001:db8::1]";host="shop.example";proto=http');
  expect(oneValue(trusted, 'x-forwarded-user')).toBe('root');
});

test('[PX6] an answer loses what belongs to the connection and what sets our cookies', () => {
  const answer = headersToFan([
    ['Connection', 'keep-alive, X-Hop'],
    ['X-Hop', '1'],
    ['Keep-Alive', 'timeout=5'],
    ['Date', 'today'],
    ['Content-Length', '5'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', '__Host-junban-pass-sale=x'],
    ['Set-Cookie', 'junban-ops=x; Path=/'],
    ['Set-Cookie', '=junban-ticket-sale=x'],
    ['Set-Cookie', 'b=2'],
    ['Junban-Command', ' END '],
    ['Junban-Pass', 'x'],
  ]);
  expect(answer.pairs).toEqual([
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
  ]);
  expect(answer).toMatchObject({ contentLength: 5, command: 'end', clean: true });
  expect(headersToFan([['Junban-Command', 'dance']]).command).toBeNull();
});

test('[PX6] a length beside chunks counts for nothing', () => {
  const pairs: HeaderPairs = [
    ['content-length', '5'],
    ['transfer-encoding', 'chunked'],
  ];
  expect(headersToFan(pairs).contentLength).toBeNull();
});

test('[PX7] a value with CR, LF or NUL is not clean', () => {
  for (const value of ['a\r\nb: c', 'a\nb', 'a\0']) expect(headersToFan([['x', value]]).clean).toBe(false);
  expect(headersToFan([['x', 'caf\xe9\ttab']]).clean).toBe(true);
});
