// What requests to the shop leave behind in the gateway for the garbage collector.

import { Client } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { navigationHeaders } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';

const preload = new URL('../../support/kept-bytes-preload.ts', import.meta.url).href;
/** Young objects are collected several times among so many. */
const requests = 1_200;
let shop: RecordingShop;
let gateway: GatewayProcess;
let client: Client;
beforeAll(async () => {
  shop = await RecordingShop.start();
  gateway = await GatewayProcess.start({
    rooms: [{ id: 'kept', shop: shop.url }],
    env: { NODE_OPTIONS: `--import=${preload} --max-semi-space-size=2` },
  });
  client = new Client(gateway.url);
});
afterAll(async () => {
  await client?.close();
  await gateway?.remove();
  await shop?.close();
});

async function ask(cookie: string): Promise<string> {
  const answer = await client.request({ path: '/', method: 'GET', headers: { ...navigationHeaders, cookie } });
  expect(answer.statusCode).toBe(200);
  await answer.body.dump();
  return [answer.headers['set-cookie'] ?? []]
    .flat()
    .map(line => line.split(';', 1)[0])
    .join('; ');
}

// An accessor in an object literal, and a function that is assigned to a property, live with the old objects from the
// beginning: each kept its whole request, 7 KB, until all of these were collected, and every pause was five times as long.
test('[PX160] of a request that went through to the shop less than 1 KB is carried over to the old objects', async () => {
  const cookie = await ask('');
  for (let count = 0; count < 400; count += 1) await ask(cookie);
  process.kill(gateway.pid, 'SIGUSR2');
  for (let count = 0; count < requests; count += 1) await ask(cookie);
  process.kill(gateway.pid, 'SIGUSR2');
  await expect.poll(() => gateway.said).toMatch(/kept -?\d+ bytes/);
  const [, kept, collections] = /kept (-?\d+) bytes in (\d+)/.exec(gateway.said) ?? [];
  expect(Number(collections)).toBeGreaterThan(5);
  expect(Number(kept) / requests).toBeLessThan(1_000);
});
