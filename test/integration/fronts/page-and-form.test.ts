// The waiting page at its own address, the turn by a plain form, and a pass that lives by the checks of a front.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RawAnswer, requestText, sendRaw } from '../../support/raw-http.ts';
import { cookiePairs, openStand, type Stand } from '../bad-input/stand.ts';

const browser = ['Host: shop.test', 'Accept: text/html'];

let stand: Stand;
let inside: string;

beforeAll(async () => {
  stand = await openStand(shop => [
    { id: 'sale', shop: shop.origin, activeCap: 2, pacePerMinute: 60_000, pass: { idle: '2s', max: '45m' } },
  ]);
  inside = await stand.enter();
});

afterAll(() => stand.stop());

const send = (line: string, headers: readonly string[], body = ''): Promise<RawAnswer> =>
  sendRaw(stand.gateway.port, requestText(line, [...browser, ...headers], body));

const page = (query: string, headers: readonly string[] = []) => send(`GET /_junban/${query} HTTP/1.1`, headers);

describe('[WR86] a pass is used and renewed by the checks of a front', () => {
  test('it outlives its idle time while it is checked, and the newer token is handed out', async () => {
    let cookies = inside;
    let renewals = 0;
    const untilMs = performance.now() + 4_000;
    while (performance.now() < untilMs) {
      const answer = await send('GET /_junban/v1/auth HTTP/1.1', ['X-Original-URI: /', `Cookie: ${cookies}`]);
      expect(answer.status).toBe(200);
      const renewed = answer.headers.get('set-cookie');
      if (renewed !== undefined) {
        renewals += 1;
        cookies = `${cookies.split('; ').find(pair => pair.startsWith('junban-ticket-'))}; ${cookiePairs(renewed)}`;
        expect(cookies).toContain(answer.headers.get('junban-pass'));
      }
    }
    expect(renewals).toBeGreaterThanOrEqual(1);
    inside = cookies;
  });
});

describe('[WR85] the page stands at /_junban/ for fronts that go to the shop by themselves', () => {
  test('whoever has a pass is sent on, and the shop is not asked by us', async () => {
    const before = stand.shop.requests.length;
    const cookies = await enterAnew();
    const answer = await page('?room=sale&returnTo=%2Fcart%3Fa%3D1', [`Cookie: ${cookies}`]);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/cart?a=1');
    expect(stand.shop.requests.length - before).toBeLessThanOrEqual(1);
  });

  test.each([
    '//evil.test',
    '/\\evil.test',
    '\\\\evil.test',
    'https://evil.test/',
    'https:evil.test',
    '///evil.test',
    '/%09/evil.test',
    '%2F%2Fevil.test',
    '%252F%252Fevil.test',
    '/%0d%0aSet-Cookie:a=b',
    '/a%0d%0aLocation:%20http://evil.test',
    'javascript:alert(1)',
    'http://shop.test@evil.test/',
    'http://shop.test.evil.test/',
    '/_junban/?returnTo=/',
    '/..//evil.test',
    '/.%09/evil.test',
    '%EF%BC%8F%EF%BC%8Fevil.test',
    '/%E2%80%AE//evil.test',
    '',
  ])('[WR13] returnTo=%s leads nowhere else', async returnTo => {
    const cookies = await enterAnew();
    const answer = await page(`?room=sale&returnTo=${returnTo}`, [`Cookie: ${cookies}`]);
    if (answer.status === 400) return;
    expect(answer.status).toBe(303);
    const location = answer.headers.get('location') ?? '';
    expect(location).toMatch(/^\/(?![/\\])[!-~]*$/);
    expect(new URL(location, 'http://shop.test').origin).toBe('http://shop.test');
    expect(answer.headers.get('set-cookie') ?? '').not.toContain('a=b');
    expect(location.startsWith('/_junban')).toBe(false);
  });

  test('a navigation joins and gets the page; nothing else does', async () => {
    const full = await openStand(shop => [{ id: 'sale', shop: shop.origin, activeCap: 1 }]);
    try {
      await full.enter();
      const at = (line: string, accept: string) =>
        sendRaw(full.gateway.port, requestText(line, ['Host: shop.test', `Accept: ${accept}`]));
      const shown = await at('GET /_junban/?room=sale&returnTo=%2Fcart HTTP/1.1', 'text/html');
      expect(shown.status).toBe(200);
      expect(shown.headers.get('set-cookie')).toContain('junban-ticket-sale=');
      expect(shown.body).toContain('"returnTo":"/cart"');
      const evil = await at('GET /_junban/?room=sale&returnTo=//evil.test HTTP/1.1', 'text/html');
      expect(evil.body).not.toContain('evil.test');
      expect((await at('GET /_junban/?room=sale HTTP/1.1', 'application/json')).status).toBe(429);
      expect((await at('GET /_junban/?room=nowhere HTTP/1.1', 'text/html')).status).toBe(404);
      const put = await at('PUT /_junban/ HTTP/1.1', 'text/html');
      expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
      expect(full.shop.requests).toHaveLength(1);
    } finally {
      await full.stop();
    }
  });
});

describe('[WR87] the turn can be taken by a plain form', () => {
  const claim = (cookie: string, body: string, headers: readonly string[] = []) =>
    send(
      'POST /_junban/v1/passes?room=sale HTTP/1.1',
      [
        `Cookie: ${cookie}`,
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
        ...headers,
      ],
      body,
    );

  test('before the call it leads back to the page, at the call to the shop with the pass', async () => {
    const lone = await openStand(shop => [
      { id: 'sale', shop: shop.origin, activeCap: 1, pacePerMinute: 60_000, pass: { idle: '1s', max: '45m' } },
    ]);
    try {
      await lone.enter();
      const joined = await sendRaw(
        lone.gateway.port,
        requestText('POST /_junban/v1/tickets HTTP/1.1', ['Host: shop.test', 'Content-Length: 0']),
      );
      const ticket = cookiePairs(joined.headers.get('set-cookie') ?? '');
      const body = 'returnTo=%2Fcart%3Fa%3D1';
      const form = (path = 'passes', origin = 'http://shop.test'): Promise<RawAnswer> =>
        sendRaw(
          lone.gateway.port,
          requestText(
            `POST /_junban/v1/${path}?room=sale HTTP/1.1`,
            [
              'Host: shop.test',
              `Origin: ${origin}`,
              `Cookie: ${ticket}`,
              'Content-Type: application/x-www-form-urlencoded; charset=UTF-8',
              `Content-Length: ${body.length}`,
            ],
            body,
          ),
        );
      const early = await form();
      expect(early.status).toBe(303);
      expect(early.headers.get('location')).toBe('/_junban/?room=sale&returnTo=%2Fcart%3Fa%3D1');
      // PG122: asking for more time leads to the page too, which says how much there is.
      const extended = await form('tickets/current/extension');
      expect([extended.status, extended.headers.get('location')]).toEqual([303, early.headers.get('location')]);
      expect((await form('tickets/current/extension', 'http://evil.test')).status).toBe(403);
      let last = early;
      while (last.headers.get('location')?.startsWith('/_junban/')) last = await form();
      expect([last.status, last.headers.get('location')]).toEqual([200, undefined]);
      expect(last.body).toContain('<meta http-equiv="refresh" content="0;url=/cart?a=1">');
      expect(last.headers.get('set-cookie')).toContain('junban-pass-sale=');
    } finally {
      await lone.stop();
    }
  });

  test.each([
    ['another origin', ['Origin: http://evil.test']],
    ['no origin a page can have', ['Origin: null']],
    ['another site', ['Sec-Fetch-Site: cross-site', 'Origin: http://shop.test']],
    ['a sibling site', ['Sec-Fetch-Site: same-site']],
  ])('%s is refused', async (_, headers) => {
    expect((await claim(await enterAnew(), 'returnTo=%2F', headers)).status).toBe(403);
  });

  test('without a ticket it leads to the page', async () => {
    const answer = await claim('a=b', 'returnTo=%2Fcart');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/_junban/?room=sale&returnTo=%2Fcart']);
  });

  test.each([
    ['text that is no UTF-8', 'returnTo=\xff', 400],
    ['encoded text that is no UTF-8', 'returnTo=%ff', 400],
    ['more than a form of ours', `returnTo=${'a'.repeat(20_000)}`, 413],
    ['nothing', '', 303],
    ['no form at all', '&&&==&%', 303],
  ])('%s', async (_, body, status) => {
    expect((await claim('a=b', body)).status).toBe(status);
  });
});

/** The cookies of the device inside if it is still there, or of a new one. */
async function enterAnew(): Promise<string> {
  const answer = await send('GET /_junban/v1/auth HTTP/1.1', ['X-Original-URI: /', `Cookie: ${inside}`]);
  if (answer.status === 200) {
    const renewed = answer.headers.get('set-cookie');
    const ticket = inside.split('; ').find(pair => pair.startsWith('junban-ticket-'));
    if (renewed !== undefined) inside = `${ticket}; ${cookiePairs(renewed)}`;
    return inside;
  }
  inside = await stand.enter();
  return inside;
}
