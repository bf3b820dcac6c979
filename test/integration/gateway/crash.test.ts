// `kill -9` at a bad moment, a disk that takes no writes, and what is there afterwards: everything that was answered.

import { execFileSync } from 'node:child_process';
import { copyFileSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';

let shop: RecordingShop;
let gateway: GatewayProcess;

beforeAll(async () => {
  shop = await RecordingShop.start();
});
afterAll(() => shop.close());
beforeEach(async () => {
  const room = { shop: shop.url, pacePerMinute: 6_000, graceTime: '5s', pass: { idle: '3s', max: '10m' } };
  gateway = await GatewayProcess.start({
    rooms: [{ ...room, id: 'sale', activeCap: 2, claimWindow: '4s' }],
  });
});
afterEach(() => gateway.remove());

const number = (device: Device) => device.number;

const passId = (pass: string): unknown => JSON.parse(Buffer.from(pass.split('.')[1] ?? '', 'base64url').toString()).jti;

describe('after kill -9 and a restart', () => {
  test('[PS24] passes, calls and places are as they were; nothing ran out meanwhile', async () => {
    const inside = new Device(gateway.url, 'sale');
    await inside.visit('/');
    expect(inside.pass).not.toBe('');
    const called = await Device.joined(gateway.url, 'sale');
    await called.untilCalled();
    const waiting = [];
    for (let index = 0; index < 3; index += 1) waiting.push(await Device.joined(gateway.url, 'sale'));
    const places = await Promise.all(waiting.map(device => device.status()));
    expect(places.map(({ state, place }) => ({ state, place }))).toEqual(
      [2, 3, 4].map(place => ({ state: 'waiting', place })),
    );

    await gateway.kill();
    // Longer than a pass may be idle and than a call may wait: neither runs while nobody is caller.
    await delay(5_000);
    await gateway.restart();

    expect((await inside.status()).state).toBe('admitted');
    expect((await inside.fetch('/api')).status).toBe(200);
    expect(await called.status()).toMatchObject({ state: 'called', place: 1 });
    const again = await Promise.all(waiting.map(device => device.status()));
    expect(again.map(({ place }) => place)).toEqual([2, 3, 4]);
    expect(again.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
    const entered = await called.enter();
    expect(entered.status).toBe(201);
    const later = await Device.joined(gateway.url, 'sale');
    expect(later.number).toBeGreaterThan(Math.max(...waiting.map(number)));
    expect(await gateway.operate('GET', 'sale')).toMatchObject({ active: 2, called: 0 });
  });

  test('[PS160] who was let straight in an instant before is inside', async () => {
    const inside = new Device(gateway.url, 'sale');
    await inside.visit('/');
    await gateway.kill();
    const { pass } = inside;
    await gateway.restart();
    expect((await inside.fetch('/api')).status).toBe(200);
    expect(passId(inside.pass)).toBe(passId(pass));
    expect(await gateway.operate('GET', 'sale')).toMatchObject({ active: 1 });
  });

  test('[PS160] where the power failed as well, and took that record, it walks in again with its number and no page', async () => {
    const log = join(gateway.folder, 'data', 'junban.sqlite-wal');
    const earlier = new Device(gateway.url, 'sale');
    await earlier.visit('/');
    copyFileSync(log, `${log}-synced`);
    const last = new Device(gateway.url, 'sale');
    await last.visit('/');
    const { number, pass } = last;
    await gateway.kill();
    renameSync(`${log}-synced`, log);
    await gateway.restart();
    expect((await earlier.fetch('/api')).status).toBe(200);
    expect(await gateway.operate('GET', 'sale')).toMatchObject({ active: 1 });
    // Until then nobody walks in. // LN61
    await delay(4_000);
    const answer = await last.visit('/');
    expect([answer.status, answer.text]).toEqual([200, '<h1>the shop</h1>']);
    expect(last.number).toBe(number);
    expect(passId(last.pass)).not.toBe(passId(pass));
    expect((await last.fetch('/api')).status).toBe(200);
  });

  test('[PS24] operators’ settings and a pause are as they were', async () => {
    await gateway.operate('PUT', 'sale/pace', { perMinute: 120 });
    await gateway.operate('POST', 'sale/message', { text: 'short break' });
    await gateway.operate('POST', 'sale/pause');
    await gateway.kill();
    await gateway.restart();
    const device = await Device.joined(gateway.url, 'sale');
    expect(await device.status()).toMatchObject({ pacePerMinute: 120, message: 'short break', paused: true });
  });

  test('[CL33] a claim that the gateway had not read leaves the turn as it was, and asked again it is carried out', async () => {
    const device = await Device.joined(gateway.url, 'sale');
    await device.untilCalled();
    gateway.freeze();
    const socket = connect(gateway.port, '127.0.0.1');
    socket.on('error', () => undefined); // The crash cuts it.
    const head = `Host: 127.0.0.1:${gateway.port}\r\nCookie: ${device.cookieHeader}\r\nContent-Length: 0\r\n\r\n`;
    await new Promise(sent => socket.write(`POST ${device.at('/passes')} HTTP/1.1\r\n${head}`, sent));
    await gateway.kill();
    await gateway.restart();
    expect((await device.status()).state).toBe('called');
    expect((await device.enter()).status).toBe(201);
    expect(await gateway.operate('GET', 'sale')).toMatchObject({ active: 1, called: 0 });
  });

  test('[CL33] a claim that was carried out and whose answer was lost is inside, and asked again gives that pass', async () => {
    const device = await Device.joined(gateway.url, 'sale');
    await device.untilCalled();
    const proxy = await TcpProxy.start(gateway.port);
    const isAnswered = proxy.cutAfterRequest('POST ');
    const claim = device.copy(`http://127.0.0.1:${proxy.port}`).claim();
    await expect(claim).rejects.toThrow();
    await isAnswered;
    await gateway.kill();
    await proxy.close();
    await gateway.restart();
    expect((await device.status()).state).toBe('admitted');
    expect((await device.enter()).status).toBe(200);
    expect((await device.fetch('/api')).status).toBe(200);
    expect(await gateway.operate('GET', 'sale')).toMatchObject({ active: 1, called: 0 });
  });

  test('[CL33] claims under way at the crash, of which one was answered, give each device one pass', async () => {
    const devices = [await Device.joined(gateway.url, 'sale'), await Device.joined(gateway.url, 'sale')];
    for (const device of devices) await device.untilCalled();
    const claims = devices.flatMap(device => [device.claim(), device.claim()]);
    const cut = claims.map(claim => claim.catch(() => null));
    await Promise.any(claims);
    await gateway.kill();
    const answered = (await Promise.all(cut)).filter(answer => answer !== null);
    expect(answered.length).toBeGreaterThanOrEqual(1);
    await gateway.restart();
    for (const device of devices) {
      const kept = device.pass;
      await device.enter();
      const ids = [kept, device.pass].filter(pass => pass !== '').map(passId);
      expect(new Set(ids).size).toBe(1);
      expect((await device.fetch('/api')).status).toBe(200);
    }
    expect(await gateway.operate('GET', 'sale')).toMatchObject({ active: 2, called: 0 });
  });
});

describe('while the disk takes no writes', () => {
  const limitFiles = (bytes: number | 'unlimited') =>
    execFileSync('prlimit', ['--pid', String(gateway.pid), `--fsize=${bytes}:unlimited`]);

  test('[WR45] numbers stand with their time and `checking`, joins get 503, passes work; then all goes on', async () => {
    const inside = new Device(gateway.url, 'sale');
    await inside.visit('/');
    const called = await Device.joined(gateway.url, 'sale');
    await called.untilCalled();
    const waiting = await Device.joined(gateway.url, 'sale');
    const line = waiting.follow('socket');
    await line.until(({ total }) => total === 1);

    limitFiles(1);
    const checking = await line.until(status => status.checking, 5_000);
    expect(checking).toMatchObject({ state: 'waiting', place: 2, ahead: 0 });
    const later = await waiting.status();
    expect([later.checking, later.asOf]).toEqual([true, checking.asOf]);
    const join = await new Device(gateway.url, 'sale').join();
    expect([join.status, join.json()['code']]).toEqual([503, 'store-unavailable']);
    expect(Number(join.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    const page = await new Device(gateway.url, 'sale').visit('/');
    expect(page.status).toBe(503);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.text).toContain('"store-unavailable"');
    expect(page.headers['retry-after']).toBe(join.headers['retry-after']);
    expect((await called.claim()).status).toBe(503);
    expect((await inside.fetch('/api')).status).toBe(200);

    limitFiles('unlimited');
    await line.until(status => !status.checking, 5_000);
    expect((await called.enter()).status).toBe(201);
    expect((await inside.fetch('/api')).status).toBe(200);
    // A probe a second finds out that numbers may be given again.
    await expect.poll(async () => (await new Device(gateway.url, 'sale').join()).status, { timeout: 4_000 }).toBe(201);
    line.close();
  });
});
