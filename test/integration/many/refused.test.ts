// What Redis refuses while gateways run: every gateway gives the same answer, whoever calls, and says it once.

import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import type { Following } from '../../support/follow.ts';
import { GatewayFleet } from '../../support/gateway-fleet.ts';
import type { GatewayProcess } from '../../support/gateway-process.ts';

let fleet: GatewayFleet;
let lines: Following[] = [];
let operator: Redis | null = null;
afterEach(async () => {
  for (const line of lines) line.close();
  lines = [];
  operator?.disconnect();
  await fleet.remove();
});

type Refusal = {
  readonly what: string;
  readonly begin: readonly (readonly [string, ...string[]])[];
  readonly end: readonly (readonly [string, ...string[]])[];
  /** What the log says, with the remedy. */
  readonly says: RegExp;
};

const refusals: readonly Refusal[] = [
  {
    // One gateway said that all was well, because its turns had nothing to commit.
    what: 'no permission for what presence needs',
    begin: [['ACL', 'SETUSER', 'default', '-zadd']],
    end: [['ACL', 'SETUSER', 'default', '+zadd']],
    says: /denies user .{0,2}default.{0,2} what Junban needs: deploy\/redis\/users\.acl/,
  },
  {
    what: 'no memory left',
    begin: [['CONFIG', 'SET', 'maxmemory', '1']],
    end: [['CONFIG', 'SET', 'maxmemory', '0']],
    says: /Redis is out of memory.*maxmemory/,
  },
  {
    what: 'another password',
    begin: [
      ['ACL', 'SETUSER', 'default', 'resetpass', '>another'],
      ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'],
    ],
    end: [['ACL', 'SETUSER', 'default', 'nopass']],
    says: /Redis wants a password and none is configured: set it in store/,
  },
];

const troubleOf = async (gateway: GatewayProcess) => /^junban_store_trouble (\d)/m.exec(await gateway.metrics())?.[1];
const begun = (gateway: GatewayProcess) => gateway.said.split('\n').filter(line => /nobody is called/.test(line));
const over = (gateway: GatewayProcess) => gateway.said.split('\n').filter(line => /trouble is over/.test(line));

test('[ST163] what Redis refuses while gateways run is the same answer at each, one line when it begins and one when it ends', async () => {
  fleet = await GatewayFleet.start({ gateways: 2, room: { pacePerMinute: 6_000, activeCap: 1, graceTime: '1m' } });
  operator = new Redis({ port: fleet.redis.port });
  const redis = operator;
  const commands = async (of: Refusal['begin']) => {
    for (const [name, ...words] of of) await redis.call(name, ...words);
  };
  await new Device(fleet.at(0).url, 'sale').visit('/');
  const devices = [await Device.joined(fleet.at(0).url, 'sale'), await Device.joined(fleet.at(1).url, 'sale')];
  lines = devices.map(device => device.follow('socket'));
  await Promise.all(lines.map((line, index) => line.until(({ ahead, total }) => ahead === index && total === 2)));
  for (const { what, begin, end, says } of refusals) {
    const before = fleet.gateways.map(gateway => [begun(gateway).length, over(gateway).length] as const);
    await commands(begin);
    await Promise.all(lines.map(line => line.until(({ checking }) => checking, 6_000)));
    for (const [index, gateway] of fleet.gateways.entries()) {
      await expect.poll(() => gateway.readiness(), { timeout: 5_000, message: what }).toBe(503);
      expect(await troubleOf(gateway), what).toBe('1');
      const join = await new Device(gateway.url, 'sale').join();
      expect([join.status, join.json()['code']], what).toEqual([503, 'store-unavailable']);
      expect(lines[index]?.latest, what).toMatchObject({ checking: true, ahead: index, total: 2 });
      const told = () => begun(gateway).slice(before[index]?.[0]).join();
      await expect.poll(told, { timeout: 6_000, message: what }).toMatch(says);
    }
    await commands(end);
    await Promise.all(lines.map(line => line.until(({ checking }) => !checking, 8_000)));
    for (const [index, gateway] of fleet.gateways.entries()) {
      await expect.poll(() => over(gateway).length, { timeout: 6_000 }).toBe((before[index]?.[1] ?? 0) + 1);
      const told = begun(gateway).slice(before[index]?.[0]);
      // A second one where the reason proves to be another.
      expect(told.length, what).toBeLessThanOrEqual(2);
      expect(await troubleOf(gateway), what).toBe('0');
    }
  }
  for (const [index, line] of lines.entries()) expect(line.latest).toMatchObject({ place: index + 1, ahead: index });
}, 120_000);
