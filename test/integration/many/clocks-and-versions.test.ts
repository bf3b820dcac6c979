// Gateways that do not agree: on the time of day, and on the format of what they store.

import { afterEach, describe, expect, test } from 'vitest';
import { Crowd, mostWithin } from '../../support/crowd.ts';
import { Device } from '../../support/device.ts';
import { fakedTime } from '../../support/faked-time.ts';
import { GatewayFleet } from '../../support/gateway-fleet.ts';

const tenMinutesMs = 600_000;
let fleet: GatewayFleet;
const crowds: Crowd[] = [];
afterEach(async () => {
  for (const crowd of crowds.splice(0)) crowd.kill();
  await fleet.remove();
});

describe('a gateway whose clock is ten minutes off', () => {
  // The gateway that is started first calls.
  test.each([
    ['ahead, and it calls', 0, tenMinutesMs],
    ['behind, and it follows', 1, -tenMinutesMs],
  ])('[ST71] %s: no order, pace, estimate or token is another', async (_, shifted, shiftMs) => {
    const room = { pacePerMinute: 300, activeCap: 1_000, claimWindow: '30s', pass: { idle: '1m', max: '5m' } };
    fleet = await GatewayFleet.start({
      ...{ gateways: 2, room },
      env: index => (index === shifted ? fakedTime(shiftMs) : {}),
    });
    expect(await fleet.caller()).toBe(0);
    await fleet.at(0).operate('POST', 'sale/pause');
    const devices: Device[] = [];
    for (let index = 0; index < 6; index += 1) devices.push(await Device.joined(fleet.at(index).url, 'sale'));
    expect(devices.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
    const lines = devices.map((device, index) => device.copy(fleet.at(index + 1).url).follow('socket'));
    await Promise.all(lines.map((line, index) => line.until(({ ahead, total }) => ahead === index && total === 6)));
    for (const gateway of [0, 1]) {
      const { asOf } = await (devices[0] ?? fail()).copy(fleet.at(gateway).url).status();
      expect(Math.abs(Date.parse(asOf) - Date.now())).toBeLessThan(1_500);
    }
    await fleet.at(1).operate('POST', 'sale/resume');
    const called = await Promise.all(lines.map(line => line.until(({ state }) => state === 'called', 10_000)));
    const leftMs = called.map(({ claimBy, asOf }) => Date.parse(claimBy ?? '') - Date.parse(asOf));
    expect(Math.min(...leftMs)).toBeGreaterThan(28_000);
    expect(Math.max(...leftMs)).toBeLessThanOrEqual(30_000);
    for (const [index, device] of devices.slice(0, 4).entries()) {
      const entering = device.copy(fleet.at(index).url);
      const expiresAt = Date.parse(String((await entering.enter()).json()['expiresAt']));
      expect(Math.abs(expiresAt - Date.now() - 60_000)).toBeLessThan(5_000);
      for (const gateway of [0, 1]) expect((await entering.copy(fleet.at(gateway).url).fetch('/api')).status).toBe(200);
    }
    for (const line of lines) line.close();

    crowds.push(
      ...[0, 1].map(
        index => new Crowd({ url: fleet.at(index).url, room: 'sale', devices: 60, stayMs: null, absentEvery: 0 }),
      ),
    );
    const admitted = () => crowds.reduce((sum, { tally }) => sum + tally.admitted, 0);
    await expect.poll(admitted, { timeout: 30_000 }).toBeGreaterThanOrEqual(60);
    const members = (await Promise.all(crowds.splice(0).map(crowd => crowd.end()))).flat();
    const instants = members.flatMap(({ admittedAtMs }) => admittedAtMs ?? []);
    expect(mostWithin(instants, 10_000)).toBeLessThanOrEqual(52);
    expect(Math.max(...instants) - Math.min(...instants)).toBeLessThan(20_000);
  });
});

describe('another format of what is stored', () => {
  test('[ST72] a gateway that finds one refuses to start and says both; one that runs says so and harms nothing', async () => {
    fleet = await GatewayFleet.start({ gateways: 1, room: { pacePerMinute: 600, activeCap: 1 } });
    await new Device(fleet.at(0).url, 'sale').visit('/');
    const device = await Device.joined(fleet.at(0).url, 'sale');
    await fleet.redis.command('HSET', fleet.keyOf('head'), 'format', '2');
    await expect(fleet.add()).rejects.toThrow(/a room in Redis has format 2, this version knows 1/);
    await expect.poll(() => fleet.at(0).readiness(), { timeout: 5_000 }).toBe(503);
    expect(fleet.at(0).said).toMatch(/a room in Redis has format 2, this version knows 1: run one version/);
    expect(await device.status()).toMatchObject({ place: 1, ahead: 0, checking: true });
    await fleet.redis.command('HSET', fleet.keyOf('head'), 'format', '1');
    await expect.poll(() => fleet.at(0).readiness(), { timeout: 5_000 }).toBe(200);
    await expect.poll(async () => (await device.status()).checking, { timeout: 5_000 }).toBe(false);
  });
});

function fail(): never {
  throw new Error('there is no device');
}
