// What several gateways cost their Redis: joins per second and core with it, its CPU per 1,000 joins, and the commands and
// bytes a second and its memory with 1,000, 100,000 and 1,000,000 devices waiting at three gateways.
// `node loadtest/bench-redis.ts [--save]`. Needs wrk and redis-server.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { RedisProcess } from '../test/support/redis-process.ts';
import { atMost, type Figure, median, ratioAtLeast, report } from './bench-figures.ts';
import { cpuMs, endRole, forkRole, requireWrk, runWrk, serveHello } from './bench-process.ts';
import { type PartOrder, runPart } from './bench-redis-part.ts';
import { type RedisStats, statsOf } from './redis-stats.ts';

const rounds = 7;
const roundSeconds = 2;
const connections = 64;
const parts = 3;
const watchMs = 6_000;
const settleMs = 5_000;

async function joinFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'junban-bench-'));
  const post = join(folder, 'post.lua');
  writeFileSync(post, 'wrk.method = "POST"\n');
  const hello = await forkRole(import.meta.filename, 'hello');
  const redis = await RedisProcess.start();
  const room = { opensAt: '2020-01-01T00:00:00Z', startsAt: '2099-01-01T00:00:00Z' };
  const gateway = await GatewayProcess.start({
    rooms: [{ id: 'sale', shop: 'http://127.0.0.1:1', ...room }],
    more: { store: { kind: 'redis', url: `redis://127.0.0.1:${redis.port}` } },
  });
  const seen = { hello: [] as number[], join: [] as number[], perSecond: [] as number[], redisMs: [] as number[] };
  const measure = async (url: string, pid: number) => {
    const [beforeMs, redisBeforeMs] = [cpuMs(pid), cpuMs(redis.pid)];
    const { requests, perSecond, not2xx } = await runWrk(url, roundSeconds, [`-c${connections}`, '-s', post]);
    if (not2xx > 0) throw new Error(`${not2xx} of ${requests} requests were refused`);
    const usedMs = cpuMs(pid) - beforeMs;
    const redisMs = ((cpuMs(redis.pid) - redisBeforeMs) * 1_000) / requests;
    return { perCpuSecond: (requests * 1_000) / usedMs, perSecond, redisMs };
  };
  try {
    const [helloUrl, joinUrl] = [`http://127.0.0.1:${hello.port}/`, `${gateway.url}/_junban/v1/tickets`];
    await measure(joinUrl, gateway.pid);
    for (let round = 0; round < rounds; round += 1) {
      seen.hello.push((await measure(helloUrl, hello.pid)).perCpuSecond);
      const { perCpuSecond, perSecond, redisMs } = await measure(joinUrl, gateway.pid);
      seen.join.push(perCpuSecond);
      seen.perSecond.push(perSecond);
      seen.redisMs.push(redisMs);
    }
  } finally {
    await Promise.all([endRole(hello), gateway.remove()]);
    await redis.remove();
    rmSync(folder, { recursive: true });
  }
  const perCore = { value: median(seen.join), floor: median(seen.hello), budget: ratioAtLeast(0.4) };
  const plain = { floor: null, budget: null };
  return [
    { what: 'joins per core with Redis', unit: 'per CPU second', ...perCore },
    { what: 'joins with Redis', unit: 'per second', value: median(seen.perSecond), ...plain },
    {
      what: 'CPU of redis-server per 1,000 joins',
      unit: 'ms',
      value: median(seen.redisMs),
      floor: null,
      budget: atMost(1),
    },
  ];
}

async function steadyFigures(numbers: number, pacePerMinute: number): Promise<Figure[]> {
  const redis = await RedisProcess.start();
  const before = await statsOf(redis);
  const children = [];
  try {
    for (let index = 0; index < parts; index += 1) {
      const order: PartOrder = { redisPort: redis.port, numbers, index, parts, pacePerMinute };
      const child = fork(import.meta.filename, ['--role=part', JSON.stringify(order)]);
      children.push(child);
      await once(child, 'message');
    }
    await delay(settleMs);
    const from = await statsOf(redis);
    await delay(watchMs);
    const until = await statsOf(redis);
    const perSecond = (what: keyof RedisStats) => ((until[what] - from[what]) * 1_000) / watchMs / parts;
    const named = `${numbers.toLocaleString('en')} waiting, ${pacePerMinute} let in a minute, ${parts} gateways`;
    const memory = (until.memoryBytes - before.memoryBytes) / numbers;
    const plain = { floor: null, budget: null };
    return [
      {
        what: `commands per gateway, ${named}`,
        unit: 'per second',
        value: perSecond('sent'),
        floor: null,
        budget: atMost(20),
      },
      { what: `bytes to Redis per gateway, ${named}`, unit: 'per second', value: perSecond('inBytes'), ...plain },
      { what: `bytes from Redis per gateway, ${named}`, unit: 'per second', value: perSecond('outBytes'), ...plain },
      ...(numbers < 1_000_000
        ? []
        : [
            {
              what: `memory of Redis, ${named}`,
              unit: 'bytes per device',
              value: memory,
              floor: null,
              budget: atMost(4),
            },
          ]),
    ];
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await redis.remove();
  }
}

async function run(): Promise<void> {
  await requireWrk();
  const figures = [...(await joinFigures())];
  for (const numbers of [1_000, 100_000, 1_000_000]) {
    for (const pacePerMinute of [0, 600]) figures.push(...(await steadyFigures(numbers, pacePerMinute)));
  }
  report('bench-redis', figures, { rounds, roundSeconds, connections, parts, watchMs, loadAverage: loadavg() });
}

if (process.argv.includes('--role=hello')) process.send?.(await serveHello());
else if (process.argv.includes('--role=part')) {
  await runPart(JSON.parse(process.argv.at(-1) ?? '') as PartOrder);
  process.send?.('ready');
} else {
  await run();
  process.exit();
}
