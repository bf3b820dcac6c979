// A failover by a real Sentinel under two real gateways, with the last writes lost.

import { afterEach, expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { RedisProcess } from '../../support/redis-process.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('[ST75] a failover with the last writes lost: the same line, no number twice, whoever was let in stays in', async () => {
  const shop = await RecordingShop.start();
  ends.push(() => shop.close());
  const master = await RedisProcess.start();
  ends.push(() => master.remove());
  const replica = await RedisProcess.start({ replicaof: `127.0.0.1 ${master.port}` });
  ends.push(() => replica.remove());
  const replication = async () => String(await master.command('INFO', 'replication'));
  await expect.poll(replication, { timeout: 10_000 }).toMatch(/state=online/);
  const sentinel = await RedisProcess.startSentinel('junban', master.port);
  ends.push(() => sentinel.remove());
  const known = async () => String(await sentinel.command('SENTINEL', 'REPLICAS', 'junban'));
  await expect.poll(known, { timeout: 15_000 }).toContain(String(replica.port));
  const gateways: GatewayProcess[] = [];
  for (let count = 0; count < 2; count += 1) {
    const gateway = await GatewayProcess.start({
      rooms: [{ id: 'sale', shop: shop.url, pacePerMinute: 6_000, activeCap: 2, graceTime: '30s' }],
      more: { store: { kind: 'redis', sentinel: { name: 'junban', hosts: [`127.0.0.1:${sentinel.port}`] } } },
    });
    ends.push(() => gateway.remove());
    gateways.push(gateway);
  }
  const url = (index: number) => gateways[index % 2]?.url ?? '';
  const inside = new Device(url(0), 'sale');
  await inside.visit('/');
  await master.replicatedTo(replica);

  replica.freeze();
  await master.command('CLIENT', 'KILL', 'TYPE', 'replica');
  // What the replica never hears of: numbers, and a second device that is let in.
  const late = new Device(url(1), 'sale');
  await late.visit('/');
  expect(late.pass).not.toBe('');
  const waiting: Device[] = [];
  for (let index = 0; index < 4; index += 1) waiting.push(await Device.joined(url(index), 'sale'));
  const lines = waiting.map((device, index) => device.copy(url(index + 1)).follow('socket'));
  await Promise.all(lines.map((line, index) => line.until(({ ahead, total }) => ahead === index && total === 4)));
  await master.kill();
  replica.thaw();

  await Promise.all(lines.map(line => line.until(({ checking }) => checking, 10_000)));
  await Promise.all(lines.map(line => line.until(({ checking }) => !checking, 40_000)));
  for (const [index, line] of lines.entries()) {
    const status = await line.until(({ total }) => total === 4, 10_000);
    expect(status).toMatchObject({ state: 'waiting', place: index + 2, ahead: index });
  }
  for (const device of [inside, late]) expect((await device.copy(url(1)).fetch('/api')).status).toBe(200);
  const joins = async () => (await new Device(url(0), 'sale').join()).status;
  await expect.poll(joins, { timeout: 10_000 }).toBe(201);
  const next = await Device.joined(url(1), 'sale');
  expect(next.number).toBeGreaterThan(Math.max(...waiting.map(({ number }) => number)) + 1);
  expect((await inside.leave()).status).toBe(204);
  await lines[0]?.until(({ state }) => state === 'called', 5_000);
  for (const line of lines) line.close();
});
