// One path, one reading: the room that a path belongs to and the path that the shop is asked for are the same path.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestText, sendRaw } from '../../support/raw-http.ts';
import { cookiePairs, openStand, type Stand } from './stand.ts';

let stand: Stand;
const passes = { sale: '', admin: '' };

beforeAll(async () => {
  stand = await openStand(shop => [
    {
      id: 'sale',
      shop: shop.origin,
      activeCap: 1,
      pacePerMinute: 6_000,
      match: { paths: ['/sale'], bypass: ['/sale/assets/', '/sale/public'] },
    },
    { id: 'admin', shop: shop.origin, activeCap: 1, pacePerMinute: 6_000, match: { paths: ['/admin', '/sale/vip'] } },
  ]);
  for (const room of ['sale', 'admin'] as const) {
    const lines = ['Host: shop.test', 'Accept: text/html'];
    const answer = await sendRaw(stand.gateway.port, requestText(`GET /${room} HTTP/1.1`, lines));
    passes[room] = cookiePairs(answer.headers.get('set-cookie') ?? '');
  }
});

afterAll(() => stand.stop());

async function ask(target: string, cookie: string) {
  stand.shop.forget();
  const lines = ['Host: shop.test', ...(cookie === '' ? [] : [`Cookie: ${cookie}`])];
  const { status } = await sendRaw(stand.gateway.port, requestText(`GET ${target} HTTP/1.1`, lines));
  const [request] = stand.shop.requests;
  const room =
    request?.lines
      .find(line => /^junban-room:/i.test(line))
      ?.slice(12)
      .trim() ?? null;
  return { status, target: request?.target ?? null, room };
}

describe('[WR67] rule and shop see the same path', () => {
  test.each([
    ['/sale/a/../b', '/sale/b'],
    ['/sale/./b', '/sale/b'],
    ['/sale//b', '/sale/b'],
    ['//sale/b', '/sale/b'],
    ['/sale/%2e%2e/sale/b', '/sale/b'],
    ['/sale/%2E/b', '/sale/b'],
    ['/sale/.%2e/sale/b', '/sale/b'],
    ['/x/../sale', '/sale'],
    ['/../../sale', '/sale'],
    ['/%73ale/b', '/sale/b'],
    ['/sale/caf%c3%a9', '/sale/caf%C3%A9'],
    ['/sale/b?x=/../admin', '/sale/b?x=/../admin'],
    ['/sale/b?x=%2e%2e%2fadmin', '/sale/b?x=%2e%2e%2fadmin'],
    ['/SALE/b', '/SALE/b'],
    ['/sale;v=1/b', '/sale;v=1/b'],
    ['/admin/../sale/b', '/sale/b'],
  ])('%s goes to the sale as %s', async (asked, target) => {
    expect(await ask(asked, passes.sale)).toEqual({ status: 200, target, room: 'sale' });
    expect((await ask(asked, passes.admin)).target).toBeNull();
    expect((await ask(asked, '')).status).toBe(429);
  });

  test.each([
    ['/sale/../admin', '/admin'],
    ['/sale/%2e%2e/admin', '/admin'],
    ['/sale/assets/../../admin', '/admin'],
    ['/sale/assets/%2e%2e/%2e%2e/admin/x', '/admin/x'],
    ['/sale/assets/../vip', '/sale/vip'],
    ['/sale/vip/x', '/sale/vip/x'],
    ['/Sale/VIP/x', '/Sale/VIP/x'],
    ['/%61dmin', '/admin'],
    ['/ADMIN', '/ADMIN'],
    ['/admin;a=b', '/admin;a=b'],
  ])('%s belongs to the other room, whose pass it needs', async (asked, target) => {
    expect((await ask(asked, passes.sale)).target).toBeNull();
    expect(await ask(asked, passes.admin)).toEqual({ status: 200, target, room: 'admin' });
  });

  test.each([
    ['/sale/assets/a.js', '/sale/assets/a.js'],
    ['/sale/x/../assets/a.js', '/sale/assets/a.js'],
    ['/sale/assets//a.js', '/sale/assets/a.js'],
    ['/sale/public', '/sale/public'],
    ['/sale/public/a', '/sale/public/a'],
  ])('%s needs no pass', async (asked, target) => {
    expect(await ask(asked, '')).toMatchObject({ status: 200, target });
  });

  test.each([
    '/sale/assets',
    '/sale/assets/..',
    '/sale/assets/../b',
    '/sale/assets/%2e%2e/b',
    '/sale/assets/.%2E/b',
    '/sale/assets/x/../../b',
    '/sale/publicity',
    '/sale/public/../b',
    '/sale/Assets/a.js',
    '/sale/assets;x/a.js',
  ])('%s needs one', async asked => {
    expect(await ask(asked, '')).toMatchObject({ status: 429, target: null });
  });

  test.each([
    '/sale/assets/..%2fb',
    '/sale/assets/..%2Fb',
    '/sale/assets/%2e%2e%2fb',
    '/sale/assets/..%5cb',
    '/sale/assets/..\\b',
    '/sale/assets\\..\\b',
    '/sale/assets/%252e%252e/b',
    '/sale/assets/..%252fb',
    '/sale/assets/..;/b',
    '/sale/assets/..;x=y/b',
    '/sale/assets/.../b',
    '/sale/assets/..%20/b',
    '/sale/assets/.%00./b',
    '/sale/assets/%00',
    '/sale/assets/%0a',
    '/sale/assets/%c0%ae%c0%ae/b',
    '/sale/assets/%e0%80%ae/b',
    '/sale/assets/%ff',
    '/sale/assets/%',
    '/sale/assets/%2',
    '/sale/assets/%zz',
    '/sale/assets/%u002e%u002e/b',
    '/sale%2f..%2fadmin',
    '/sale/#/../admin',
  ])('%s has two readings and is refused, with any pass', async asked => {
    for (const cookie of ['', passes.sale, passes.admin]) {
      expect(await ask(asked, cookie)).toEqual({ status: 400, target: null, room: null });
    }
  });
});
