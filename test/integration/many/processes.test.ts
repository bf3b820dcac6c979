// `serve --processes N`: several gateway processes on one port of one machine.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import { freePort } from '../../support/free-port.ts';
import { GatewayProcess, runJunban } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { RedisProcess } from '../../support/redis-process.ts';

let ends: (() => Promise<void>)[] = [];
let shop: RecordingShop;
beforeEach(async () => {
  shop = await RecordingShop.start();
  ends = [() => shop.close()];
});
afterEach(async () => {
  for (const end of ends.reverse()) await end();
});

async function start(count: number): Promise<GatewayProcess> {
  const redis = await RedisProcess.start();
  ends.push(() => redis.remove());
  const gateway = await GatewayProcess.start({
    rooms: [{ id: 'sale', shop: shop.url, pacePerMinute: 6_000, activeCap: 1, graceTime: '10s' }],
    more: { store: { kind: 'redis', url: `redis://127.0.0.1:${redis.port}` } },
    args: ['--processes', String(count)],
  });
  ends.push(() => gateway.remove());
  const listening = () => gateway.said.match(/the gateway is listening/g)?.length ?? 0;
  await expect.poll(listening, { timeout: 20_000 }).toBe(count);
  return gateway;
}

async function sockets(gateway: GatewayProcess, part: number): Promise<number> {
  const { body } = await request(`http://127.0.0.1:${gateway.opsPort + part}/metrics`);
  return Number(/^junban_open_sockets\S* (\d+)/m.exec(await body.text())?.[1]);
}

async function sayingNo(config: object, ...args: string[]): Promise<{ code: number | null; stderr: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'junban-no-'));
  ends.push(async () => rmSync(folder, { recursive: true }));
  const path = join(folder, 'junban.yaml');
  writeFileSync(path, JSON.stringify({ rooms: [{ id: 'sale', shop: shop.url }], ...config }));
  return runJunban(['serve', '--config', path, ...args]);
}

test('[ST69] N processes on one port serve one line, one that dies is started again, and all end in order', async () => {
  const gateway = await start(2);
  expect(gateway.children).toHaveLength(2);
  await new Device(gateway.url, 'sale').visit('/');
  const devices: Device[] = [];
  for (let count = 0; count < 24; count += 1) devices.push(await Device.joined(gateway.url, 'sale'));
  expect(devices.map(({ number }) => number)).toEqual(devices.map((_, index) => index + 1));
  const lines = devices.map(device => device.follow('socket'));
  await Promise.all(lines.map((line, index) => line.until(({ ahead, total }) => ahead === index && total === 24)));
  const held = [await sockets(gateway, 0), await sockets(gateway, 1)];
  expect(held.reduce((sum, count) => sum + count)).toBe(24);
  expect(Math.min(...held)).toBeGreaterThan(0);

  const [dying = 0] = gateway.children;
  process.kill(dying, 'SIGKILL');
  const cut = await Promise.race(lines.map(line => line.ended.then(() => line)));
  const place = lines.indexOf(cut) + 1;
  const [again] = devices.slice(place - 1, place);
  // A connection that was still waiting to be accepted dies with the process: a fan's page tries again, and so here.
  const followOnce = () =>
    again
      ?.follow('socket')
      .until(() => true)
      .catch(() => null);
  await expect.poll(followOnce, { timeout: 3_000 }).toMatchObject({ state: 'waiting', place });
  await expect.poll(() => gateway.children.filter(pid => pid !== dying).length, { timeout: 5_000 }).toBe(2);
  const answers = () => Promise.all([sockets(gateway, 0), sockets(gateway, 1)]).catch(() => []);
  await expect.poll(async () => (await answers()).length, { timeout: 10_000 }).toBe(2);

  const { code } = await gateway.terminate();
  expect(code).toBe(0);
  for (const line of lines) line.close();
});

test('[ST125] a process that hangs is killed and started again, and one that is told to end is no error', async () => {
  const gateway = await start(2);
  const [hung = 0, told = 0] = gateway.children;
  process.kill(hung, 'SIGSTOP');
  await expect.poll(() => isAlive(hung), { timeout: 9_000 }).toBe(false);
  await expect.poll(() => gateway.children.length, { timeout: 5_000 }).toBe(2);
  expect(gateway.said).toMatch(/"level":"error".*a gateway process hangs: it is killed/);
  process.kill(told, 'SIGTERM');
  await expect.poll(() => gateway.said, { timeout: 12_000 }).toMatch(/"level":"info".*was told to end: it is started/);
  const listening = () => gateway.said.match(/the gateway is listening/g)?.length ?? 0;
  await expect.poll(listening, { timeout: 15_000 }).toBe(4);
}, 60_000);

test('[ST69] when the parent is killed, its processes end by themselves', async () => {
  const gateway = await start(2);
  const { children } = gateway;
  await gateway.kill();
  const alive = () => children.filter(isAlive).length;
  await expect.poll(alive, { timeout: 10_000 }).toBe(0);
});

test('[ST70] what cannot be shared is refused in one line: the embedded store, a port that is taken, no store', async () => {
  const embedded = await sayingNo({}, '--processes', '2');
  expect(embedded).toMatchObject({ code: 1, stderr: expect.stringMatching(/^junban: --processes needs a store.*\n$/) });
  const store = { kind: 'redis', url: `redis://127.0.0.1:${await freePort()}` };
  const other = await RecordingShop.start();
  ends.push(() => other.close());
  const taken = await sayingNo({ store, listen: `127.0.0.1:${other.port}` }, '--processes', '2');
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringMatching(/^junban: listen .* in use.*\n$/) });
  const ports = { listen: '127.0.0.1:9091', ops: { listen: '127.0.0.1:9090' } };
  const colliding = await sayingNo({ store, ...ports }, '--processes', '2');
  expect(colliding).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ops ports 9090 to 9091, and 9091 is "listen"/),
  });
  const lonely = await sayingNo({ store, listen: `127.0.0.1:${await freePort()}` }, '--processes', '2');
  expect(lonely.code).toBe(1);
  expect(lonely.stderr).toMatch(/^junban: .*Redis at .* is not reached.*\n$/);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // There is no such process any more.
    return false;
  }
}
