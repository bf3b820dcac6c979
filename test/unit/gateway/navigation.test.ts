// Who gets the page: the headers real clients send, as the fetch specification and their vendors document them.
import { describe, expect, test } from 'vitest';
import { isNavigation } from '../../../src/gateway/navigation.ts';

type Headers = Readonly<Record<string, string>>;
const ask = (headers: Headers, method = 'GET') => isNavigation(method, name => headers[name] ?? '');

const chromeAccept =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7';
const firefoxAccept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const metadata = (mode: string, destination: string, site = 'none'): Headers => ({
  'sec-fetch-mode': mode,
  'sec-fetch-dest': destination,
  'sec-fetch-site': site,
});
const chrome: Headers = {
  ...metadata('navigate', 'document'),
  'sec-fetch-user': '?1',
  accept: chromeAccept,
  'upgrade-insecure-requests': '1',
};

describe('a page load', () => {
  const loads: readonly [string, Headers][] = [
    ['Chrome', chrome],
    ['Chrome from a link in a mail', { ...chrome, 'sec-fetch-site': 'cross-site' }],
    ['Chrome over plain HTTP', { accept: chromeAccept, 'upgrade-insecure-requests': '1' }],
    ['Firefox', { ...metadata('navigate', 'document'), 'sec-fetch-user': '?1', accept: firefoxAccept }],
    ['Safari 17', { ...metadata('navigate', 'document'), accept: firefoxAccept }],
    ['Safari 15, no metadata', { accept: firefoxAccept }],
    ['Android WebView', { accept: chromeAccept, 'x-requested-with': 'com.example.browser' }],
    ['a service worker passing a page load on', { ...metadata('navigate', 'empty'), accept: chromeAccept }],
    ['navigation preload', { ...chrome, 'service-worker-navigation-preload': 'true' }],
    ['Internet Explorer', { accept: 'text/html, application/xhtml+xml, image/jxr, */*' }],
    ['a text browser', { accept: 'text/html, text/plain, text/css, */*;q=0.01' }],
  ];
  test.each(loads)('[WR19] is %s', (_, headers) => {
    expect(ask(headers)).toBe(true);
  });
});

describe('no page load', () => {
  const others: readonly [string, Headers][] = [
    ['curl', { accept: '*/*' }],
    ['no headers at all', {}],
    ['fetch()', { ...metadata('cors', 'empty', 'same-origin'), accept: '*/*' }],
    ['fetch() for HTML', { ...metadata('cors', 'empty', 'same-origin'), accept: 'text/html, application/xhtml+xml' }],
    ['fetch() no-cors', { ...metadata('no-cors', 'empty', 'same-origin'), accept: '*/*' }],
    ['axios in old Safari', { accept: 'application/json, text/plain, */*' }],
    ['jQuery in old Safari', { accept: 'text/html, */*; q=0.01', 'x-requested-with': 'XMLHttpRequest' }],
    [
      'an image in Chrome',
      { ...metadata('no-cors', 'image', 'same-origin'), accept: 'image/avif,image/webp,*/*;q=0.8' },
    ],
    ['an image in old Safari', { accept: 'image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5' }],
    ['a style sheet in old Safari', { accept: 'text/css,*/*;q=0.1' }],
    ['a script', { ...metadata('no-cors', 'script', 'same-origin'), accept: '*/*' }],
    [
      'a service worker script',
      { ...metadata('same-origin', 'serviceworker', 'same-origin'), 'service-worker': 'script' },
    ],
    ['a WebSocket in Chrome', { ...metadata('websocket', 'empty', 'same-origin'), upgrade: 'websocket' }],
    ['a WebSocket that asks for HTML', { accept: 'text/html', upgrade: 'websocket' }],
    ['an event stream', { ...metadata('cors', 'empty', 'same-origin'), accept: 'text/event-stream' }],
    ['a frame', { ...metadata('navigate', 'iframe', 'cross-site'), accept: chromeAccept }],
    ['an object', { ...metadata('navigate', 'object', 'same-origin'), accept: chromeAccept }],
    ['Chrome prefetching', { ...chrome, 'sec-purpose': 'prefetch' }],
    ['Chrome prerendering', { ...chrome, 'sec-purpose': 'prefetch;prerender', purpose: 'prefetch' }],
    ['Chrome prefetching by proxy', { ...chrome, 'sec-purpose': 'prefetch;anonymous-client-ip' }],
    ['old Chrome prefetching', { accept: chromeAccept, purpose: 'prefetch' }],
    ['Firefox prefetching', { accept: firefoxAccept, 'x-moz': 'prefetch' }],
    ['Safari showing top sites', { accept: firefoxAccept, 'x-purpose': 'preview' }],
    ['metadata without a mode', { 'sec-fetch-dest': 'image', accept: 'text/html' }],
    ['who refuses HTML', { accept: 'application/json, text/html;q=0' }],
    ['who refuses HTML at length', { accept: 'text/html; charset=utf-8; q=0.000, */*' }],
  ];
  test.each(others)('[WR19] is %s', (_, headers) => {
    expect(ask(headers)).toBe(false);
  });

  test.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'get', ''])('[WR19] is a %s of a browser', method => {
    expect(ask(chrome, method)).toBe(false);
  });

  test('[WR19] takes a low wish for HTML for a wish', () => {
    expect(ask({ accept: 'text/html;q=0.1, */*;q=0.05' })).toBe(true);
  });
});
