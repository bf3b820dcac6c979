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
const rounds = 6;
const claimWindowMs = 3_600_000;
/** The first in line, who are called, and others all along the line are observers. */
const observersAtFront = 300;
const observersPerPortion = 70;
const portions = 10;

/** Processes that hold sockets: some that count what comes, and one of observers. */
class Crowd {
  readonly #children: readonly ChildProcess[];

  static async start(processes: number): Promise<Crowd> {
    const children = Array.from({ length: processes }, () =>
      fork(join(import.meta.dirname, 'bench-push-sockets.ts'), { serialization: 'advanced' }),
    );
    await Promise.all(children.map(child => once(child, 'message')));
    return new Crowd(children);
  }

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
  }

  async order(orders: SocketOrders): Promise<Seen> {
    const parts = await Promise.all(this.#children.map(child => ask(child, orders)));
    return {
      frames: parts.reduce((sum, part) => sum + part.frames, 0),
      open: parts.reduce((sum, part) => sum + part.open, 0),
      frameBytes: Math.max(...parts.map(part => part.frameBytes)),
      called: parts.flatMap(part => part.called),
      told: parts.flatMap(part => part.told),
    };
  }

  take(): Promise<Seen> {
    return this.order({ kind: 'take' });
  }

  connect(port: number, path: string, count: number, observes = false): Promise<Seen> {
    const joins = path !== '/';
    return this.order({ kind: 'connect', port, path, count: count / this.#children.length, joins, observes });
  }

  end(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

async function ask(child: ChildProcess, orders: SocketOrders): Promise<Seen> {
  child.send(orders);
  const [{ answer, error }] = await once(child, 'message');
  if (error !== undefined) throw new Error(error);
  return answer;
}

/** Waits until as many frames have come to all of them; rejects if they never do. */
async function untilFrames(crowds: readonly Crowd[], count: number): Promise<void> {
  let seen = 0;
  for (let tries = 0; seen < count; tries += 1) {
    if (tries > 300) throw new Error(`${seen} of ${count} frames came in 15 s`);
    await sleep(50);
    for (const crowd of crowds) seen += (await crowd.take()).frames;
  }
}

/** The floor: publishes as many bytes as it is told to everybody. */
async function servePublish(): Promise<number> {
  const app: TemplatedApp = App().ws('/*', {
    idleTimeout: 48,
    maxBackpressure: 8 * 1024,
    open: ws => void ws.subscribe('all'),
  });
  process.on('message', (bytes: number) => {
    // A status of the same length whose number tells when it was published.
    const status = { state: 'waiting', number: Date.now(), ahead: 0, claimBy: null, filling: '' };
    const filling = 'x'.repeat(Math.max(0, bytes - JSON.stringify(status).length));
    app.publish('all', JSON.stringify({ ...status, filling }));
  });
  return listen(app);
}

/** CPU of a process per frame that its sockets got, in µs, for one frame to each. */
async function cpuPerFrame(pid: number, crowds: readonly Crowd[], push: () => unknown): Promise<number> {
  for (const crowd of crowds) await crowd.take();
  const beforeMs = cpuMs(pid);
  await push();
  await untilFrames(crowds, sockets);
  return ((cpuMs(pid) - beforeMs) * 1_000) / sockets;
}

type Moved = { readonly calledMs: number[]; readonly everybodyMs: number[]; readonly cpuShare: number };

/** Lets the line move for a while and reads off how long the news took. */
async function move(gateway: GatewayProcess, observers: Crowd, pacePerMinute: number, seconds: number): Promise<Moved> {
  await gateway.operate('PUT', 'sale/pace', { perMinute: pacePerMinute });
  await sleep(2_000);
  await observers.take();
  await gateway.operate('POST', 'sale/resume');
  await sleep(1_000);
  const [startMs, beforeMs] = [performance.now(), cpuMs(gateway.pid)];
  await sleep(seconds * 1_000);
  const cpuShare = (cpuMs(gateway.pid) - beforeMs) / (performance.now() - startMs);
  await gateway.operate('POST', 'sale/pause');
  await sleep(2_000);
  const { called, told } = await observers.take();
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
  const starting = [2, 1, 2, 1].map(processes => Crowd.start(processes));
  const [counters, observers, subscribers, watchers] = await Promise.all(starting);
  if (!counters || !observers || !subscribers || !watchers) return;
  try {
    await gateway.operate('POST', 'sale/pause');
    report('bench-push', await measure({ gateway, floor, counters, observers, subscribers, watchers }), {
      sockets,
      rounds,
    });
  } finally {
    for (const crowd of [counters, observers, subscribers, watchers]) crowd.end();
    await Promise.all([endRole(floor), gateway.remove()]);
  }
}

type Stand = {
  readonly gateway: GatewayProcess;
  readonly floor: BenchChild;
  readonly counters: Crowd;
  readonly observers: Crowd;
  readonly subscribers: Crowd;
  /** The observers among the subscribers. */
  readonly watchers: Crowd;
};

/** Connects everybody, observers all along the line. */
async function fillLine(port: number, path: string, counters: Crowd, observers: Crowd): Promise<void> {
  await observers.connect(port, path, observersAtFront, true);
  const perPortion = (sockets - observersAtFront) / portions - observersPerPortion;
  for (let portion = 0; portion < portions; portion += 1) {
    await counters.connect(port, path, perPortion);
    await observers.connect(port, path, observersPerPortion, true);
  }
}

/** How long it takes the floor to tell everybody, once a second. */
async function publishDelays({ floor, subscribers, watchers }: Stand, bytes: number, times: number): Promise<number[]> {
  await watchers.take();
  for (let time = 0; time < times; time += 1) {
    floor.child.send(bytes);
    await sleep(1_000);
  }
  await subscribers.take();
  return (await watchers.take()).told.map(({ number, heardAtMs }) => heardAtMs - number);
}

async function measure(stand: Stand): Promise<Figure[]> {
  const { gateway, floor, counters, observers, subscribers, watchers } = stand;
  const devices = [counters, observers];
  const before = { floor: residentBytes(floor.pid), gateway: residentBytes(gateway.pid) };
  await fillLine(floor.port, '/', subscribers, watchers);
  await fillLine(gateway.port, '/_junban/v1/socket', counters, observers);
  await sleep(5_000);
  const { frameBytes, ...counted } = await counters.take();
  const open = counted.open + (await observers.take()).open;
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
    const floorUs = await cpuPerFrame(floor.pid, [subscribers, watchers], () => floor.child.send(frameBytes));
    const text = `round ${round}`;
    const gatewayUs = await cpuPerFrame(gateway.pid, devices, () => gateway.operate('POST', 'sale/message', { text }));
    // The first round warms up.
    if (round < 0) continue;
    cost.floor.push(floorUs);
    cost.gateway.push(gatewayUs);
  }
  const published = await publishDelays(stand, frameBytes, 15);
  const seldom = await move(gateway, observers, 60, 15);
  const busy = await move(gateway, observers, 600, 15);
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
    ...latencies(seldom, 60, published),
    ...latencies(busy, 600, null),
  ];
}

function latencies(
  { calledMs, everybodyMs, cpuShare }: Moved,
  pacePerMinute: number,
  published: readonly number[] | null,
): Figure[] {
  const at = `at ${pacePerMinute} per minute`;
  const floorAt = (percent: number) => (published === null ? null : percentile(published, percent));
  const everybody = { unit: 'ms', value: percentile(everybodyMs, 99), floor: floorAt(99) };
  return [
    {
      what: `call → frame at the called device p99, ${at}`,
      unit: 'ms',
      value: percentile(calledMs, 99),
      floor: null,
      budget: atMost(50),
    },
    { what: `call → frame p50, ${at}`, unit: 'ms', value: median(calledMs), floor: null, budget: null },
    { what: `frontier moves → every number p99, ${at}`, ...everybody, budget: published === null ? null : atMost(250) },
    {
      what: `frontier moves → every number p50, ${at}`,
      unit: 'ms',
      value: median(everybodyMs),
      floor: floorAt(50),
      budget: null,
    },
    { what: `CPU of the gateway, ${at}`, unit: 'of a core', value: cpuShare, floor: null, budget: null },
  ];
}

if (process.argv.includes('--role=publish')) process.send?.(await servePublish());
else await run();
