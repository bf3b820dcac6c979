// `kill -9` at a bad moment, a disk that takes no writes, and what is there afterwards: everything that was answered.

import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';

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

  test('[PS24] operators’ settings and a pause are as they were', async () => {
    await gateway.operate('PUT', 'sale/pace', { perMinute: 120 });
    await gateway.operate('POST', 'sale/message', { text: 'short break' });
    await gateway.operate('POST', 'sale/pause');
    await gateway.kill();
    await gateway.restart();
    const device = await Device.joined(gateway.url, 'sale');
    expect(await device.status()).toMatchObject({ pacePerMinute: 120, message: 'short break', paused: true });
  });

  test('[CL33] claims cut by the crash are answered once: the device asks again and has one pass', async () => {
    const devices = [await Device.joined(gateway.url, 'sale'), await Device.joined(gateway.url, 'sale')];
    for (const device of devices) await device.untilCalled();
    const cut = devices.flatMap(device => [device.claim(), device.claim()]).map(claim => claim.catch(() => null));
    await delay(2);
    await gateway.kill();
    const before = (await Promise.all(cut)).flatMap(answer => answer?.json()['pass'] ?? []);
    await gateway.restart();
    for (const device of devices) {
      const kept = device.pass;
      await device.enter();
      const claims = [kept, device.pass].filter(pass => pass !== '').map(pass => pass.split('.')[1] ?? '');
      const ids = claims.map(payload => JSON.parse(Buffer.from(payload, 'base64url').toString()).jti);
      expect(new Set(ids).size).toBe(1);
      expect((await device.fetch('/api')).status).toBe(200);
    }
    expect(before.length).toBeLessThanOrEqual(4);
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
