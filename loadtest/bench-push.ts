// Pushing to 19,000 sockets of one gateway, beside a bare uWebSockets.js server that publishes as many bytes to as many:
// CPU per update, memory per socket, how soon a called device and everybody else knows.
// node loadtest/bench-push.ts [--save] [--sockets=19000]
import { App, type TemplatedApp } from 'uWebSockets.js';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { atMost, type Figure, median, percentile, ratioAtLeast, report } from './bench-figures.ts';
import { type BenchChild, cpuMs, endRole, forkRole, listen, residentBytes } from './bench-process.ts';
import type { Seen, SocketOrders } from './bench-push-sockets.ts';

const sockets = Number(/--sockets=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 19_000);
/** One process reads one half: a single one would be what is measured. */
const clients = 2;
const rounds = 6;
const claimWindowMs = 3_600_000;

class Crowd {
  readonly #children: ChildProcess[] = [];

  static async start(): Promise<Crowd> {
    const crowd = new Crowd();
    for (let index = 0; index < clients; index += 1) {
      const child = fork(join(import.meta.dirname, 'bench-push-sockets.ts'), { serialization: 'advanced' });
      await once(child, 'message');
      crowd.#children.push(child);
    }
    return crowd;
  }

  async order(orders: SocketOrders): Promise<unknown[]> {
    return Promise.all(
      this.#children.map(async child => {
        child.send(orders);
        const [{ answer, error }] = await once(child, 'message');
        if (error !== undefined) throw new Error(error);
        return answer;
      }),
    );
  }

  async take(): Promise<Seen> {
    const parts = (await this.order({ kind: 'take' })) as Seen[];
    return {
      frames: parts.reduce((sum, part) => sum + part.frames, 0),
      open: parts.reduce((sum, part) => sum + part.open, 0),
      frameBytes: Math.max(...parts.map(part => part.frameBytes)),
      called: parts.flatMap(part => part.called),
      told: parts.flatMap(part => part.told),
    };
  }

  /** Waits until as many frames have come; rejects if they never do. */
  async untilFrames(count: number): Promise<void> {
    let seen = 0;
    for (let tries = 0; seen < count; tries += 1) {
      if (tries > 300) throw new Error(`${seen} of ${count} frames came in 15 s`);
      await sleep(50);
      seen += (await this.take()).frames;
    }
  }

  end(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

/** The floor: publishes as many bytes as it is told to everybody. */
async function servePublish(): Promise<number> {
  const app: TemplatedApp = App().ws('/*', {
    idleTimeout: 48,
    maxBackpressure: 8 * 1024,
    open: ws => void ws.subscribe('all'),
  });
  process.on('message', (bytes: number) => void app.publish('all', 'x'.repeat(bytes)));
  return listen(app);
}

/** CPU of a process per frame that its sockets got, in µs, for one frame to each. */
async function cpuPerFrame(pid: number, crowd: Crowd, push: () => unknown): Promise<number> {
  await crowd.take();
  const beforeMs = cpuMs(pid);
  await push();
  await crowd.untilFrames(sockets);
  return ((cpuMs(pid) - beforeMs) * 1_000) / sockets;
}

type Moved = { readonly calledMs: number[]; readonly everybodyMs: number[]; readonly cpuShare: number };

/** Lets the line move for a while and reads off how long the news took. */
async function move(gateway: GatewayProcess, crowd: Crowd, pacePerMinute: number, seconds: number): Promise<Moved> {
  await gateway.operate('PUT', 'sale/pace', { perMinute: pacePerMinute });
  await sleep(2_000);
  await crowd.take();
  await gateway.operate('POST', 'sale/resume');
  await sleep(1_000);
  const [startMs, beforeMs] = [performance.now(), cpuMs(gateway.pid)];
  await sleep(seconds * 1_000);
  const cpuShare = (cpuMs(gateway.pid) - beforeMs) / (performance.now() - startMs);
  await gateway.operate('POST', 'sale/pause');
  await sleep(2_000);
  const { called, told } = await crowd.take();
  const calls = called.map(({ number, claimByMs }) => ({ number, atMs: claimByMs - claimWindowMs }));
  calls.sort((one, other) => one.number - other.number);
  return {
    calledMs: called.map(({ claimByMs, heardAtMs }) => heardAtMs - (claimByMs - claimWindowMs)),
    everybodyMs: delaysOf(
      calls.map(({ atMs }) => atMs),
      told,
    ),
    cpuShare,
  };
}

/** For each call and each sampled device: when the device first knew that one more had been called. */
function delaysOf(callsAtMs: readonly number[], told: Seen['told']): number[] {
  const devices = Map.groupBy(told, ({ number }) => number);
  const aheadAtEnd = (frames: Seen['told']) => frames.at(-1)?.ahead ?? 0;
  const delays: number[] = [];
  for (const frames of devices.values()) {
    // When the line stands still in the end, everybody has been told of every call.
    const aheadAtFirst = aheadAtEnd(frames) + callsAtMs.length;
    let known = 0;
    for (const { ahead, heardAtMs } of frames) {
      for (; known < aheadAtFirst - ahead; known += 1) delays.push(heardAtMs - (callsAtMs[known] ?? Number.NaN));
    }
  }
  return delays;
}

async function run(): Promise<void> {
  const gateway = await GatewayProcess.start({
    rooms: [
      {
        id: 'sale',
        shop: 'http://127.0.0.1:1',
        pacePerMinute: 60,
        activeCap: 100_000,
        claimWindow: '60m',
        graceTime: '90s',
      },
    ],
  });
  const floor = await forkRole(import.meta.filename, 'publish');
  const [devices, subscribers] = await Promise.all([Crowd.start(), Crowd.start()]);
  try {
    await gateway.operate('POST', 'sale/pause');
    report('bench-push', await measure(gateway, floor, devices, subscribers), { sockets, clients, rounds });
  } finally {
    devices.end();
    subscribers.end();
    await Promise.all([endRole(floor), gateway.remove()]);
  }
}

async function measure(
  gateway: GatewayProcess,
  floor: BenchChild,
  devices: Crowd,
  subscribers: Crowd,
): Promise<Figure[]> {
  const each = sockets / clients;
  const before = { floor: residentBytes(floor.pid), gateway: residentBytes(gateway.pid) };
  await subscribers.order({ kind: 'connect', port: floor.port, path: '/', count: each });
  await devices.order({ kind: 'join', port: gateway.port, count: each });
  await devices.order({ kind: 'connect', port: gateway.port, path: '/_junban/v1/socket', count: each });
  await sleep(5_000);
  const { frameBytes, open } = await devices.take();
  if (open !== sockets) throw new Error(`${open} of ${sockets} sockets are open`);
  const memory = {
    floor: (residentBytes(floor.pid) - before.floor) / sockets,
    gateway: (residentBytes(gateway.pid) - before.gateway) / sockets,
  };
  const idleBeforeMs = cpuMs(gateway.pid);
  await sleep(5_000);
  const idleShare = (cpuMs(gateway.pid) - idleBeforeMs) / 5_000;
  const cost = { floor: [] as number[], gateway: [] as number[] };
  for (let round = -1; round < rounds; round += 1) {
    const floorUs = await cpuPerFrame(floor.pid, subscribers, () => floor.child.send(frameBytes));
    const text = `round ${round}`;
    const gatewayUs = await cpuPerFrame(gateway.pid, devices, () => gateway.operate('POST', 'sale/message', { text }));
    // The first round warms up.
    if (round < 0) continue;
    cost.floor.push(floorUs);
    cost.gateway.push(gatewayUs);
  }
  const seldom = await move(gateway, devices, 60, 15);
  const busy = await move(gateway, devices, 600, 15);
  const perCpuSecond = (us: readonly number[]) => 1e6 / median(us);
  const info = { floor: null, budget: null };
  return [
    {
      what: `updates pushed per core, ${frameBytes} bytes each`,
      unit: 'per CPU second',
      value: perCpuSecond(cost.gateway),
      floor: perCpuSecond(cost.floor),
      budget: ratioAtLeast(0.7),
    },
    { what: 'CPU per pushed update', unit: 'µs', value: median(cost.gateway), floor: median(cost.floor), budget: null },
    { what: 'memory per waiting socket', unit: 'B', value: memory.gateway, floor: memory.floor, budget: atMost(3_072) },
    { what: 'CPU while nothing moves', unit: 'of a core', value: idleShare, ...info },
    ...latencies(seldom, 60, true),
    ...latencies(busy, 600, false),
  ];
}

function latencies({ calledMs, everybodyMs, cpuShare }: Moved, pacePerMinute: number, isJudged: boolean): Figure[] {
  const at = `at ${pacePerMinute} per minute`;
  const everybody = { unit: 'ms', value: percentile(everybodyMs, 99), floor: null };
  return [
    {
      what: `call → frame at the called device p99, ${at}`,
      unit: 'ms',
      value: percentile(calledMs, 99),
      floor: null,
      budget: atMost(50),
    },
    { what: `call → frame p50, ${at}`, unit: 'ms', value: median(calledMs), floor: null, budget: null },
    { what: `frontier moves → every number p99, ${at}`, ...everybody, budget: isJudged ? atMost(250) : null },
    {
      what: `frontier moves → every number p50, ${at}`,
      unit: 'ms',
      value: median(everybodyMs),
      floor: null,
      budget: null,
    },
    { what: `CPU of the gateway, ${at}`, unit: 'of a core', value: cpuShare, floor: null, budget: null },
  ];
}

if (process.argv.includes('--role=publish')) process.send?.(await servePublish());
else await run();
