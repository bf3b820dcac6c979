// Rooms that are made, changed and taken away while two real gateways run on one Redis.
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { RedisProcess } from '../../support/redis-process.ts';

const authorization = 'Bearer a-token-of-the-tests';
let redis: RedisProcess;
let shop: RecordingShop;
let one: GatewayProcess;
let other: GatewayProcess;
beforeAll(async () => {
  redis = await RedisProcess.start();
  shop = await RecordingShop.start();
  const config = {
    rooms: [{ id: 'sale', shop: shop.url, match: { paths: ['/sale'] } }],
    more: { store: { kind: 'redis', url: `redis://127.0.0.1:${redis.port}` } },
  };
  one = await GatewayProcess.start(config);
  other = await GatewayProcess.start(config);
}, 60_000);
afterAll(async () => {
  await one?.remove();
  await other?.remove();
  await shop?.close();
  await redis?.remove();
});

async function configure(method: 'PUT' | 'DELETE' | 'GET', id: string, configuration?: object, version?: number) {
  const answer = await request(
    `http://127.0.0.1:${one.opsPort}/api/v1/configuration/rooms${id === '' ? '' : `/${id}`}`,
    {
      method,
      headers: { authorization, ...(version !== undefined && { 'if-match': `"${version}"` }) },
      ...(configuration !== undefined && { body: JSON.stringify({ configuration }) }),
    },
  );
  const text = await answer.body.text();
  return { status: answer.statusCode, json: text === '' ? null : JSON.parse(text) };
}

/** The public facts of a room at a gateway; null while it has no such room. */
async function factsAt({ url }: GatewayProcess, id: string): Promise<Record<string, unknown> | null> {
  const { statusCode, body } = await request(`${url}/_junban/v1/rooms/${id}`);
  const facts = (await body.json()) as Record<string, unknown>;
  return statusCode === 200 ? facts : null;
}

const concert = () => ({
  shop: shop.url,
  match: { paths: ['/concert'] },
  pacePerMinute: 60,
  startsAt: '2099-01-01T00:00:00Z',
  opensAt: '2098-01-01T00:00:00Z',
});

test('[OP87] a room is made, changed and ended by API, at all gateways within a second, and survives a restart', async () => {
  const made = await configure('PUT', 'concert', concert());
  expect([made.status, made.json]).toEqual([201, expect.objectContaining({ id: 'concert', source: 'api' })]);
  expect(await factsAt(one, 'concert')).toMatchObject({ phase: 'closed', startsAt: '2099-01-01T00:00:00.000Z' });
  await expect
    .poll(() => factsAt(other, 'concert'), { timeout: 1_000, interval: 50 })
    .toMatchObject({ phase: 'closed' });
  const changed = await configure('PUT', 'concert', { ...concert(), pacePerMinute: 90 });
  expect(changed.status).toBe(200);
  await expect
    .poll(() => factsAt(other, 'concert'), { timeout: 1_000, interval: 50 })
    .toMatchObject({ pacePerMinute: 90 });
  await other.operate('PUT', 'concert/phase', { phase: 'lobby' });
  const joined = await request(`${one.url}/_junban/v1/tickets?room=concert`, { method: 'POST' });
  expect([joined.statusCode, await joined.body.json()]).toEqual([201, expect.objectContaining({ room: 'concert' })]);
  await other.terminate();
  await other.restart();
  expect(await factsAt(other, 'concert')).toMatchObject({ phase: 'lobby', pacePerMinute: 90 });
  const listed = await configure('GET', '');
  expect(listed.json.rooms).toEqual([
    expect.objectContaining({ id: 'sale', source: 'file' }),
    expect.objectContaining({
      id: 'concert',
      source: 'api',
      configuration: expect.objectContaining({ pacePerMinute: 90 }),
    }),
  ]);
  const early = await configure('DELETE', 'concert');
  expect([early.status, early.json.detail]).toEqual([409, expect.stringContaining('end it before it is taken away')]);
  await one.operate('PUT', 'concert/phase', { phase: 'ended' });
  expect((await configure('DELETE', 'concert')).status).toBe(204);
  expect(await factsAt(one, 'concert')).toBeNull();
  await expect.poll(() => factsAt(other, 'concert'), { timeout: 1_000, interval: 50 }).toBeNull();
});

// Every change let whoever came in those milliseconds into the wider room's shop, past the line.
test('[OP220] while a room is changed its fans are told to come again, and nobody comes to a wider room', async () => {
  const fest = { ...concert(), match: { paths: ['/sale/fest'] } };
  expect((await configure('PUT', 'fest', fest)).status).toBe(201);
  await expect.poll(() => factsAt(other, 'fest'), { timeout: 2_000, interval: 50 }).not.toBeNull();
  const seen = new Set<string>();
  const ask = async (url: string, method: 'GET' | 'POST', accept: string) => {
    const { statusCode, headers, body } = await request(url, {
      method,
      headers: { accept, 'sec-fetch-mode': 'navigate' },
    });
    await body.dump();
    seen.add(`${method} ${statusCode}${headers['retry-after'] === undefined ? '' : ' with Retry-After'}`);
  };
  let isOver = false;
  const crowd = [one, other].flatMap(({ url }) => [
    ...Array.from({ length: 4 }, () => () => ask(`${url}/sale/fest`, 'GET', 'text/html')),
    () => ask(`${url}/_junban/v1/tickets?room=fest`, 'POST', '*/*'),
  ]);
  const asking = crowd.map(async come => {
    while (!isOver) await come();
  });
  for (const pacePerMinute of [61, 62, 63]) {
    expect((await configure('PUT', 'fest', { ...fest, pacePerMinute })).status).toBe(200);
    await expect.poll(() => factsAt(other, 'fest'), { timeout: 2_000, interval: 50 }).toMatchObject({ pacePerMinute });
  }
  isOver = true;
  await Promise.all(asking);
  expect(shop.requests.filter(({ url }) => url.startsWith('/sale/fest'))).toEqual([]);
  expect([...seen].sort()).toEqual([
    'GET 200',
    'GET 503 with Retry-After',
    'POST 409 with Retry-After',
    'POST 503 with Retry-After',
  ]);
  await one.operate('PUT', 'fest/phase', { phase: 'ended' });
  expect((await configure('DELETE', 'fest')).status).toBe(204);
});

test.each([
  ['concert', { shop: 'not an address' }, 'shop'],
  ['concert', { paces: 1 }, 'paces'],
  ['Concert', {}, 'id'],
  ['../etc', {}, 'id'],
  ['concert', { match: { paths: ['/sale'] } }, 'match'],
  ['concert', { startsAt: '2099-01-01T00:00:00' }, 'startsAt'],
])('[OP88] a room %s with %j is refused as a room of the file would be', async (id, wrong, field) => {
  const refused = await configure('PUT', encodeURIComponent(id), { ...concert(), ...wrong });
  expect([refused.status, refused.json?.problems?.map((each: { field: string }) => each.field)]).toEqual([
    400,
    expect.arrayContaining([field]),
  ]);
});

test('[OP178] with If-Match a room is made or changed only while it is as the admin saw it', async () => {
  const room = { ...concert(), match: { paths: ['/matinee'] } };
  const made = await configure('PUT', 'matinee', room, 0);
  expect(made.status).toBe(201);
  const { version } = made.json;
  const again = await configure('PUT', 'matinee', { ...room, activeCap: 1 }, 0);
  expect([again.status, again.json.code]).toEqual([412, 'changed-meanwhile']);
  const changed = await configure('PUT', 'matinee', { ...room, activeCap: 2 }, version);
  expect(changed.status).toBe(200);
  expect((await configure('PUT', 'matinee', { ...room, activeCap: 3 }, version)).status).toBe(412);
  const listed = (await configure('GET', '')).json.rooms;
  expect(listed).toContainEqual(
    expect.objectContaining({
      ...{ id: 'matinee', version: changed.json.version },
      configuration: expect.objectContaining({ activeCap: 2 }),
    }),
  );
  await one.operate('PUT', 'matinee/phase', { phase: 'ended' });
  expect((await configure('DELETE', 'matinee')).status).toBe(204);
});

test('[OP88] a room of the file is not overwritten', async () => {
  const refused = await configure('PUT', 'sale', concert());
  expect([refused.status, refused.json.detail]).toEqual([
    409,
    expect.stringContaining('stands in the configuration file'),
  ]);
});

test('[OP227] a message in forty languages is at all gateways', async () => {
  const languages = ['a', 'b', 'c', 'd'].flatMap(first => [...'abcdefghij'].map(second => `${first}${second}`));
  const messages = Object.fromEntries(languages.map(language => [language, '語'.repeat(500)]));
  await one.operate('POST', 'sale/message', { texts: messages });
  await expect.poll(() => other.operate('GET', 'sale'), { timeout: 1_000, interval: 50 }).toMatchObject({ messages });
  await one.operate('POST', 'sale/message', { text: null });
});

// The document of the rooms was gone, so every gateway closed the room with everybody in its line.
test('[ST166] after a FLUSHALL rooms and tokens that were made at run time are there as before, and no room was closed', async () => {
  expect((await configure('PUT', 'encore', { ...concert(), match: { paths: ['/encore'] } })).status).toBe(201);
  await expect.poll(() => factsAt(other, 'encore'), { timeout: 1_000, interval: 50 }).not.toBeNull();
  await one.operate('PUT', 'encore/phase', { phase: 'lobby' });
  const joined = await request(`${one.url}/_junban/v1/tickets?room=encore`, { method: 'POST' });
  const { ticket } = (await joined.body.json()) as { ticket: string };
  const asOperator = (gateway: GatewayProcess, method: 'GET' | 'PUT', path: string, token: string) =>
    request(`http://127.0.0.1:${gateway.opsPort}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(method === 'PUT' && { body: JSON.stringify({ role: 'viewer' }) }),
    });
  const made = await asOperator(one, 'PUT', 'tokens/night-shift', 'a-token-of-the-tests');
  const { token } = (await made.body.json()) as { token: string };
  const mayLook = async (gateway: GatewayProcess) => {
    const answer = await asOperator(gateway, 'GET', 'rooms/encore', token);
    await answer.body.dump();
    return answer.statusCode;
  };
  // Not so often that the gateway takes it for guessing.
  await expect.poll(() => mayLook(other), { timeout: 2_000, interval: 300 }).toBe(200);

  await redis.command('FLUSHALL');
  const untilMs = Date.now() + 2_500;
  while (Date.now() < untilMs) {
    for (const gateway of [one, other]) expect(await factsAt(gateway, 'encore')).not.toBeNull();
    await delay(50);
  }
  for (const gateway of [one, other]) {
    await expect.poll(() => mayLook(gateway), { timeout: 2_000, interval: 50 }).toBe(200);
    const status = await request(`${gateway.url}/_junban/v1/tickets/current?room=encore`, {
      headers: { authorization: `Bearer ${ticket}` },
    });
    expect([status.statusCode, await status.body.json()]).toEqual([200, expect.objectContaining({ state: 'lobby' })]);
  }
  await other.terminate();
  await other.restart();
  expect(await mayLook(other)).toBe(200);
  expect(await factsAt(other, 'encore')).toMatchObject({ phase: 'lobby' });
});
