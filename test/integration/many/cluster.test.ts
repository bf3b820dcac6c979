// Whole gateways over a real Redis Cluster: fans join, are called and go in while the slot of their room moves, and when a
// slot is missing all gateways say the same.

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Crowd } from '../../support/crowd.ts';
import { Device } from '../../support/device.ts';
import { type GatewayConfig, GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { RedisCluster } from '../../support/redis-cluster.ts';

const prefix = 'fans';
const head = `${prefix}:{sale}:head`;
let cluster: RedisCluster;
let shop: RecordingShop;
const gateways: GatewayProcess[] = [];
const url = (index: number) => gateways[index % 2]?.url ?? '';
beforeAll(async () => {
  cluster = await RedisCluster.start();
  shop = await RecordingShop.start();
  gateways.push(...(await Promise.all([GatewayProcess.start(config()), GatewayProcess.start(config())])));
});
function config(): GatewayConfig {
  const hosts = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`);
  const room = { pacePerMinute: 600, activeCap: 1_000, claimWindow: '1m', graceTime: '30s' };
  return {
    rooms: [{ id: 'sale', shop: shop.url, ...room }],
    more: { store: { kind: 'redis', cluster: { hosts }, keyPrefix: prefix } },
  };
}
afterAll(async () => {
  await Promise.all(gateways.map(gateway => gateway.remove()));
  await shop?.close();
  await cluster?.remove();
});

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

test('[ST165] over a Cluster fans join, are called and go in at any gateway while the slot of their room moves', async () => {
  const before = await cluster.ownerOf(head);
  const crowds = [0, 1].map(
    index => new Crowd({ url: url(index), room: 'sale', devices: 25, stayMs: null, absentEvery: 0 }),
  );
  ends.push(...crowds.map(crowd => () => crowd.kill()));
  const admitted = () => crowds.reduce((sum, { tally }) => sum + tally.admitted, 0);
  await expect.poll(admitted, { timeout: 20_000 }).toBeGreaterThan(10);
  const watcher = await Device.joined(url(0), 'sale');
  const watching = watcher.copy(url(1)).follow('socket');
  ends.push(() => watching.close());
  await watching.until(() => true);

  await cluster.moveSlotOf(head);
  expect(await cluster.ownerOf(head)).not.toBe(before);
  const admittedMeanwhile = admitted();
  // Joins, calls and claims go on where the room is now.
  const late = await Device.joined(url(1), 'sale');
  expect(late.number).toBeGreaterThan(watcher.number);
  await expect.poll(admitted, { timeout: 30_000 }).toBe(50);
  expect(admittedMeanwhile).toBeLessThan(50);
  const members = (await Promise.all(crowds.map(crowd => crowd.end()))).flat();
  expect(new Set(members.map(({ number }) => number)).size).toBe(50);
  expect(members.filter(({ passIds }) => new Set(passIds).size !== 1)).toEqual([]);
  expect(new Set(members.flatMap(({ passIds }) => passIds)).size).toBe(50);
  // What moves is not away.
  expect(watching.heard.filter(({ status }) => status.checking)).toEqual([]);
});

test('[ST163] a slot that is missing: every gateway says so and what to do, and goes on when it is served again', async () => {
  await gateways[0]?.operate('POST', 'sale/pause');
  const device = await Device.joined(url(0), 'sale');
  const lines = [0, 1].map(index => device.copy(url(index)).follow('socket'));
  ends.push(...lines.map(line => () => line.close()));
  await Promise.all(lines.map(line => line.until(({ state, paused }) => state === 'waiting' && paused)));
  const owner = await cluster.ownerOf(head);
  const slot = await cluster.otherSlotOf(owner, head);
  for (const node of cluster.nodes) await node.command('CLUSTER', 'DELSLOTS', slot);
  await Promise.all(lines.map(line => line.until(({ checking }) => checking, 10_000)));
  for (const gateway of gateways) {
    await expect.poll(() => gateway.readiness(), { timeout: 5_000 }).toBe(503);
    await expect
      .poll(() => gateway.said, { timeout: 6_000 })
      .toMatch(/redis-cli --cluster (?:check|fix).*nobody is called/);
    expect((await new Device(gateway.url, 'sale').join()).status).toBe(503);
  }
  await expect(GatewayProcess.start(config())).rejects.toThrow(/serves \d+ of 16384 slots: "redis-cli --cluster fix"/);
  await owner.command('CLUSTER', 'ADDSLOTS', slot);
  await Promise.all(lines.map(line => line.until(({ checking, ahead }) => !checking && ahead === 0, 15_000)));
  for (const gateway of gateways) await expect.poll(() => gateway.readiness(), { timeout: 5_000 }).toBe(200);
  await Device.joined(url(1), 'sale');
});
