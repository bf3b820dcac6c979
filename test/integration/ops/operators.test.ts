// Who may do what over real HTTP: tokens and roles, the console's login, what a page of somebody else can not do, guesses.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryOperators } from '../../support/memory-operators.ts';
import { adminToken, openStand, type Reply, type Stand } from './ops-stand.ts';

const viewer = { name: 'screen', role: 'viewer', token: 'a-viewer-token' } as const;
const steward = { name: 'steward', role: 'operator', token: 'an-operator-token' } as const;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

let stand: Stand;
let nowMs: number;
beforeEach(async () => {
  nowMs = Date.parse('2027-05-09T00:00:00Z');
  stand = await openStand({ tokens: [adminToken, viewer, steward], nowMs: () => nowMs });
});
afterEach(() => stand.close());

const room = '/api/v1/rooms/sale';
const set = (headers: Record<string, string>) => stand.call('PUT', `${room}/pace`, { perMinute: 60 }, headers);

describe('roles', () => {
  test.each([
    ['GET', room, viewer, 200],
    ['GET', '/api/v1/audit', viewer, 200],
    ['POST', `${room}/pause`, viewer, 403],
    ['POST', `${room}/pause`, steward, 200],
    ['GET', '/api/v1/tokens', steward, 403],
    ['PUT', '/api/v1/configuration/rooms/new', steward, 403],
    ['GET', '/api/v1/tokens', adminToken, 200],
  ])('[OP66] %s %s as %o is %i', async (method, path, { token }, status) => {
    const reply = await stand.call(method, path, undefined, bearer(token));
    expect(reply.status).toBe(status);
    if (status === 403) expect(reply.json().code).toBe('role-too-low');
  });
});

describe('tokens', () => {
  const make = (body: unknown, name = 'night-shift') => stand.call('PUT', `/api/v1/tokens/${name}`, body);

  test('[OP67] a token made by the API is told once, works, is listed without itself, and is revoked', async () => {
    const made = await make({ role: 'operator', reason: 'the night shift' });
    expect([made.status, made.json()]).toEqual([
      201,
      expect.objectContaining({ name: 'night-shift', role: 'operator' }),
    ]);
    const token = String(made.json()['token']);
    expect((await set(bearer(token))).status).toBe(200);
    const listed = await stand.call('GET', '/api/v1/tokens');
    expect(listed.json()).toMatchObject({
      tokens: [{}, {}, {}, { name: 'night-shift', source: 'api', createdBy: 'admin' }],
    });
    expect(listed.body).not.toContain(token);
    expect((await stand.call('DELETE', '/api/v1/tokens/night-shift')).status).toBe(204);
    const refused = await set(bearer(token));
    expect([refused.status, refused.json().code]).toEqual([401, 'credential-wrong']);
    expect((await stand.call('DELETE', '/api/v1/tokens/night-shift')).json().code).toBe('token-unknown');
  });

  test('[OP67] made again under its name, the one before is worth nothing', async () => {
    const first = String((await make({ role: 'viewer' })).json()['token']);
    const second = await make({ role: 'viewer' });
    expect(second.status).toBe(200);
    expect((await stand.call('GET', room, undefined, bearer(first))).status).toBe(401);
    expect((await stand.call('GET', room, undefined, bearer(String(second.json()['token'])))).status).toBe(200);
  });

  // A request that came again because its answer was lost ended the token that somebody had got meanwhile.
  test('[OP225] with If-Match a token is made, or taken away, only while it is as the admin saw it', async () => {
    const put = (version: number) =>
      stand.call(
        'PUT',
        '/api/v1/tokens/late-shift',
        { role: 'viewer' },
        { ...bearer(adminToken.token), 'if-match': `"${version}"` },
      );
    const revoke = (version: number) =>
      stand.call('DELETE', '/api/v1/tokens/late-shift', undefined, {
        ...bearer(adminToken.token),
        'if-match': `"${version}"`,
      });
    const first = await put(0);
    const again = await put(0);
    expect([first.status, again.status, again.json()['code']]).toEqual([201, 412, 'changed-meanwhile']);
    const works = async (made: Reply) =>
      (await stand.call('GET', room, undefined, bearer(String(made.json()['token'])))).status;
    expect(await works(first)).toBe(200);
    const version = Number(first.json()['version']);
    const second = await put(version);
    expect([second.status, await works(first), await works(second)]).toEqual([200, 401, 200]);
    expect([(await put(version)).status, (await revoke(version)).status]).toEqual([412, 412]);
    const listed = (await stand.call('GET', '/api/v1/tokens')).json()['tokens'];
    expect(listed).toContainEqual(expect.objectContaining({ name: 'late-shift', version: second.json()['version'] }));
    expect((await revoke(Number(second.json()['version']))).status).toBe(204);
  });

  test('[OP67] a token that ran out is refused and told so', async () => {
    const token = String((await make({ role: 'viewer', expiresAt: '2027-05-09T01:00:00Z' })).json()['token']);
    expect((await stand.call('GET', room, undefined, bearer(token))).status).toBe(200);
    nowMs += 3_600_000;
    const reply = await stand.call('GET', room, undefined, bearer(token));
    expect([reply.status, reply.json().code]).toEqual([401, 'credential-expired']);
  });

  test('[OP67] tokens are kept as hashes, also those of other gateways, which learn of them', async () => {
    const store = memoryOperators();
    const one = await openStand({ store });
    const other = await openStand({ store });
    const token = String((await one.call('PUT', '/api/v1/tokens/both', { role: 'viewer' })).json()['token']);
    expect(await store.readDocument('tokens')).not.toContain(token);
    await expect
      .poll(async () => (await other.call('GET', room, undefined, bearer(token))).status, {
        timeout: 2_000,
        interval: 250,
      })
      .toBe(200);
    await Promise.all([one.close(), other.close()]);
  });

  test.each(['Admin', '.x', 'a'.repeat(64), '%00', 'a%2fb', '__proto__'])('[OP67] no token is named %s', async name => {
    expect((await make({ role: 'viewer' }, name)).status).toBe(400);
  });
});

describe('the login', () => {
  const logIn = (token: string = steward.token, headers: Record<string, string> = {}) =>
    stand.call('POST', '/api/v1/session', { token }, headers);
  const cookieOf = (reply: { readonly headers: Headers }) =>
    (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

  test('[OP68] sets a cookie that no script and no other site gets, and is worth what the token is worth', async () => {
    const reply = await logIn();
    expect(reply.json()).toMatchObject({ name: 'steward', role: 'operator' });
    expect(reply.headers.get('set-cookie')).toMatch(
      /^junban-ops=\S+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
    const overTls = await logIn(steward.token, { 'x-forwarded-proto': 'https' });
    expect(overTls.headers.get('set-cookie')).toMatch(/; Secure$/);
    const cookie = cookieOf(reply);
    const session = await stand.call('GET', '/api/v1/session', undefined, { cookie });
    expect(session.json()).toEqual(reply.json());
    nowMs += 13 * 3_600_000;
    expect((await stand.call('GET', room, undefined, { cookie })).json().code).toBe('session-over');
  });

  test('[OP68] ends with its token, and by logging out', async () => {
    const token = String((await stand.call('PUT', '/api/v1/tokens/temp', { role: 'viewer' })).json()['token']);
    const reply = await logIn(token);
    const cookie = cookieOf(reply);
    expect((await stand.call('GET', room, undefined, { cookie })).status).toBe(200);
    const out = await stand.call('DELETE', '/api/v1/session', undefined, {
      cookie,
      'junban-csrf': String(reply.json()['csrf']),
    });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    await stand.call('DELETE', '/api/v1/tokens/temp');
    expect((await stand.call('GET', room, undefined, { cookie })).json().code).toBe('session-over');
  });

  // It took the cookie away in this one browser; whoever had a copy of it was logged in for twelve hours more.
  test('[OP229] logging out ends that login at all gateways, also its live feed, and no other of the same token', async () => {
    const store = memoryOperators();
    const needs = { tokens: [steward], store, nowMs: () => nowMs };
    const [one, two] = [await openStand(needs), await openStand(needs)];
    try {
      const login = () => one.call('POST', '/api/v1/session', { token: steward.token }, {});
      const [reply, another] = [await login(), await login()];
      const [cookie, kept] = [cookieOf(reply), cookieOf(another)];
      const looks = async (stand: Stand, with_: string) =>
        (await stand.call('GET', room, undefined, { cookie: with_ })).status;
      expect([await looks(one, cookie), await looks(two, cookie)]).toEqual([200, 200]);
      const feed = await fetch(`${two.url}/api/v1/events`, { headers: { cookie } });
      expect(feed.status).toBe(200);
      const out = { cookie, 'junban-csrf': String(reply.json()['csrf']) };
      expect((await one.call('DELETE', '/api/v1/session', undefined, out)).status).toBe(204);
      expect([await looks(one, cookie), await looks(one, kept)]).toEqual([401, 200]);
      await expect.poll(() => looks(two, cookie), { timeout: 2_000, interval: 300 }).toBe(401);
      expect(await looks(two, kept)).toBe(200);
      // Ends, or this would not.
      await feed.text();
    } finally {
      await one.close();
      await two.close();
    }
  });

  test('[OP69] a write needs the word against cross-site requests, and none that comes from elsewhere is done', async () => {
    const reply = await logIn();
    const [cookie, csrf] = [cookieOf(reply), String(reply.json()['csrf'])];
    const own = stand.url;
    for (const headers of [
      { cookie },
      { cookie, 'junban-csrf': `${csrf}x` },
      { cookie, 'junban-csrf': csrf, origin: 'https://evil.example' },
      { cookie, 'junban-csrf': csrf, origin: 'null' },
      { cookie, 'junban-csrf': csrf, 'sec-fetch-site': 'cross-site' },
    ]) {
      const refused = await set(headers);
      expect([refused.status, refused.json().code]).toEqual([403, 'cross-site']);
    }
    expect(stand.room.asked).toEqual([]);
    expect((await set({ cookie, 'junban-csrf': csrf, origin: own })).status).toBe(200);
    expect((await logIn(steward.token, { origin: 'https://evil.example' })).json().code).toBe('cross-site');
  });

  test('[OP68] the cookie says nothing that a token could be guessed from', async () => {
    const [body = ''] = cookieOf(await logIn())
      .slice('junban-ops='.length)
      .split('.');
    const said = Buffer.from(body, 'base64url').toString();
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(said).not.toContain(createHash('sha256').update(steward.token).digest(encoding));
    }
  });

  test('[OP68] a forged or altered cookie is no login', async () => {
    const [body = '', signature = ''] = cookieOf(await logIn())
      .slice('junban-ops='.length)
      .split('.');
    const admin = Buffer.from(JSON.stringify({ name: 'admin', seal: 'x', endsAtMs: 1e15 })).toString('base64url');
    for (const value of [
      `${admin}.${signature}`,
      `${body}.`,
      body,
      '',
      'a.b.c',
      'x'.repeat(9_000),
      `${body}.${signature}x`,
    ]) {
      const refused = await stand.call('GET', room, undefined, { cookie: `junban-ops=${value}` });
      expect([refused.status, refused.json().code]).toEqual([401, 'session-over']);
      nowMs += 60_000;
    }
  });
});

describe('guessing', () => {
  test('[OP70] after ten wrong credentials an address waits, but not whoever was right before', async () => {
    expect((await set(bearer(steward.token))).status).toBe(200);
    for (let tries = 0; tries < 10; tries += 1) expect((await set(bearer(`guess-${tries}`))).status).toBe(401);
    const refused = await set(bearer(viewer.token));
    expect([refused.status, refused.json().code, refused.headers.get('retry-after')]).toEqual([
      429,
      'too-many-failures',
      '60',
    ]);
    expect((await set(bearer(steward.token))).status).toBe(200);
    nowMs += 60_000;
    expect((await stand.call('GET', room, undefined, bearer(viewer.token))).status).toBe(200);
  });
});

describe('a proxy that logs operators in', () => {
  const login = { header: 'X-Forwarded-User', from: ['127.0.0.1/32'], role: 'operator' } as const;

  test('[OP71] is believed from its addresses only', async () => {
    const near = await openStand({ tokens: [], proxyLogin: login });
    const named = { 'x-forwarded-user': 'alice@example.com' };
    expect((await near.call('POST', `${room}/pause`, undefined, named)).status).toBe(200);
    const [record] = Object(
      await near.call('GET', '/api/v1/audit', undefined, named).then(reply => reply.json()['records']),
    );
    expect(record).toMatchObject({ who: 'alice@example.com', via: 'proxy', what: 'pause' });
    const crossSite = { ...named, origin: 'https://evil.example' };
    expect((await near.call('POST', `${room}/pause`, undefined, crossSite)).status).toBe(403);
    const far = await openStand({ tokens: [], proxyLogin: { ...login, from: ['10.0.0.0/8'] } });
    expect((await far.call('GET', room, undefined, named)).json().code).toBe('no-credential');
    await Promise.all([near.close(), far.close()]);
  });
});
