// Joins per second and the gateway's CPU time per join against a bare uWebSockets.js "hello" in the same run, by the API
// and by navigation, page and all; a reload with a ticket; what the bytes of such a page cost a bare server; and how late
// the event loop comes meanwhile. `node loadtest/bench-join.ts [--save]`. Needs wrk.

import { App } from 'uWebSockets.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { atMost, median, percentile, ratioAtLeast, ratioAtMost, report } from './bench-figures.ts';
import { cpuMs, endRole, forkRole, listen, requireWrk, runWrk, serveHello } from './bench-process.ts';

const rounds = 7;
const roundSeconds = 2;
const connections = 64;
/** A page is some 18 KB, whose bytes alone cost a bare server twice a hello. */
const pageBudget = 6;

type Round = { readonly perSecond: number; readonly cpuUs: number; readonly perCpuSecond: number };
type Target = {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly options: readonly string[];
};

async function measure({ name, url, pid, options }: Target, seconds: number): Promise<Round> {
  const beforeMs = cpuMs(pid);
  const { requests, perSecond, not2xx } = await runWrk(url, seconds, [`-c${connections}`, ...options]);
  if (not2xx > 0) throw new Error(`${name}: ${not2xx} of ${requests} requests were refused`);
  const usedMs = cpuMs(pid) - beforeMs;
  return { perSecond, cpuUs: (usedMs * 1_000) / requests, perCpuSecond: (requests * 1_000) / usedMs };
}

/** p99 of the event loop's lateness since the last time it was asked for. */
/** How often the event loop was at most so late, since the start; the bounds grow. */
async function lagsOf(
  gateway: GatewayProcess,
): Promise<readonly { readonly boundMs: number; readonly count: number }[]> {
  const answer = await fetch(`http://127.0.0.1:${gateway.opsPort}/metrics`);
  const found = (await answer.text()).matchAll(/^junban_event_loop_lag_seconds_bucket\{le="(\S+)"\} (\d+)$/gm);
  return [...found].map(([, le, count]) => ({
    boundMs: le === '+Inf' ? Infinity : Number(le) * 1_000,
    count: Number(count),
  }));
}

/** What 99 of 100 timers between two looks kept, evenly between the bounds. */
function lagP99Ms(before: Awaited<ReturnType<typeof lagsOf>>, after: Awaited<ReturnType<typeof lagsOf>>): number {
  const counts = after.map(({ boundMs, count }, index) => ({ boundMs, count: count - (before[index]?.count ?? 0) }));
  const wanted = 0.99 * (counts.at(-1)?.count ?? 0);
  const at = counts.findIndex(({ count }) => count >= wanted);
  const [below, found] = [counts[at - 1] ?? { boundMs: 0, count: 0 }, counts[at]];
  if (found === undefined || found.count === below.count) return below.boundMs;
  return below.boundMs + ((found.boundMs - below.boundMs) * (wanted - below.count)) / (found.count - below.count);
}

/** Nothing but the bytes of an answer: its body, and its headers as one. */
function serveBytes(headerBytes: number, bodyBytes: number): Promise<number> {
  const header = Buffer.alloc(headerBytes, 'x');
  const body = Buffer.alloc(bodyBytes, 'x');
  return listen(App().any('/*', res => void res.writeHeader('x', header).end(body)));
}

/** The size of a page, and the ticket that came with it. */
async function seePage(url: string, headers: Readonly<Record<string, string>>) {
  const { headers: given, body } = await request(url, { headers });
  const bodyBytes = (await body.arrayBuffer()).byteLength;
  const cookie = String([given['set-cookie']].flat()[0]).split(';')[0] ?? '';
  const headerBytes = Object.entries(given).reduce(
    (sum, [name, value]) => sum + name.length + String(value).length + 4,
    0,
  );
  return { bodyBytes, headerBytes, cookie, encoding: String(given['content-encoding']) };
}

async function run(): Promise<void> {
  await requireWrk();
  const folder = mkdtempSync(join(tmpdir(), 'junban-bench-'));
  const post = join(folder, 'post.lua');
  writeFileSync(post, 'wrk.method = "POST"\n');
  const hello = await forkRole(import.meta.filename, 'hello');
  const gateway = await GatewayProcess.start({
    rooms: [
      { id: 'sale', shop: 'http://127.0.0.1:1', startsAt: '2099-01-01T00:00:00Z', opensAt: '2020-01-01T00:00:00Z' },
    ],
  });
  const asked = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'accept-encoding': 'gzip, br' };
  const browser = Object.entries(asked).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  // The first page in a language has it compressed.
  await seePage(gateway.url, asked);
  await delay(2_000);
  const page = await seePage(gateway.url, asked);
  const bytes = await forkRole(import.meta.filename, 'bytes', [String(page.headerBytes), String(page.bodyBytes)]);
  const targets = {
    hello: {
      name: 'hello',
      url: `http://127.0.0.1:${hello.port}/_junban/v1/tickets`,
      pid: hello.pid,
      options: ['-s', post],
    },
    join: { name: 'join', url: `${gateway.url}/_junban/v1/tickets`, pid: gateway.pid, options: ['-s', post] },
    page: { name: 'page', url: `${gateway.url}/`, pid: gateway.pid, options: browser },
    reload: {
      name: 'reload',
      url: `${gateway.url}/`,
      pid: gateway.pid,
      options: [...browser, '-H', `cookie: ${page.cookie}`],
    },
    bytes: { name: 'bytes', url: `http://127.0.0.1:${bytes.port}/`, pid: bytes.pid, options: browser },
  } satisfies Record<string, Target>;
  const seen = {
    hello: [] as Round[],
    join: [] as Round[],
    page: [] as Round[],
    reload: [] as Round[],
    bytes: [] as Round[],
  };
  const lags: number[] = [];
  try {
    for (const target of Object.values(targets)) await measure(target, 2);
    for (let round = 0; round < rounds; round += 1) {
      seen.hello.push(await measure(targets.hello, roundSeconds));
      const before = await lagsOf(gateway);
      seen.join.push(await measure(targets.join, roundSeconds));
      lags.push(lagP99Ms(before, await lagsOf(gateway)));
      seen.page.push(await measure(targets.page, roundSeconds));
      seen.reload.push(await measure(targets.reload, roundSeconds));
      seen.bytes.push(await measure(targets.bytes, roundSeconds));
    }
  } finally {
    await Promise.all([endRole(hello), endRole(bytes), gateway.remove()]);
    rmSync(folder, { recursive: true });
  }
  const of = (who: keyof typeof seen, what: keyof Round) => median(seen[who].map(round => round[what]));
  const figure = (what: string, unit: string, who: 'join' | 'page' | 'reload' | 'bytes', field: keyof Round) => ({
    what,
    unit,
    value: of(who, field),
    floor: of('hello', field),
  });
  report(
    'bench-join',
    [
      { ...figure('joins by the API', 'per second', 'join', 'perSecond'), budget: null },
      { ...figure('joins by the API per core', 'per CPU second', 'join', 'perCpuSecond'), budget: ratioAtLeast(0.5) },
      { ...figure('CPU per join by the API', 'µs', 'join', 'cpuUs'), budget: ratioAtMost(2.14) },
      { ...figure('joins by navigation, page and all', 'per second', 'page', 'perSecond'), budget: null },
      { ...figure('CPU per join by navigation', 'µs', 'page', 'cpuUs'), budget: ratioAtMost(pageBudget) },
      { ...figure('CPU per reload with a ticket', 'µs', 'reload', 'cpuUs'), budget: ratioAtMost(pageBudget) },
      { ...figure('CPU for the bytes of the page alone', 'µs', 'bytes', 'cpuUs'), budget: null },
      { what: 'event loop lag p99 while joining', unit: 'ms', value: median(lags), floor: null, budget: atMost(20) },
      { what: 'event loop lag p99, worst round', unit: 'ms', value: percentile(lags, 100), floor: null, budget: null },
    ],
    { rounds, roundSeconds, connections, page: { ...page, cookie: undefined } },
  );
}

if (process.argv.includes('--role=hello')) process.send?.(await serveHello());
else if (process.argv.includes('--role=bytes')) {
  process.send?.(await serveBytes(Number(process.argv.at(-2)), Number(process.argv.at(-1))));
} else await run();
