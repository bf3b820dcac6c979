// The first rush: the lobby opens, and devices that stood before it come at once, each on a new connection, take a ticket
// and follow over a socket. node loadtest/bench-lobby.ts [--save] [--devices=19000]
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { atMost, type Figure, median, percentile, report } from './bench-figures.ts';
import type { LobbyOrders, LobbySeen } from './bench-lobby-devices.ts';
import { cpuMs } from './bench-process.ts';

const devices = Number(/--devices=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 19_000);
const processes = 2;
/** As the page spreads its joins after the opening, and all at the very instant. */
const spreadsMs = [2_000, 0];
const opensInMs = 8_000;

async function run(spreadMs: number): Promise<Figure[]> {
  const opensAtMs = Date.now() + opensInMs;
  const opensAt = new Date(opensAtMs).toISOString();
  const startsAt = new Date(opensAtMs + 3_600_000).toISOString();
  const gateway = await GatewayProcess.start({
    rooms: [{ id: 'sale', shop: 'http://127.0.0.1:1', opensAt, startsAt }],
  });
  const crowd = Array.from({ length: processes }, () => fork(join(import.meta.dirname, 'bench-lobby-devices.ts')));
  try {
    await Promise.all(crowd.map(child => once(child, 'message')));
    const early = await request(`${gateway.url}/_junban/v1/tickets`, { method: 'POST' });
    const told = (await early.body.json()) as { opensAt: string };
    if (early.statusCode !== 409 || told.opensAt !== opensAt)
      throw new Error('who came early was not told when to come');
    return await measure(gateway, crowd, {
      port: gateway.port,
      devices: devices / processes,
      fromMs: opensAtMs + 50,
      spreadMs,
    });
  } finally {
    for (const child of crowd) child.kill('SIGKILL');
    await gateway.remove();
  }
}

async function measure(
  gateway: GatewayProcess,
  crowd: readonly ChildProcess[],
  orders: LobbyOrders,
): Promise<Figure[]> {
  const beforeMs = cpuMs(gateway.pid);
  const overflowsBefore = listenOverflows();
  const seen = await Promise.all(
    crowd.map(async child => {
      const answered = once(child, 'message');
      child.send(orders);
      const [each]: [LobbySeen] = (await answered) as [LobbySeen];
      return each;
    }),
  );
  const cpu = cpuMs(gateway.pid) - beforeMs;
  const overflows = listenOverflows() - overflowsBefore;
  const numbers = seen.flatMap(each => each.numbers);
  const answered = seen.flatMap(each => each.answerMs);
  const framed = seen.flatMap(each => each.frameMs);
  const codes = new Map<string, number>();
  for (const each of seen) {
    for (const [code, count] of Object.entries(each.codes)) codes.set(code, (codes.get(code) ?? 0) + count);
  }
  console.log(`${orders.spreadMs} ms:`, Object.fromEntries(codes));
  if (new Set(numbers).size !== numbers.length) throw new Error('a number was handed out twice');
  const named = orders.spreadMs === 0 ? 'all at one instant' : `within ${orders.spreadMs / 1_000} s`;
  const polite = (codes.get('201') ?? 0) + (codes.get('409') ?? 0);
  const count = { unit: 'devices', floor: null, budget: atMost(0) };
  const time = { unit: 'ms', floor: null, budget: null };
  return [
    { what: `answers that were neither a ticket nor "ask again", ${named}`, value: answered.length - polite, ...count },
    { what: `devices that do not follow in the end, ${named}`, value: devices - framed.length, ...count },
    { what: `connecting and asking → answer p50, ${named}`, value: median(answered), ...time },
    { what: `connecting and asking → answer p99, ${named}`, value: percentile(answered, 99), ...time },
    { what: `ticket → first frame p99, ${named}`, value: percentile(framed, 99), ...time },
    { what: `opening → the last follows, ${named}`, value: Math.max(...seen.map(each => each.doneMs)), ...time },
    { what: `CPU of the gateway, ${named}`, value: cpu, ...time },
    { what: `connections the kernel made wait a second or more, ${named}`, value: overflows, ...count, budget: null },
  ];
}

/** The queue of the listening socket (512) was full: the kernel lets the client ask again after 1 s, then 3 s, 7 s. */
function listenOverflows(): number {
  const lines = readFileSync('/proc/net/netstat', 'latin1')
    .split('\n')
    .filter(line => line.startsWith('TcpExt:'));
  const [names = [], values = []] = lines.map(line => line.split(' '));
  return Number(values[names.indexOf('ListenOverflows')]);
}

const figures: Figure[] = [];
for (const spreadMs of spreadsMs) figures.push(...(await run(spreadMs)));
report('bench-lobby', figures, { devices, spreadsMs });
