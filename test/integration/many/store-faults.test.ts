// Redis fails under several gateways: fans see "checking" with the last true numbers, nobody joins meanwhile, no place is
// lost, and everything goes on by itself within 5 s of its return.

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import type { Following } from '../../support/follow.ts';
import { GatewayFleet } from '../../support/gateway-fleet.ts';
import { JoinStorm, watchMemory } from '../../support/join-storm.ts';

let fleet: GatewayFleet;
let lines: Following[] = [];
let storm: JoinStorm | null = null;
afterEach(async () => {
  await storm?.end();
  storm = null;
  for (const line of lines) line.close();
  lines = [];
  await fleet.remove();
});

/** One device inside, and one in line at each gateway, followed. */
async function line(gateways: number): Promise<readonly Device[]> {
  const room = {
    pacePerMinute: 6_000,
    activeCap: 1,
    claimWindow: '1m',
    graceTime: '30s',
    pass: { idle: '5m', max: '10m' },
  };
  fleet = await GatewayFleet.start({ gateways, room });
  await new Device(fleet.at(0).url, 'sale').visit('/');
  const devices: Device[] = [];
  for (let index = 0; index < gateways; index += 1) devices.push(await Device.joined(fleet.at(index).url, 'sale'));
  lines = devices.map(device => device.follow('socket'));
  await Promise.all(
    lines.map((each, index) => each.until(({ ahead, total }) => ahead === index && total === gateways)),
  );
  return devices;
}

const allChecking = (checking: boolean, withinMs: number) =>
  Promise.all(lines.map(each => each.until(status => status.checking === checking, withinMs)));

async function expectAsBefore(): Promise<void> {
  for (const [index, each] of lines.entries()) {
    const { ahead, total, place } = await each.until(status => !status.checking && status.total === lines.length);
    expect({ ahead, total, place }).toEqual({ ahead: index, total: lines.length, place: index + 1 });
  }
}

/** What was told while checking is what was true before: the same numbers, and the instant for which they held. */
function expectNothingInvented(): void {
  for (const [index, each] of lines.entries()) {
    const told = each.heard.map(({ status }) => status).filter(({ checking }) => checking);
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter(({ ahead, total }) => ahead !== index || total !== lines.length)).toEqual([]);
    expect(new Set(told.map(({ asOf }) => asOf)).size).toBeLessThanOrEqual(2);
  }
}

test('[ST67] Redis killed and started again: checking, no joins, then the same line within 5 s', async () => {
  await line(2);
  await fleet.redis.kill();
  await allChecking(true, 5_000);
  const join = await new Device(fleet.at(0).url, 'sale').join();
  expect([join.status, join.json()['code']]).toEqual([503, 'store-unavailable']);
  await fleet.redis.start();
  const backAtMs = Date.now();
  await allChecking(false, 5_000);
  await expectAsBefore();
  const late = await Device.joined(fleet.at(1).url, 'sale');
  expect(Date.now() - backAtMs).toBeLessThan(5_000);
  expect(late.number).toBeGreaterThan(2);
  expectNothingInvented();
});

test('[ST67] Redis hung for 5 s', async () => {
  await line(2);
  const hung = fleet.redis.hang(5_000);
  await allChecking(true, 5_000);
  await hung;
  const backAtMs = Date.now();
  await allChecking(false, 5_000);
  await expectAsBefore();
  await Device.joined(fleet.at(0).url, 'sale');
  expect(Date.now() - backAtMs).toBeLessThan(5_000);
  expectNothingInvented();
});

test('[ST67] FLUSHALL by mistake: the gateways put back what they know, and the line goes on', async () => {
  await line(2);
  await fleet.redis.command('FLUSHALL');
  await delay(2_500);
  await expectAsBefore();
  const late = await Device.joined(fleet.at(1).url, 'sale');
  expect(late.number).toBeGreaterThan(2);
  await fleet.at(0).operate('PUT', 'sale/cap', { active: 10 });
  await Promise.all(lines.map(each => each.until(({ state }) => state === 'called', 5_000)));
});

test('[ST68] one gateway that is cut off says "checking" and that it is not ready; the others go on', async () => {
  await line(3);
  const cut = ((await fleet.caller()) + 1) % 3;
  fleet.proxies[cut]?.hold();
  await lines[cut]?.until(({ checking }) => checking, 6_000);
  await expect.poll(() => fleet.at(cut).readiness(), { timeout: 3_000 }).toBe(503);
  const free = (cut + 1) % 3;
  expect(await fleet.at(free).readiness()).toBe(200);
  await Device.joined(fleet.at(free).url, 'sale');
  expect(lines[free]?.latest?.checking).toBe(false);
  fleet.proxies[cut]?.release();
  await lines[cut]?.until(({ checking, total }) => !checking && total === 3, 10_000);
});

test('[ST68] the caller that is cut off is followed by another within 3 s', async () => {
  await line(3);
  const caller = await fleet.caller();
  fleet.proxies[caller]?.hold();
  const others = fleet.gateways.filter((_, index) => index !== caller);
  const setAtMs = Date.now();
  const setPace = () =>
    others[0]?.operate('PUT', 'sale/pace', { perMinute: 77 }).then(
      () => true,
      () => false,
    );
  await expect.poll(setPace, { timeout: 6_000, interval: 50 }).toBe(true);
  expect(Date.now() - setAtMs).toBeLessThan(3_500);
  fleet.proxies[caller]?.release();
  await lines[caller]?.until(({ checking, pacePerMinute }) => !checking && pacePerMinute === 77, 10_000);
});

test('[ST74] 5,000 joins a second while Redis hangs are refused in bounded memory, and are taken again within 5 s', async () => {
  const outageMs = 8_000;
  const perSecond = 5_000;
  await line(1);
  const gateway = fleet.at(0);
  const path = '/_junban/v1/tickets?room=sale';
  storm = new JoinStorm({ port: gateway.port, host: '127.0.0.1', path, perSecond, connectionsMax: 12_000 });
  await expect.poll(() => storm?.tally.joined, { timeout: 5_000 }).toBeGreaterThan(1_000);
  const residentBefore = gateway.residentBytes;
  const before = storm.tally;
  fleet.redis.freeze();
  const { growthBytes, slopeBytesPerSecond } = await watchMemory(gateway, residentBefore, outageMs);
  const during = storm.tally;
  storm.mark();
  const backAtMs = Date.now();
  fleet.redis.thaw();
  await expect.poll(() => storm?.tally.firstJoinedAtMs, { timeout: 8_000 }).toBeGreaterThan(backAtMs - 200);
  expect((storm.tally.firstJoinedAtMs ?? 0) - backAtMs).toBeLessThan(5_000);
  await expectAsBeforeOf(1);
  expect(storm.tally).toMatchObject({ other: 0, odd: [] });
  // What this machine cannot send in time is not sent later: as many as arrive must be refused, not kept.
  expect(during.sent - before.sent).toBeGreaterThan((perSecond * outageMs) / 1_000 / 2);
  expect(during.refused).toBeGreaterThan((during.sent - before.sent) * 0.7);
  expect(growthBytes).toBeLessThan(150 * 2 ** 20);
  // A kilobyte kept of each would be 5 MiB a second.
  expect(slopeBytesPerSecond).toBeLessThan(3 * 2 ** 20);
});

async function expectAsBeforeOf(place: number): Promise<void> {
  const status = await lines[0]?.until(({ checking }) => !checking, 5_000);
  expect(status).toMatchObject({ state: 'waiting', place, ahead: 0 });
}
