// A real gateway before a shop that can be made slow or broken: the pace follows the shop, requests wait for it, signals and
// switches of operators, a signature that says nothing, and the safety net of a room open all year.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { request as streamed } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';

const rooms = {
  steered: {
    pacePerMinute: 6_000,
    autopilot: { mode: 'on', minPerMinute: 60, maxPerMinute: 12_000, signalSources: ['apm'] },
  },
  marked: {
    match: { paths: ['/marked'], bypass: ['/marked/img/'] },
    autopilot: { mode: 'on', errorSignatures: [{ body: 'welcome' }] },
  },
  pictured: {
    match: { paths: ['/pictured'], bypass: ['/pictured/img/'] },
    autopilot: { mode: 'on', errorSignatures: [{ body: 'M941' }] },
  },
  busy: { shopLimit: { mode: 'on', wait: '1s' }, match: { paths: ['/busy'], checkout: ['/busy/pay'] } },
  switched: { pacePerMinute: 6_000, activeCap: 1 },
  gone: {},
  net: { pacePerMinute: 600, activeCap: 1_000 },
} as const;
type Room = keyof typeof rooms;

const shops = new Map<Room, RecordingShop>();
let gateway: GatewayProcess;
/** Came in long before its shop goes away. */
let early: Device;

beforeAll(async () => {
  const names = Object.keys(rooms) as Room[];
  for (const name of names) shops.set(name, await RecordingShop.start());
  gateway = await GatewayProcess.start({
    rooms: names.map(id => ({
      id,
      match: { paths: [`/${id}`] },
      shop: shops.get(id)?.url ?? '',
      pacePerMinute: 6_000,
      activeCap: 5_000,
      claimWindow: '60s',
      graceTime: '2s',
      ...rooms[id],
    })),
  });
  early = await inside('gone');
});
afterAll(async () => {
  await gateway?.remove();
  for (const shop of shops.values()) await shop.close();
});

async function inside(room: Room): Promise<Device> {
  const device = new Device(gateway.url, room);
  const { status } = await device.visit(`/${room}/`);
  expect([room, status]).toEqual([room, 200]);
  expect((await device.status()).state).toBe('admitted');
  return device;
}

const report = async (room: Room) => gateway.operate('GET', room);

test('[AP4] [AP8] [AP83] [AP84] errors of the shop and signals of its monitoring take the pace down at once, with the reason', async () => {
  const shop = shops.get('steered');
  const device = await inside('steered');
  if (shop === undefined) throw new Error('no shop');
  shop.answer = () => ({ status: 500, body: 'down' });
  for (let request = 0; request < 30; request += 1) await device.fetch('/steered/api');
  await expect.poll(async () => (await report('steered'))['pacePerMinute'], { timeout: 4_000 }).toBe(60);
  const failing = await report('steered');
  expect(failing['autopilot']).toMatchObject({ mode: 'on', pacePerMinute: 60 });
  expect(failing['shopFailing']).toBe(true);
  shop.answer = () => ({ status: 200, body: 'well' });
  await expect.poll(async () => (await report('steered'))['shopFailing'], { timeout: 10_000 }).toBe(false);
  const signal = (body: object) => gateway.operate('POST', 'steered/signals', body);
  const at = (aheadMs = 0) => new Date(Date.now() + aheadMs).toISOString();
  await expect(signal({ source: 'nobody', at: at(), overloaded: true })).rejects.toThrow(/400.*signalSources/);
  await expect(signal({ source: 'apm', at: at(60_000), overloaded: true })).rejects.toThrow(/400.*not come yet/);
  await expect(signal({ source: 'apm', at: at(-120_000), overloaded: true })).rejects.toThrow(/400.*older/);
  await expect(signal({ source: 'apm', at: at() })).rejects.toThrow(/400.*says nothing/);
  const once = { source: 'apm', at: at(), overloaded: true };
  expect(await signal(once)).toEqual({ heard: true });
  await expect(signal(once)).rejects.toThrow(/400/);
  await expect
    .poll(async () => (await report('steered'))['autopilot'], { timeout: 4_000 })
    .toMatchObject({ cause: 'signals', reason: 'apm says: the shop is overloaded' });
  const bounds = (set: object) => gateway.operate('PUT', 'steered/autopilot', set);
  await expect(bounds({ minPerMinute: 5_000, maxPerMinute: 10 })).rejects.toThrow(/400.*in force are 60 to 12000/);
  await expect(bounds({ maxPerMinute: 59 })).rejects.toThrow(/400.*in force are 60 to 12000/);
  await expect(gateway.operate('PUT', 'steered/pace', { perMinute: 12_001 })).rejects.toThrow(/400.*60 to 12000/);
  expect((await report('steered'))['autopilot']).toMatchObject({ minPerMinute: 60, maxPerMinute: 12_000 });
  // Off again the pace is the operator's.
  await gateway.operate('PUT', 'steered/autopilot', { mode: 'off' });
  expect(await report('steered')).toMatchObject({
    pacePerMinute: 6_000,
    autopilot: { mode: 'off', pacePerMinute: null },
  });
  await expect(gateway.operate('PUT', 'steered/autopilot', { mode: 'fast' })).rejects.toThrow(/400/);
  await expect(gateway.operate('PUT', 'steered/autopilot', {})).rejects.toThrow(/400/);
});

test('[AP5] [AP141] a signature that every page carries closes nothing and is reported as useless', async () => {
  const shop = shops.get('marked');
  if (shop === undefined) throw new Error('no shop');
  shop.answer = () => ({ status: 200, body: 'welcome to the shop' });
  const device = await inside('marked');
  // Its pictures and data do not.
  shop.answer = ({ url }) => ({ status: 200, body: url.includes('page') ? 'welcome to the shop' : 'well' });
  const loadPage = async () => {
    await device.visit('/marked/page');
    for (const part of ['a.png', 'b.png', 'c.css', 'img/d', 'api']) await device.fetch(`/marked/${part}`);
  };
  for (let load = 0; load < 40; load += 1) await loadPage();
  await delay(1_500);
  expect(await report('marked')).toMatchObject({ shopFailing: false, autopilot: { signatureUseless: true } });
  expect(String(Object(await report('marked'))['autopilot']['reason'])).toContain('matches nearly every page');
});

test('[AP140] an outage of the pages holds the clocks though pictures are answered as ever', async () => {
  const shop = shops.get('pictured');
  if (shop === undefined) throw new Error('no shop');
  const device = await inside('pictured');
  shop.answer = ({ url }) => ({ status: 200, body: url.includes('page') ? '[M941]' : 'well' });
  for (let load = 0; load < 8; load += 1) {
    await device.visit('/pictured/page');
    for (const part of ['a.png', 'img/b', 'img/c', 'api', 'api']) await device.fetch(`/pictured/${part}`);
  }
  await expect.poll(async () => (await report('pictured'))['shopFailing'], { timeout: 3_000 }).toBe(true);
  expect((await device.ask('GET', device.at('/passes/current'))).json()['standing']).toBe(true);
});

test('[AP33] [PX40] [PX130] open streams hold nobody up; a shop that answers 200 with an error page, its marker cut in two or compressed, is failing: nobody new, and nobody loses a turn', async () => {
  const shop = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.url?.endsWith('/well')) return response.end('welcome');
    // A head, a first word, and no end.
    if (request.url === '/streams/stock') return response.write('data: 1\n\n');
    if (request.headers['accept-encoding'] !== undefined) {
      response.setHeader('content-encoding', 'gzip');
      const packed = gzipSync('<p>支払手続中にエラーが発生しました。[M941]</p>');
      return response.write(packed.subarray(0, -14), () => response.end(packed.subarray(-14)));
    }
    return response.write('<p>支払手続中にエラーが発生しました。[M9', () => response.end('41]</p>'));
  });
  shop.listen(0, '127.0.0.1');
  await once(shop, 'listening');
  const address = shop.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const own = await GatewayProcess.start({
    rooms: [
      {
        id: 'erring',
        match: { paths: ['/erring'] },
        shop: `http://127.0.0.1:${port}`,
        pacePerMinute: 6_000,
        pass: { idle: '3s', max: '10m' },
        autopilot: { mode: 'on', minPerMinute: 60, errorSignatures: [{ body: 'M941' }] },
      },
      {
        id: 'packed',
        match: { paths: ['/packed'] },
        shop: `http://127.0.0.1:${port}`,
        pacePerMinute: 6_000,
        autopilot: { mode: 'on', minPerMinute: 60, errorSignatures: [{ body: 'M941' }] },
      },
      {
        id: 'streams',
        match: { paths: ['/streams'] },
        shop: `http://127.0.0.1:${port}`,
        pacePerMinute: 6_000,
        shopLimit: { mode: 'on', wait: '1s' },
      },
    ],
  });
  try {
    // More open answers than the shop is let work on at first: they are no work, and hold nobody up. // PX40
    const reader = new Device(own.url, 'streams');
    await reader.visit('/streams/stock-page');
    const headers = { cookie: reader.cookieHeader };
    const open = await Promise.all(Array.from({ length: 30 }, () => streamed(`${own.url}/streams/stock`, { headers })));
    expect(open.map(({ statusCode }) => statusCode)).toEqual(open.map(() => 200));
    expect((await reader.fetch('/streams/stock-page')).status).toBe(200);
    for (const { body } of open) body.on('error', () => undefined).destroy();
    // A browser asks for a compressed answer. // PX130
    const browser = new Device(own.url, 'packed');
    await browser.visit('/packed/well');
    for (let request = 0; request < 4; request += 1) await browser.fetch('/packed/well');
    for (let request = 0; request < 20; request += 1) {
      const headers = { 'accept-encoding': 'gzip, deflate, br, zstd' };
      expect((await browser.ask('GET', '/packed/pay', { headers })).headers['content-encoding']).toBe('gzip');
    }
    await expect.poll(async () => (await own.operate('GET', 'packed'))['shopFailing'], { timeout: 3_000 }).toBe(true);
    const device = new Device(own.url, 'erring');
    await device.visit('/erring/well');
    for (let request = 0; request < 4; request += 1) await device.fetch('/erring/well');
    const erring = await device.fetch('/erring/pay');
    expect([erring.status, erring.text]).toEqual([200, expect.stringContaining('[M941]')]);
    for (let request = 0; request < 20; request += 1) await device.fetch('/erring/pay');
    const said = () => own.operate('GET', 'erring');
    await expect.poll(async () => (await said())['shopFailing'], { timeout: 3_000 }).toBe(true);
    await expect.poll(async () => (await said())['pacePerMinute'], { timeout: 3_000 }).toBe(60);
    expect((await said())['autopilot']).toMatchObject({ cause: 'failing', signatureUseless: false });
    // The clock of the pass stands: an idle time later it is alive.
    const { active } = Object(await said());
    await expect.poll(async () => (await said())['shopFailing'], { timeout: 10_000 }).toBe(false);
    expect(active).toBe(1);
    expect((await device.status()).state).toBe('admitted');
  } finally {
    await own.remove();
    shop.close();
  }
});

test('[AP80] [AP82] a shop that is away stops the clocks however few ask, and only then they are said to stand', async () => {
  const device = early;
  await shops.get('gone')?.close();
  const standing = async () => (await device.ask('GET', device.at('/passes/current'))).json()['standing'];
  const page = await device.visit('/gone/');
  expect([page.status, /<p>Your pass is kept[^<]*/.exec(page.text)?.[0]]).toEqual([
    502,
    expect.stringMatching(/kept\. We keep/),
  ]);
  expect(await standing()).toBe(false);
  expect((await device.fetch('/gone/api')).json()).toMatchObject({ detail: expect.stringMatching(/pass is kept\.$/) });
  await expect.poll(standing, { timeout: 8_000 }).toBe(true);
  expect((await device.visit('/gone/')).text).toContain('<p>Your pass is kept and its clock stands still. ');
  expect((await device.fetch('/gone/api')).json()).toMatchObject({
    code: 'shop-unreachable',
    detail: expect.stringContaining('its clock stands still'),
  });
  await shops.get('gone')?.open();
});

test('[PX40] over its limit the shop gets no more at once; who pays goes first; the others get an honest answer', async () => {
  const shop = shops.get('busy');
  if (shop === undefined) throw new Error('no shop');
  const device = await inside('busy');
  // 20 at once are let on at first; none of them is answered.
  const held: (() => void)[] = [];
  shop.answer = () => new Promise(resolve => held.push(() => resolve({ status: 200, body: 'late' })));
  const stuck = Array.from({ length: 20 }, () => device.fetch('/busy/stuck'));
  await expect.poll(() => held.length).toBe(20);
  const browsing = device.fetch('/busy/browse');
  await delay(50);
  const paying = device.fetch('/busy/pay/now');
  await delay(50);
  expect(held.length).toBe(20);
  held.splice(0, 1)[0]?.();
  await expect.poll(() => held.length).toBe(20);
  const given = await browsing;
  expect([given.status, given.json()['code']]).toEqual([503, 'shop-busy']);
  expect(Number(given.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  for (const go of held) go();
  shop.answer = () => ({ status: 200, body: 'well' });
  expect((await paying).status).toBe(200);
  expect((await Promise.all(stuck)).map(({ status }) => status)).toEqual(stuck.map(() => 200));
  expect((await device.status()).state).toBe('admitted');
});

test('[CL65] [CL66] [CL68] operators drain a room, let a ticket in, and take a pass away', async () => {
  const first = await inside('switched');
  const waiting = await Promise.all([1, 2, 3].map(() => Device.joined(gateway.url, 'switched')));
  for (const device of waiting) await device.status();
  const last = waiting[2];
  if (last === undefined) throw new Error('nobody waits');
  await gateway.operate('POST', 'switched/drain', { on: true });
  expect(await report('switched')).toMatchObject({ draining: true, active: 1 });
  await gateway.operate('POST', 'switched/revoke', { tickets: [String(first.number)] });
  expect((await first.status()).state).toBe('left');
  await delay(300);
  for (const device of waiting) expect((await device.status()).state).toBe('waiting');
  await gateway.operate('POST', 'switched/let-in', { tickets: [String(last.number)] });
  expect((await last.status()).state).toBe('called');
  expect((await last.enter()).status).toBe(201);
  await gateway.operate('POST', 'switched/drain', { on: false });
  await expect(gateway.operate('POST', 'switched/let-in', { tickets: ['999999'] })).rejects.toThrow(/409/);
  await expect(gateway.operate('POST', 'switched/let-in', { tickets: ['x'] })).rejects.toThrow(/400/);
  // What was revoked already is as it was asked for; who never was inside has nothing to be revoked.
  expect(await gateway.operate('POST', 'switched/revoke', { tickets: [String(first.number)] })).toBeDefined();
  const never = String(waiting[0]?.number);
  await expect(gateway.operate('POST', 'switched/revoke', { tickets: [never] })).rejects.toThrow(/409/);
});

test('[CL69] a room open all year: straight through below its limits, a line above them, and straight through again', async () => {
  const walkIns = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      await delay(index * 120);
      const device = new Device(gateway.url, 'net');
      const answer = await device.visit('/net/');
      return { device, isPage: answer.text.includes('junban') };
    }),
  );
  expect(walkIns.filter(({ isPage }) => isPage)).toEqual([]);
  // A rush: who comes within the first second's pace is held for a moment, then the line forms by itself; the pace is kept.
  const startedAtMs = Date.now();
  const rush = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const device = new Device(gateway.url, 'net');
      await device.visit('/net/');
      return device;
    }),
  );
  const states = await Promise.all(rush.map(async device => (await device.status()).state));
  expect(states.filter(state => state !== 'admitted').length).toBeGreaterThan(35);
  await Promise.all(
    rush.map(async device => {
      for (let state = (await device.status()).state; state !== 'admitted'; state = (await device.status()).state) {
        if (state === 'called' || state === 'entering') await device.claim();
        else await delay(100);
      }
    }),
  );
  const tookMs = Date.now() - startedAtMs;
  // 60 at ten a second, without a gap at either edge.
  expect(tookMs).toBeGreaterThan(5_700);
  expect(tookMs).toBeLessThan(9_500);
  await delay(200);
  const after = new Device(gateway.url, 'net');
  await after.visit('/net/');
  expect((await after.status()).state).toBe('admitted');
});
