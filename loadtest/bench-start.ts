// The start of a sale with 19,000 sockets on one gateway: from the seal to the drawn number at every device.
// node loadtest/bench-start.ts [--save] [--sockets=19000]
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { atMost, median, percentile, report } from './bench-figures.ts';
import { cpuMs } from './bench-process.ts';
import type { Seen, SocketOrders } from './bench-push-sockets.ts';

const sockets = Number(/--sockets=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 19_000);
const processes = 2;
const hourMs = 3_600_000;
const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();

async function ask(child: ChildProcess, orders: SocketOrders): Promise<Seen> {
  child.send(orders);
  const [{ answer, error }] = await once(child, 'message');
  if (error !== undefined) throw new Error(error);
  return answer;
}

async function run(): Promise<void> {
  const gateway = await GatewayProcess.start({
    rooms: [{ id: 'sale', shop: 'http://127.0.0.1:1', opensAt: fromNow(-1_000), startsAt: fromNow(hourMs) }],
  });
  const crowd = Array.from({ length: processes }, () =>
    fork(join(import.meta.dirname, 'bench-push-sockets.ts'), { serialization: 'advanced' }),
  );
  try {
    await Promise.all(crowd.map(child => once(child, 'message')));
    await measure(gateway, crowd);
  } finally {
    for (const child of crowd) child.kill('SIGKILL');
    await gateway.remove();
  }
}

async function measure(gateway: GatewayProcess, crowd: readonly ChildProcess[]): Promise<void> {
  const { port } = gateway;
  const everyone: SocketOrders = {
    kind: 'connect',
    port,
    path: '/_junban/v1/socket',
    count: sockets / processes,
    joins: true,
    observes: true,
  };
  await Promise.all(crowd.map(child => ask(child, everyone)));
  // Nobody is called, so that each device's first number is the drawn one.
  await gateway.operate('POST', 'sale/pause');
  await sleep(5_000);
  const beforeMs = cpuMs(gateway.pid);
  await gateway.operate('PUT', 'sale/phase', { phase: 'open' });
  const heardAtMs = new Map<number, number>();
  for (let tries = 0; heardAtMs.size < sockets && tries < 200; tries += 1) {
    await sleep(100);
    for (const { told } of await Promise.all(crowd.map(child => ask(child, { kind: 'take' })))) {
      for (const each of told) if (!heardAtMs.has(each.number)) heardAtMs.set(each.number, each.heardAtMs);
    }
  }
  const cpu = cpuMs(gateway.pid) - beforeMs;
  if (heardAtMs.size < sockets) throw new Error(`${heardAtMs.size} of ${sockets} devices have their number`);
  const { body } = await request(`${gateway.url}/_junban/v1/rooms/sale`);
  const { startsAt } = (await body.json()) as { startsAt: string };
  const delaysMs = [...heardAtMs.values()].map(atMs => atMs - Date.parse(startsAt));
  const common = { unit: 'ms', floor: null };
  report(
    'bench-start',
    [
      { what: 'start → drawn number, the last device', value: Math.max(...delaysMs), ...common, budget: atMost(2_000) },
      { what: 'start → drawn number p50', value: median(delaysMs), ...common, budget: null },
      { what: 'start → drawn number p99', value: percentile(delaysMs, 99), ...common, budget: null },
      { what: 'CPU of the gateway for the start', value: cpu, ...common, budget: null },
    ],
    { sockets },
  );
}

await run();
