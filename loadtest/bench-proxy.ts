// Proxied requests per second and the proxy's CPU time per request, ours against Node proxy libraries in the same run.
// node loadtest/bench-proxy.ts FOLDER, where FOLDER/node_modules has fast-proxy and http-proxy-3. Needs wrk.

import { App, us_socket_local_port } from 'uWebSockets.js';
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { copyRequest } from '../src/gateway/copied-request.ts';
import { forwardToShop } from '../src/gateway/shop-exchange.ts';
import { openShop } from '../src/proxy/shop.ts';
import { machineFacts } from './machine.ts';

type Proxy = (req: http.IncomingMessage, res: http.ServerResponse, target: string, options: object) => void;
type Serve = (shopPort: number, folder: string) => Promise<number>;

const roundSeconds = 4;
const rounds = 3;
const connections = 64;
const body = Buffer.from('x'.repeat(2_048));
const cookie = 'cart=3f6c2a; lang=ja; junban-pass-sale=eyJhbGciOiJFUzI1NiJ9.eyJyb29tIjoic2FsZSJ9.c2lnbmF0dXJl';

const roles: Readonly<Record<string, Serve>> = {
  shop: () =>
    listen(
      App().any('/*', res => {
        res.writeHeader('Content-Type', 'text/html; charset=utf-8').writeHeader('Cache-Control', 'no-cache').end(body);
      }),
    ),
  junban: shopPort => {
    const shop = openShop({ origin: `http://127.0.0.1:${shopPort}` });
    const facts = () => ({ trustedPeer: false, secure: false });
    const nothing = () => undefined;
    return listen(
      App().any('/*', (res, req) => {
        const request = copyRequest(res, req, facts);
        const exchange = { res, request, shop, room: 'sale', passToken: 'a-token', extraSetCookies: [] };
        forwardToShop({ ...exchange, rank: 'inside', onOutcome: nothing, onCommand: nothing });
      }),
    );
  },
  'fast-proxy': async (shopPort, folder) => {
    const open = createRequire(join(folder, 'package.json'))('fast-proxy');
    const { proxy }: { proxy: Proxy } = open({ base: `http://127.0.0.1:${shopPort}` });
    return listenNode((req, res) => proxy(req, res, req.url ?? '/', {}));
  },
  'http-proxy-3': async (shopPort, folder) => {
    const { createProxyServer } = createRequire(join(folder, 'package.json'))('http-proxy-3');
    const agent = new http.Agent({ keepAlive: true });
    const proxy = createProxyServer({ target: `http://127.0.0.1:${shopPort}`, agent });
    return listenNode((req, res) => proxy.web(req, res));
  },
};

function listen(app: ReturnType<typeof App>): Promise<number> {
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, socket => {
      if (socket === false) reject(new Error('no port'));
      else resolve(us_socket_local_port(socket));
    });
  });
}

async function listenNode(handler: http.RequestListener): Promise<number> {
  const server = http.createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function runRole(role: string, shopPort: number, folder: string): Promise<void> {
  const port = await roles[role]?.(shopPort, folder);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(port);
}

async function start(role: string, shopPort: number, folder: string): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(new URL(import.meta.url), [`--role=${role}`, String(shopPort), folder]);
  const [port] = await once(child, 'message');
  return { child, port };
}

async function cpuMicroseconds(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [microseconds] = await once(child, 'message');
  return microseconds;
}

type Figures = { readonly perSecond: number; readonly cpuPerRequest: number };

async function measure(role: string, shopPort: number, folder: string): Promise<Figures> {
  const { child, port } = await start(role, shopPort, folder);
  const load = async (seconds: number) => {
    const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-H', `Cookie: ${cookie}`];
    const { stdout } = await promisify(execFile)('wrk', [...options, `http://127.0.0.1:${port}/event/42?from=list`]);
    if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${role} did not answer everything:\n${stdout}`);
    return Number(/(\d+) requests in/.exec(stdout)?.[1]);
  };
  await load(1);
  const before = await cpuMicroseconds(child);
  const requests = await load(roundSeconds);
  const figures = {
    perSecond: requests / roundSeconds,
    cpuPerRequest: ((await cpuMicroseconds(child)) - before) / requests,
  };
  child.kill();
  await once(child, 'exit');
  return figures;
}

const median = (values: readonly number[]) => [...values].sort((left, right) => left - right)[values.length >> 1] ?? 0;

async function compare(folder: string): Promise<void> {
  console.log(JSON.stringify(machineFacts()));
  const shop = await start('shop', 0, folder);
  const names = Object.keys(roles).filter(role => role !== 'shop');
  const all = new Map<string, Figures[]>(names.map(name => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) all.get(name)?.push(await measure(name, shop.port, folder));
  }
  shop.child.kill();
  const ours = median((all.get('junban') ?? []).map(figures => figures.perSecond));
  for (const [name, figures] of all) {
    const perSecond = median(figures.map(one => one.perSecond));
    const cpu = median(figures.map(one => one.cpuPerRequest));
    const ratio = name === 'junban' ? '' : `, junban is ${(ours / perSecond).toFixed(2)} x`;
    console.log(`${name.padEnd(14)} ${perSecond.toFixed(0)} requests/s, ${cpu.toFixed(1)} µs CPU a request${ratio}`);
  }
}

const [first = '', second = '0', third = ''] = process.argv.slice(2);
if (first.startsWith('--role=')) await runRole(first.slice(7), Number(second), third);
else if (first === '') console.error('usage: node loadtest/bench-proxy.ts FOLDER');
else await compare(first);
