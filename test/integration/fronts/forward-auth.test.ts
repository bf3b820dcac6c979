// The check that proxies in front ask for, as each of them asks and understands, at a real gateway process.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RawAnswer, requestText, sendRaw } from '../../support/raw-http.ts';
import { cookiePairs, openStand, type Stand } from '../bad-input/stand.ts';

const browser = ['Accept: text/html,*/*;q=0.8'];

let stand: Stand;
let cookies: string;

beforeAll(async () => {
  stand = await openStand(
    shop => [
      {
        id: 'sale',
        shop: shop.origin,
        activeCap: 1,
        pacePerMinute: 6_000,
        match: { hosts: ['shop.test'], paths: ['/sale'], bypass: ['/sale/assets/'] },
      },
      { id: 'admin', shop: shop.origin, activeCap: 1, match: { hosts: ['shop.test'], paths: ['/admin'] } },
    ],
    { trustedProxies: ['127.0.0.1/32'] },
  );
  const answer = await sendRaw(stand.gateway.port, requestText('GET /sale HTTP/1.1', ['Host: shop.test', ...browser]));
  cookies = cookiePairs(answer.headers.get('set-cookie') ?? '');
  expect(cookies).toContain('junban-pass-sale=');
});

afterAll(() => stand.stop());

function ask(query: string, headers: readonly string[], method = 'GET', body = ''): Promise<RawAnswer> {
  const lines = ['Host: shop.test', ...headers];
  return sendRaw(stand.gateway.port, requestText(`${method} /_junban/v1/auth${query} HTTP/1.1`, lines, body));
}

const withPass = () => `Cookie: ${cookies}`;

describe('[WR80] nginx learns of a refusal by 401 and the address of the page', () => {
  test.each([
    ['with its mode', '?mode=nginx'],
    ['without a mode', ''],
    ['with a mode nobody knows', '?mode=apache'],
  ])('%s', async (_, query) => {
    const answer = await ask(query, ['X-Original-URI: /sale/cart?a=1&b=%2F', 'X-Original-Method: POST', ...browser]);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('junban-location')).toBe(
      '/_junban/?room=sale&returnTo=%2Fsale%2Fcart%3Fa%3D1%26b%3D%252F',
    );
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'pass-missing', room: 'sale' });
  });

  test('an address too long for the buffers of nginx loses its query, then its path', async () => {
    const long = await ask('', [`X-Original-URI: /sale?${'a'.repeat(3_000)}`]);
    expect(long.headers.get('junban-location')).toBe('/_junban/?room=sale&returnTo=%2Fsale');
    const longer = await ask('', [`X-Original-URI: /sale/${'a'.repeat(3_000)}`]);
    expect(longer.headers.get('junban-location')).toBe('/_junban/?room=sale&returnTo=%2F');
  });

  test.each([
    ['a malformed path', ['X-Original-URI: /sale/%2e%2e%2fadmin']],
    ['a path of no room', ['X-Original-URI: /nowhere']],
    ['the path of the fan and that of nginx', ['X-Original-URI: /sale', 'X-Forwarded-Uri: /sale/assets/']],
  ])('%s is 403, never what becomes a 500', async (_, headers) => {
    expect((await ask('', [withPass(), ...headers])).status).toBe(403);
  });
});

describe('[WR81] a pass that is alive opens, and only its own room to its own device', () => {
  test.each(['nginx', 'traefik', 'caddy', 'haproxy', 'envoy'])('%s', async mode => {
    const uri = mode === 'nginx' ? 'X-Original-URI' : 'X-Forwarded-Uri';
    const answer =
      mode === 'envoy'
        ? await ask('/sale/cart', [withPass()])
        : await ask(`?mode=${mode}`, [withPass(), `${uri}: /sale/cart`]);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('junban-room')).toBe('sale');
    expect(cookies).toContain(`junban-pass-sale=${answer.headers.get('junban-pass')}`);
    expect(answer.body).toBe('');
  });

  test('a pass of another room, a forged one and another device are refused', async () => {
    expect((await ask('', [withPass(), 'X-Original-URI: /admin'])).status).toBe(401);
    const forged = cookies.replace(/(junban-pass-sale=[^;]{20})./, '$1_');
    expect((await ask('', [`Cookie: ${forged}`, 'X-Original-URI: /sale'])).status).toBe(401);
    const joined = await sendRaw(
      stand.gateway.port,
      requestText('POST /_junban/v1/tickets?room=sale HTTP/1.1', ['Host: shop.test', 'Content-Length: 0']),
    );
    const [pass = ''] = /junban-pass-sale=[^;]+/.exec(cookies) ?? [];
    const stolen = `${cookiePairs(joined.headers.get('set-cookie') ?? '')}; ${pass}`;
    expect((await ask('', [`Cookie: ${stolen}`, 'X-Original-URI: /sale'])).status).toBe(401);
    expect((await ask('', [`Cookie: ${pass}`, 'X-Original-URI: /sale'])).status).toBe(200);
  });

  test('the room can be named where the path cannot tell', async () => {
    expect((await ask('?room=sale', [withPass(), 'X-Original-URI: /nowhere'])).status).toBe(200);
    expect((await ask('?room=none', [withPass(), 'X-Original-URI: /sale'])).status).toBe(403);
  });

  test('a hundred checks on one connection, HEAD among them, are a hundred answers', async () => {
    const one = (method: string) =>
      requestText(`${method} /_junban/v1/auth?mode=haproxy HTTP/1.1`, [
        'Host: shop.test',
        withPass(),
        'X-Forwarded-Uri: /sale',
      ]);
    for (const method of ['GET', 'HEAD']) {
      const answers = await sendOneByOne(
        stand.gateway.port,
        Array.from({ length: 100 }, () => one(method)),
      );
      expect(answers).toEqual(Array.from({ length: 100 }, () => 200));
    }
  });
});

describe('[WR82] the other fronts hand the answer to the fan: the page to a navigation, a problem to the rest', () => {
  test.each(['traefik', 'caddy', 'haproxy'])('%s', async mode => {
    const headers = ['X-Forwarded-Uri: /sale?x=1', 'X-Forwarded-Method: GET', 'X-Forwarded-Host: shop.test'];
    const method = mode === 'haproxy' ? 'HEAD' : 'GET';
    const page = await ask(`?mode=${mode}`, [...headers, ...browser], 'GET');
    expect(page.status).toBe(302);
    expect(page.headers.get('location')).toBe('/_junban/?room=sale&returnTo=%2Fsale%3Fx%3D1');
    const call = await ask(`?mode=${mode}`, [...headers, 'Accept: application/json'], 'GET');
    expect(call.status).toBe(429);
    expect(call.headers.get('retry-after')).toBe('5');
    expect(call.headers.get('content-type')).toBe('application/problem+json');
    const post = await ask(`?mode=${mode}`, ['X-Forwarded-Uri: /sale', 'X-Forwarded-Method: POST', ...browser]);
    expect(post.status).toBe(429);
    expect((await ask(`?mode=${mode}`, ['X-Forwarded-Uri: /nowhere', ...browser])).status).toBe(404);
    expect((await ask(`?mode=${mode}`, ['X-Forwarded-Uri: /a%00b', ...browser])).status).toBe(400);
    expect((await askHead(mode, method)).status).toBe(302);
  });

  test('the host of the fan is the forwarded one', async () => {
    const lines = ['Host: junban.internal:8080', 'X-Forwarded-Uri: /sale', 'X-Forwarded-Host: shop.test', withPass()];
    const answer = await sendRaw(stand.gateway.port, requestText('GET /_junban/v1/auth?mode=traefik HTTP/1.1', lines));
    expect(answer.status).toBe(200);
    const odd = await ask('?mode=traefik', ['X-Forwarded-Uri: /sale', 'X-Forwarded-Host: a, b', withPass()]);
    expect(odd.status).toBe(400);
  });
});

describe('[WR83] Envoy asks with the method and the path of the request itself', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])('%s', async method => {
    const read = method === 'HEAD' ? askHeadAt : ask;
    const length = method === 'GET' || method === 'HEAD' ? [] : ['Content-Length: 0'];
    expect((await read('/sale/a/b?c=d', [withPass(), ...length], method)).status).toBe(200);
    expect((await read('/sale/a/b?c=d', [...length], method)).status).toBe(429);
    if (method === 'GET') expect((await ask('/sale', browser)).status).toBe(302);
  });

  test.each([
    '/../../../sale',
    '/../../../../sale/assets/a.js',
    '/%2e%2e/%2e%2e/%2e%2e/sale',
    '/sale/assets/../../sale',
    '/sale/assets/%2e%2e/cart',
    '//sale',
    '/sale/assets/..%2fcart',
    '/sale/assets/..;/cart',
    '/../tickets/current',
    '/../jwks.json',
    '/sale?mode=nginx&room=admin',
    '/',
    '/nowhere',
  ])('no pass, no 200: %s', async suffix => {
    const answer = await ask(suffix, browser);
    expect([302, 400, 404]).toContain(answer.status);
    expect(stand.shop.requests.filter(({ target }) => target.includes('assets'))).toEqual([]);
  });

  test('the query belongs to the fan: it chooses neither mode nor room', async () => {
    expect((await ask('/admin?room=sale', [withPass()])).status).toBe(429);
    expect((await ask('/sale?mode=nginx', browser)).status).toBe(302);
  });
});

describe('[WR84] a path opens a bypass only when somebody trusted names it, once, in the words of the front', () => {
  test('a trusted front', async () => {
    expect((await ask('?mode=nginx', ['X-Original-URI: /sale/assets/a.js'])).status).toBe(200);
    expect((await ask('?mode=caddy', ['X-Forwarded-Uri: /sale/assets/a.js'])).status).toBe(200);
    expect((await ask('/sale/assets/a.js', [])).status).toBe(200);
  });

  test.each([
    ['the words of another front', '?mode=traefik', ['X-Original-URI: /sale/assets/a.js', 'X-Forwarded-Uri: /sale']],
    [
      'the words of another front, the other way round',
      '?mode=nginx',
      ['X-Forwarded-Uri: /sale/assets/', 'X-Original-URI: /sale'],
    ],
    ['a second line behind the first', '?mode=nginx', ['X-Original-URI: /sale/assets/a.js', 'X-Original-URI: /sale']],
    ['dot segments', '?mode=nginx', ['X-Original-URI: /sale/assets/../cart']],
    ['dot segments that end in a bypass', '?mode=nginx', ['X-Original-URI: /sale/cart/../assets/a.js']],
    ['no line at all', '?mode=nginx&room=sale', []],
  ])('%s', async (_, query, headers) => {
    expect((await ask(query, headers)).status).toBeGreaterThanOrEqual(400);
  });

  test('a stranger chooses room and return address, and opens nothing', async () => {
    const lone = await openStand(shop => [
      { id: 'sale', shop: shop.origin, activeCap: 1, match: { bypass: ['/assets/'] } },
    ]);
    try {
      const at = (uri: string) =>
        sendRaw(
          lone.gateway.port,
          requestText('GET /_junban/v1/auth HTTP/1.1', ['Host: a.test', `X-Original-URI: ${uri}`]),
        );
      expect((await at('/assets/a.js')).status).toBe(401);
      expect((await at('/cart')).headers.get('junban-location')).toBe('/_junban/?room=sale&returnTo=%2Fcart');
      expect((await at('/_junban/')).status).toBe(401);
    } finally {
      await lone.stop();
    }
  });
});

function askHead(mode: string, method: string): Promise<RawAnswer> {
  return askHeadAt(`?mode=${mode}`, ['X-Forwarded-Uri: /sale', ...browser], method);
}

/** An answer to HEAD has a length and no body, so its end is the end of the connection. */
function askHeadAt(query: string, headers: readonly string[], method: string): Promise<RawAnswer> {
  return ask(query, [...headers, 'Connection: close'], method);
}

/** Each on the same connection, after the answer to the one before. */
async function sendOneByOne(port: number, texts: readonly string[]): Promise<number[]> {
  const { connect } = await import('node:net');
  const socket = connect(port, '127.0.0.1');
  const statuses: number[] = [];
  const done = new Promise<void>(resolve => {
    socket.on('close', () => resolve());
    socket.on('error', () => undefined); // The missing answers tell.
    socket.on('data', data => {
      for (const found of data.toString('latin1').matchAll(/^HTTP\/1\.1 (\d{3})/gm)) statuses.push(Number(found[1]));
      const next = texts[statuses.length];
      if (next === undefined) socket.destroy();
      else socket.write(next);
    });
  });
  socket.write(texts[0] ?? '');
  await done;
  return statuses;
}
