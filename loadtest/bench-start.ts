// The start of a sale: from the seal to the drawn number at every device. 19,000 sockets on one gateway, or more of them
// over several gateways that share a Redis. node loadtest/bench-start.ts [--save] [--sockets=100000 --gateways=6]
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { RedisProcess } from '../test/support/redis-process.ts';
import { atMost, type Figure, median, percentile, report } from './bench-figures.ts';
import { cpuMs } from './bench-process.ts';
import type { Placed, StartOrders } from './bench-start-sockets.ts';

const option = (name: string, otherwise: number): number =>
  Number(new RegExp(`--${name}=(\\d+)`).exec(process.argv.join(' '))?.[1] ?? otherwise);
const sockets = option('sockets', 19_000);
const gatewayCount = option('gateways', 1);
/** Of the devices: a process may open 20,000 files. */
const processes = Math.max(2, gatewayCount);
const hourMs = 3_600_000;
/** The crowd is asked only when the numbers should be there: asking costs what is measured. */
const settleMs = 4_000;
const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();

type Stand = {
  readonly redis: RedisProcess | null;
  readonly gateways: readonly GatewayProcess[];
  readonly crowd: readonly ChildProcess[];
};

async function ask(child: ChildProcess, orders: StartOrders): Promise<Placed> {
  child.send(orders);
  const [{ answer, error }] = await once(child, 'message');
  if (error !== undefined) throw new Error(error);
  return answer;
}

async function run(): Promise<void> {
  const redis = gatewayCount > 1 ? await RedisProcess.start() : null;
  const store = redis === null ? {} : { store: { kind: 'redis', url: `redis://127.0.0.1:${redis.port}` } };
  const room = { id: 'sale', shop: 'http://127.0.0.1:1', opensAt: fromNow(-1_000), startsAt: fromNow(hourMs) };
  const gateways: GatewayProcess[] = [];
  // Cut short, it leaves nothing behind.
  process.once('SIGTERM', () => {
    for (const { pid } of [...gateways, ...(redis === null ? [] : [redis])]) process.kill(pid, 'SIGKILL');
    process.exit(1);
  });
  for (let index = 0; index < gatewayCount; index += 1) {
    gateways.push(await GatewayProcess.start({ rooms: [room], more: store }));
  }
  const crowd = Array.from({ length: processes }, () =>
    fork(join(import.meta.dirname, 'bench-start-sockets.ts'), { serialization: 'advanced' }),
  );
  try {
    await Promise.all(crowd.map(child => once(child, 'message')));
    await measure({ redis, gateways, crowd });
  } finally {
    for (const child of crowd) child.kill('SIGKILL');
    for (const gateway of gateways) await gateway.remove();
    await redis?.remove();
  }
}

async function measure({ redis, gateways, crowd }: Stand): Promise<void> {
  const [first] = gateways;
  if (first === undefined) throw new Error('there is no gateway');
  const share = Math.ceil(sockets / processes);
  const connecting = crowd.map((child, index) => {
    const { port } = gateways[index % gateways.length] ?? first;
    const count = Math.min(share, sockets - index * share);
    return ask(child, { kind: 'connect', port, count });
  });
  const joinedFromMs = Date.now();
  await Promise.all(connecting);
  const joiningMs = Date.now() - joinedFromMs;
  // Nobody is called, so that each device's first number is the drawn one.
  await first.operate('POST', 'sale/pause');
  await sleep(5_000);
  const usedMs = (): readonly number[] => [
    gateways.reduce((sum, { pid }) => sum + cpuMs(pid), 0),
    crowd.reduce((sum, { pid }) => sum + cpuMs(pid ?? 0), 0),
    redis === null ? 0 : cpuMs(redis.pid),
  ];
  const before = usedMs();
  await first.operate('PUT', 'sale/phase', { phase: 'open' });
  await sleep(settleMs);
  const [gatewayMs = 0, crowdMs = 0, redisMs = 0] = usedMs().map((ms, index) => ms - (before[index] ?? 0));
  const placed = await untilPlaced(crowd);
  const { body } = await request(`${first.url}/_junban/v1/rooms/sale`);
  const { startsAt } = (await body.json()) as { startsAt: string };
  const delaysMs = placed.map(atMs => atMs - Date.parse(startsAt));
  const common = { unit: 'ms', floor: null, budget: null };
  const lastMs = delaysMs.reduce((last, ms) => Math.max(last, ms), 0);
  const figures: Figure[] = [
    { what: 'start → drawn number, the last device', unit: 'ms', value: lastMs, floor: null, budget: atMost(2_000) },
    { what: 'start → drawn number p50', value: median(delaysMs), ...common },
    { what: 'start → drawn number p99', value: percentile(delaysMs, 99), ...common },
    { what: 'CPU of the gateways for the start', value: gatewayMs, ...common },
    { what: 'CPU of the devices, on the same cores', value: crowdMs, ...common },
  ];
  if (redis !== null) figures.push({ what: 'CPU of redis-server', value: redisMs, ...common });
  figures.push({ what: 'joining and connecting, all of them', value: joiningMs, ...common });
  const name = gatewayCount === 1 ? 'bench-start' : `bench-start-${gatewayCount}`;
  report(name, figures, { sockets, gateways: gatewayCount, settleMs });
}

/** When each device was told its place: every place once, and all of them. */
async function untilPlaced(crowd: readonly ChildProcess[]): Promise<readonly number[]> {
  for (let tries = 0; tries < 20; tries += 1) {
    const seen = await Promise.all(crowd.map(child => ask(child, { kind: 'take' })));
    const places = new Set(seen.flatMap(each => each.places));
    if (places.size === sockets) return seen.flatMap(each => each.heardAtMs);
    console.log(
      `${places.size} of ${sockets} devices have their place, ${seen.reduce((sum, { open }) => sum + open, 0)} are connected`,
    );
    await sleep(500);
  }
  throw new Error('not all devices have a place of their own');
}

await run();
