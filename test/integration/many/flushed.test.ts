// A Redis that was flushed while a room was still empty: its numbers begin far above, and everything else is as ever; with
// numbers beyond what a gateway can hold one device is refused, and nobody else.

import { once } from 'node:events';
import { request } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { skipAfterLoss } from '../../../src/store/redis/number-queue.ts';
import { Device, navigationHeaders } from '../../support/device.ts';
import { transports } from '../../support/follow.ts';
import { GatewayFleet } from '../../support/gateway-fleet.ts';

let fleet: GatewayFleet;
afterEach(() => fleet.remove());

test('[ST250] a line that begins on a flushed server is followed over every transport, called, and let in', async () => {
  fleet = await GatewayFleet.start({ gateways: 1, room: { pacePerMinute: 600, activeCap: 1, claimWindow: '30s' } });
  await fleet.redis.command('FLUSHALL');
  await fleet.add();
  const joined: Device[] = [];
  for (let index = 0; index < 4; index += 1) joined.push(await Device.joined(fleet.at(index).url, 'sale'));
  const firstNumber = 16 * skipAfterLoss;
  expect(joined.map(({ number }) => number - firstNumber)).toEqual([0, 1, 2, 3]);
  const [first, ...others] = joined;
  if (first === undefined) throw new Error('nobody joined');
  await first.untilCalled(8_000);
  expect((await first.enter()).status).toBe(201);
  const lines = others.map((device, index) => device.copy(fleet.at(index).url).follow(transports[index] ?? 'socket'));
  for (const [ahead, line] of lines.entries()) await line.until(status => status.ahead === ahead, 6_000);
  const answers = [0, 1].map(index => first.copy(fleet.at(index).url).fetch('/api'));
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
  for (const line of lines) line.close();
});

test('[LN155] until somebody leads a room on a flushed server it is not known to be closed: 503, and not ready', async () => {
  fleet = await GatewayFleet.start({ gateways: 1, room: { pacePerMinute: 600, activeCap: 1 } });
  const gateway = fleet.at(0);
  await gateway.kill();
  await fleet.redis.command('FLUSHALL');
  const started = gateway.restart();
  // Awaited below, unless what is looked for before that fails.
  started.catch(() => undefined);
  const [pages, joins] = [new Set<string>(), new Set<string>()];
  const look = async () => {
    pages.add(await answerOf(`${gateway.url}/`, 'GET'));
    const join = await answerOf(`${gateway.url}/_junban/v1/tickets?room=sale`, 'POST');
    joins.add(join);
    return join;
  };
  await expect.poll(look, { timeout: 25_000, interval: 20 }).toBe('201');
  await started;
  expect([...joins].sort()).toEqual(['201', '503 store-unavailable', 'nobody there']);
  expect([...pages].filter(page => page !== '200').sort()).toEqual(['503', 'nobody there']);
});

async function answerOf(url: string, method: 'GET' | 'POST'): Promise<string> {
  const headers = method === 'GET' ? navigationHeaders : {};
  const answer = await request(url, { method, headers }).catch(() => null);
  if (answer === null) return 'nobody there';
  const text = await answer.body.text();
  const isProblem = answer.headers['content-type'] === 'application/problem+json';
  return isProblem ? `${answer.statusCode} ${/"code":"([\w-]+)"/.exec(text)?.[1]}` : `${answer.statusCode}`;
}

test('[WR200] a socket of a device that cannot be held is closed with 1011, and the gateway goes on', async () => {
  fleet = await GatewayFleet.start({ gateways: 1, room: { pacePerMinute: 600, activeCap: 1 } });
  const run = /run_id:(\w+)/.exec(String(await fleet.redis.command('INFO', 'server')))?.[1] ?? '';
  await fleet.redis.command('HSET', fleet.keyOf('numbers'), 'next', String(2 ** 36), 'run', run);
  const device = await Device.joined(fleet.at(0).url, 'sale');
  expect(device.number).toBe(2 ** 36);
  const address = `${device.url.replace('http', 'ws')}${device.at('/socket')}`;
  const socket = new WebSocket(address, ['junban.v1'], { headers: { authorization: `Bearer ${device.ticket}` } });
  const [code] = await once(socket, 'close');
  expect(code).toBe(1011);
  expect(fleet.at(0).said).toMatch(/window of \d+ words/);
  expect(await fleet.at(0).readiness()).toBe(200);
});
