// Tickets and passes that are none, in every place where one can stand, at a real gateway.

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyRing } from '../../../src/tokens/key-ring.ts';
import { openKeyRing } from '../../../src/tokens/key-set.ts';
import { signPass } from '../../../src/tokens/pass.ts';
import { signTicket } from '../../../src/tokens/ticket.ts';
import { bytesOf, type RawAnswer, requestText, sendRaw } from '../../support/raw-http.ts';
import { cookiePairs, openStand, percentile99, type Stand } from './stand.ts';

type Kind = 'ticket' | 'pass';
type Sample = { readonly good: string; readonly otherRoom: string; readonly foreign: string };

let stand: Stand;
const samples: Record<Kind, Sample> = {
  ticket: { good: '', otherRoom: '', foreign: '' },
  pass: { good: '', otherRoom: '', foreign: '' },
};

beforeAll(async () => {
  stand = await openStand(shop => [
    { id: 'sale', shop: shop.origin, activeCap: 1, pacePerMinute: 6_000, match: { paths: ['/'] } },
    { id: 'other', shop: shop.origin, activeCap: 1, pacePerMinute: 6_000, match: { paths: ['/other'] } },
  ]);
  const cookies = await Promise.all(
    ['/', '/other'].map(async path => {
      const answer = await send(`GET ${path}`, ['Accept: text/html']);
      return cookiePairs(answer.headers.get('set-cookie') ?? '');
    }),
  );
  const keys = await openKeyRing(await createKeyRing(Date.now()));
  const about = { room: 'sale', number: 0, nowMs: Date.now() };
  const valueIn = (text: string | undefined, name: string) => new RegExp(`${name}=([^;]+)`).exec(text ?? '')?.[1] ?? '';
  samples.ticket = {
    good: valueIn(cookies[0], 'junban-ticket-sale'),
    otherRoom: valueIn(cookies[1], 'junban-ticket-other'),
    foreign: signTicket(keys, { ...about, lifetimeMs: 60_000 }),
  };
  samples.pass = {
    good: valueIn(cookies[0], 'junban-pass-sale'),
    otherRoom: valueIn(cookies[1], 'junban-pass-other'),
    foreign: signPass(keys, { ...about, passId: 'AAAAAAAAAAAAAAAA', expiresAtMs: Date.now() + 60_000 }),
  };
  stand.shop.forget();
});

afterAll(() => stand.stop());

const send = (line: string, headers: readonly string[]): Promise<RawAnswer> =>
  sendRaw(stand.gateway.port, requestText(`${line} HTTP/1.1`, ['Host: shop.test', ...headers]));

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const partsOf = (token: string) => {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return { header, payload, signature, claims: JSON.parse(Buffer.from(payload, 'base64url').toString()) };
};

/** Each makes a token that nobody may accept out of good ones. */
const malformed: readonly (readonly [name: string, make: (sample: Sample, kind: Kind) => string])[] = [
  ['nothing', () => ''],
  ['a word', () => 'hello'],
  ['two dots', () => '..'],
  ['a hundred dots', () => '.'.repeat(100)],
  ['alg none', ({ good }) => `${encode({ alg: 'none' })}.${partsOf(good).payload}.`],
  [
    'alg none under our own typ',
    ({ good }, kind) => `${encode({ alg: 'none', typ: `junban-${kind}+jwt` })}.${partsOf(good).payload}.`,
  ],
  [
    'alg none with a signature',
    ({ good }) => `${encode({ alg: 'NONE' })}.${partsOf(good).payload}.${partsOf(good).signature}`,
  ],
  [
    'another algorithm',
    ({ good }) => `${encode({ alg: 'RS256' })}.${partsOf(good).payload}.${partsOf(good).signature}`,
  ],
  [
    'a key of its own',
    ({ good }) =>
      `${encode({ alg: 'ES256', jwk: { kty: 'EC' }, jku: 'http://evil.test/' })}.${partsOf(good).payload}.${partsOf(good).signature}`,
  ],
  [
    'a kid that is a path',
    ({ good }) =>
      `${encode({ alg: 'HS256', kid: '../../../dev/null' })}.${partsOf(good).payload}.${partsOf(good).signature}`,
  ],
  ['a foreign key', ({ foreign }) => foreign],
  ['another room', ({ otherRoom }) => otherRoom],
  ['an altered header', ({ good }) => `f${good.slice(1)}`],
  [
    'an altered payload',
    ({ good }) => `${partsOf(good).header}.${encode({ ...partsOf(good).claims, n: 5 })}.${partsOf(good).signature}`,
  ],
  ['an altered signature', ({ good }) => `${good.slice(0, -10)}AAAAAAAAAA`],
  ['no signature', ({ good }) => good.slice(0, good.lastIndexOf('.') + 1)],
  ['a truncated one', ({ good }) => good.slice(0, -1)],
  ['a letter too many', ({ good }) => `${good}A`],
  ['padding', ({ good }) => `${good}==`],
  ['a doubled one', ({ good }) => `${good}.${good}`],
  ['bytes that are not ASCII', ({ good }) => `${good.slice(0, -4)}\xe9\xc3\xa9`],
  ['percent-encodings', ({ good }) => good.replace('.', '%2E')],
  ['quotes', ({ good }) => `"${good}"`],
  ['16 KB', () => 'a'.repeat(16_384)],
  [
    '16 KB behind a good head',
    ({ good }) => `${partsOf(good).header}.${'a'.repeat(16_384)}.${partsOf(good).signature}`,
  ],
  [
    'deep JSON',
    ({ good }) =>
      `${Buffer.from('{"a":'.repeat(2_000)).toString('base64url')}.${partsOf(good).payload}.${partsOf(good).signature}`,
  ],
];

/** The other kind of token is none either. */
const swapped = (kind: Kind) => samples[kind === 'ticket' ? 'pass' : 'ticket'].good;

const upgradeHeaders = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

describe('[WR68] a malformed ticket is 401 or 403 in every place, and no work is done for it', () => {
  const refuses = (answer: RawAnswer, token: string) => {
    const statuses = token === '' ? [401] : token === samples.ticket.otherRoom ? [403] : [401];
    expect(statuses, answer.text.slice(0, 300)).toContain(answer.status);
    expect(JSON.parse(answer.body).code).toMatch(/^ticket-(invalid|missing|other-room)$/);
  };

  test.each([...malformed, ['a pass', () => swapped('ticket')] as const])('%s', async (_, make) => {
    const token = make(samples.ticket, 'ticket');
    const cookie = `Cookie: junban-ticket-sale=${token}`;
    const bearer = `Authorization: Bearer ${token}`;
    for (const place of [cookie, bearer]) {
      const length = 'Content-Length: 0';
      refuses(await send('GET /_junban/v1/tickets/current?room=sale', [place]), token);
      refuses(await send('GET /_junban/v1/tickets/current/events?room=sale', [place]), token);
      refuses(await send('DELETE /_junban/v1/tickets/current?room=sale', [place]), token);
      refuses(await send('POST /_junban/v1/passes?room=sale', [place, length]), token);
      refuses(
        await send('GET /_junban/v1/socket?room=sale', [place, ...upgradeHeaders, 'Origin: http://shop.test']),
        token,
      );
    }
    refuses(await send('POST /_junban/v1/tickets?room=sale', [bearer, 'Content-Length: 0']), token);
    // A browser cannot mend its cookie, so it joins anew and gets another.
    const joined = await send('POST /_junban/v1/tickets?room=sale', [cookie, 'Content-Length: 0']);
    expect(joined.status).toBe(201);
    expect((await send('GET /', [cookie, 'Accept: text/html'])).status).toBe(200);
    expect(stand.shop.requests).toEqual([]);
  });

  test('a ticket in the address or in a subprotocol counts for nothing', async () => {
    const { good } = samples.ticket;
    const asked = await send(`GET /_junban/v1/tickets/current?room=sale&ticket=${good}&access_token=${good}`, []);
    expect(asked.status).toBe(401);
    for (const protocols of [`junban.v1, ${good}`, good, `junban.v1, ${'a'.repeat(16_384)}`, '\xe9, junban.v1']) {
      const headers = [...upgradeHeaders, 'Origin: http://shop.test', `Sec-WebSocket-Protocol: ${protocols}`];
      expect((await send('GET /_junban/v1/socket?room=sale', headers)).status).toBe(401);
    }
  });

  test('of two cookies the first counts, good or not', async () => {
    const good = `junban-ticket-sale=${samples.ticket.good}`;
    const bad = 'junban-ticket-sale=hello';
    const ask = (...headers: string[]) => send('GET /_junban/v1/tickets/current?room=sale', headers);
    expect((await ask(`Cookie: ${good}; ${bad}`)).status).toBe(200);
    expect((await ask(`Cookie: ${bad}; ${good}`)).status).toBe(401);
    expect((await ask(`Cookie: ${good}`, `Cookie: ${bad}`)).status).toBe(200);
    expect((await ask(`Cookie: x=${good}`)).status).toBe(401);
    expect((await ask(`Cookie: ${good}`, 'Authorization: Basic YTpi')).status).toBe(401);
  });
});

describe('[WR69] a malformed pass opens nothing', () => {
  const door = (cookie: string) => send('GET /door', [`Cookie: ${cookie}`]);
  const check = (cookie: string) => send('GET /_junban/v1/auth', ['X-Original-URI: /door', `Cookie: ${cookie}`]);

  test.each([...malformed, ['a ticket', () => swapped('pass')] as const])('%s', async (_, make) => {
    stand.shop.forget();
    const token = make(samples.pass, 'pass');
    const cookie = `junban-pass-sale=${token}`;
    expect((await door(cookie)).status).toBe(429);
    expect((await check(cookie)).status).toBe(401);
    expect((await door(`${cookie}; junban-pass-sale=${samples.pass.good}`)).status).toBe(429);
    expect((await send('GET /door', [`Authorization: Bearer ${token}`])).status).toBe(429);
    const upgrade = [...upgradeHeaders, 'Origin: http://shop.test', `Cookie: ${cookie}`];
    expect((await send('GET /door', upgrade)).status).toBe(429);
    expect(stand.shop.requests).toEqual([]);
  });

  test('the good one does, so the others were refused for what they are', async () => {
    const cookie = `junban-pass-sale=${samples.pass.good}`;
    expect((await door(cookie)).status).toBe(200);
    expect((await check(cookie)).status).toBe(200);
    expect((await send('GET /door', [`Authorization: Bearer ${samples.pass.good}`])).status).toBe(429);
    expect((await send(`GET /door?junban-pass-sale=${samples.pass.good}`, [])).status).toBe(429);
  });
});

describe('[WR61] floods of forged tokens leave no memory behind and slow nobody', () => {
  test('thousands of passes, each forged in another way', async () => {
    const socketOf = () =>
      new Promise<number>((resolve, reject) => {
        const socket = connect(stand.gateway.port, '127.0.0.1');
        let answers = 0;
        const next = () => {
          const forged = `${samples.pass.good.slice(0, -43)}${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`;
          socket.write(
            bytesOf(requestText('GET /door HTTP/1.1', ['Host: shop.test', `Cookie: junban-pass-sale=${forged}`])),
          );
        };
        socket.on('data', data => {
          answers += data.toString('latin1').split('HTTP/1.1 429').length - 1;
          if (answers < 1_000) return next();
          socket.destroy();
          resolve(answers);
        });
        socket.on('error', reject);
        next();
      });
    const flood = () => Promise.all([socketOf(), socketOf(), socketOf(), socketOf()]);
    await flood();
    const before = stand.memoryBytes();
    let isOver = false;
    const neighbours: number[] = [];
    const beside = (async () => {
      while (!isOver) neighbours.push(await stand.neighbourMs());
    })();
    await flood();
    isOver = true;
    await beside;
    expect(stand.memoryBytes() - before).toBeLessThan(32 * 1024 * 1024);
    expect(percentile99(neighbours)).toBeLessThan(250);
    expect(stand.gateway.said).not.toContain('"level":"error"');
  });
});
