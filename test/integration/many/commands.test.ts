// How many commands a gateway sends to Redis in the steady state: the budget that deploy/redis/README.md states.

import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import { GatewayFleet } from '../../support/gateway-fleet.ts';

const commandsMax = 20;

let fleet: GatewayFleet;
afterEach(() => fleet.remove());

/** Commands that came over each connection within the time; what scripts run inside of Redis is not among them. */
async function commandsPerSecond(ms: number): Promise<ReadonlyMap<string, number>> {
  const client = new Redis({ port: fleet.redis.port });
  const monitor = await client.monitor();
  const counts = new Map<string, number>();
  monitor.on('monitor', (_time: string, _words: readonly string[], source: string) => {
    if (source === 'lua') return;
    counts.set(source, (counts.get(source) ?? 0) + 1);
  });
  await delay(ms);
  monitor.disconnect();
  client.disconnect();
  return new Map([...counts].map(([source, count]) => [source, (count * 1_000) / ms]));
}

test('[ST123] at 600 a minute, with claims at another gateway than the caller, each sends at most 20 commands a second, and claims are answered in time', async () => {
  fleet = await GatewayFleet.start({
    gateways: 2,
    room: { pacePerMinute: 600, activeCap: 100_000, claimWindow: '1m', graceTime: '30s' },
  });
  const other = 1 - (await fleet.caller());
  await fleet.at(0).operate('POST', 'sale/pause');
  const devices = await Promise.all(Array.from({ length: 120 }, () => Device.joined(fleet.at(other).url, 'sale')));
  const lines = devices.map(device => device.follow('socket'));
  await Promise.all(lines.map(each => each.until(({ total }) => total === devices.length)));
  await fleet.at(0).operate('POST', 'sale/resume');
  const entered = lines.map(async (each, index) => {
    await each.until(({ state }) => state === 'called', 30_000);
    const askedAtMs = performance.now();
    const { status } = (await devices[index]?.claim()) ?? { status: 0 };
    return { status, ms: performance.now() - askedAtMs };
  });
  await Promise.all(entered.slice(0, 10));
  const [counts, answers] = await Promise.all([commandsPerSecond(8_000), Promise.all(entered)]);
  for (const each of lines) each.close();
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(commandsMax);
  expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
  const sorted = answers.map(({ ms }) => ms).sort((one, other) => one - other);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(150);
}, 40_000);

test('[ST211] ten rooms in which nobody is cost a gateway at most 20 commands a second, and wake at once', async () => {
  const moreRooms = Array.from({ length: 9 }, (_, index) => `room-${index}`);
  fleet = await GatewayFleet.start({ gateways: 2, room: { pacePerMinute: 600, graceTime: '30s' }, moreRooms });
  const caller = await fleet.caller();
  await delay(4_000);
  const counts = await commandsPerSecond(10_000);
  expect(counts.size).toBeGreaterThanOrEqual(2);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(commandsMax);
  const other = fleet.at(caller + 1);
  // Who comes first is called at once, at whichever gateway.
  const calledAfterMs = async (room: string, act: () => Promise<unknown> = async () => undefined) => {
    const device = await Device.joined(other.url, room);
    const sinceMs = performance.now();
    const line = device.follow('socket');
    await act();
    await line.until(({ state }) => state === 'called', 10_000);
    line.close();
    return performance.now() - sinceMs;
  };
  expect(await calledAfterMs('room-1')).toBeLessThan(1_500);
  await other.operate('PUT', 'room-2/pace', { perMinute: 77 });
  const paceAtCaller = async () => (await fleet.at(caller).operate('GET', 'room-2'))['pacePerMinute'];
  await expect.poll(paceAtCaller, { timeout: 1_000, interval: 20 }).toBe(77);
  expect(await calledAfterMs('room-3', () => fleet.at(caller).kill())).toBeLessThan(3_000);
}, 60_000);
