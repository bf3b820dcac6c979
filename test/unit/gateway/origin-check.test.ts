// Which pages may open a socket in a user's name.
import { expect, test } from 'vitest';
import { buildAllowedOrigins, isOriginAllowed, ownOrigin } from '../../../src/gateway/origin-check.ts';

const allowed = buildAllowedOrigins(['https://app.example:8443', 'http://localhost:5173', 'https://Big.example:443']);
const ask = (origin: string, host = 'shop.example', secure = true, usesCookie = true) =>
  isOriginAllowed({ origin, host, secure, usesCookie }, allowed);

test.each([
  ['https://shop.example', 'shop.example', true],
  ['https://shop.example', 'Shop.Example:443', true],
  ['http://shop.example', 'shop.example:80', false],
  ['http://127.0.0.1:8080', '127.0.0.1:8080', false],
  ['http://[::1]:8080', '[::1]:8080', false],
  ['https://app.example:8443', 'shop.example', true],
  ['http://localhost:5173', 'shop.example', true],
  ['https://big.example', 'shop.example', true],
])('[WR17] allows %s at %s (secure: %s)', (origin, host, secure) => {
  expect(ask(origin, host, secure)).toBe(true);
});

test.each([
  ['https://evil.example', 'shop.example', true],
  ['http://shop.example', 'shop.example', true],
  ['https://shop.example', 'shop.example', false],
  ['https://shop.example:444', 'shop.example', true],
  ['https://shop.example', 'shop.example:8443', true],
  ['https://shop.example.evil.example', 'shop.example', true],
  ['https://sub.shop.example', 'shop.example', true],
  ['https://shop.example/', 'shop.example', true],
  ['https://user@shop.example', 'shop.example', true],
  ['null', 'shop.example', true],
  ['null', 'null', false],
  ['https://app.example', 'shop.example', true],
  ['http://app.example:8443', 'shop.example', true],
  ['https://shop.example, https://evil.example', 'shop.example', true],
])('[WR17] refuses %s at %s (secure: %s)', (origin, host, secure) => {
  expect(ask(origin, host, secure)).toBe(false);
});

test('[WR17] takes a missing Origin from an app with a bearer ticket, not beside a cookie', () => {
  expect(ask('', 'shop.example', true, false)).toBe(true);
  expect(ask('', 'shop.example', true, true)).toBe(false);
});

test('[WR17] refuses a foreign Origin with a bearer ticket as well', () => {
  expect(ask('https://evil.example', 'shop.example', true, false)).toBe(false);
});

test('[WR17] writes the own origin as browsers do', () => {
  expect(ownOrigin('A.example:443', true)).toBe('https://a.example');
  expect(ownOrigin('a.example:443', false)).toBe('http://a.example:443');
  expect(ownOrigin('a.example:80', false)).toBe('http://a.example');
  expect(ownOrigin('[::1]:80', false)).toBe('http://[::1]');
});

test.each([
  '*',
  'null',
  'app.example',
  'https://app.example/',
  'https://app.example/x',
  'ftp://a',
  'https://u@a',
  'app:x',
  'https://*.example',
])('[WR17] refuses the allowed origin %j in a configuration', origin => {
  expect(() => buildAllowedOrigins([origin])).toThrow(JSON.stringify(origin));
});
