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
