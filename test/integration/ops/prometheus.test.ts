// Debian's Prometheus, with the configuration, rules and dashboards of deploy/, on two real gateways that share one Redis.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { dashboardJson, dashboards } from '../../../deploy/grafana/build-dashboards.ts';
import { openShop, type RunningShop } from '../../../loadtest/shop/shop.ts';
import { freePort } from '../../support/free-port.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RedisProcess } from '../../support/redis-process.ts';

const deploy = resolve(import.meta.dirname, '../../../deploy');
const room = 'sale';

describe('what is deployed', () => {
  test.each([
    ['check', 'rules', 'junban.rules.yml'],
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'junban.rules.test.yml'],
  ])('[OP84] [OP221] promtool %s %s %s', (...args) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, {
      cwd: join(deploy, 'prometheus'),
      encoding: 'utf8',
    });
    expect([status, status === 0 ? '' : `${stdout}${stderr}`]).toEqual([0, '']);
  });

  test('[OP84] every alert has a runbook and a test for both answers', () => {
    const rules = readFileSync(join(deploy, 'prometheus/junban.rules.yml'), 'utf8');
    const tests = readFileSync(join(deploy, 'prometheus/junban.rules.test.yml'), 'utf8');
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    expect([...rules.matchAll(/runbook:/g)].length).toBe(alerts.length);
    for (const alert of alerts) {
      expect(tests).toContain(`name: ${alert} fires`);
      expect(tests).toContain(`name: ${alert} is silent`);
    }
  });

  test.each(dashboards)('[OP85] the dashboard $title is the one written down', dashboard => {
    // Write it anew with: node deploy/grafana/build-dashboards.ts
    const written = readFileSync(join(deploy, `grafana/dashboards/${dashboard.uid}.json`), 'utf8');
    expect(written).toBe(dashboardJson(dashboard));
  });
});

describe('the dashboards', () => {
  // 24 rows of Grafana's grid, of 38 pixels each, are what is left of a full-HD screen.
  test('[OP231] the hour of the sale is one screen', () => {
    const [sale] = dashboards;
    if (sale === undefined) throw new Error('no dashboard');
    const { panels } = JSON.parse(dashboardJson(sale)) as {
      panels: { gridPos: { y: number; h: number; x: number; w: number } }[];
    };
    expect(sale.title).toBe('Junban: Sale');
    expect(Math.max(...panels.map(({ gridPos: { y, h } }) => y + h))).toBeLessThanOrEqual(24);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });
});

describe('a real Prometheus on two real gateways', () => {
  let redis: RedisProcess;
  let shop: RunningShop;
  let gateways: GatewayProcess[];
  let prometheus: ChildProcess;
  let folder: string;
  let url: string;
  const sockets: WebSocket[] = [];
  const ended = new AbortController();
  let life: Promise<void> = Promise.resolve();

  beforeAll(async () => {
    redis = await RedisProcess.start();
    shop = await openShop({ port: 0, controlPort: 0 });
    const config = {
      rooms: [{ id: room, shop: shop.url, pacePerMinute: 120, activeCap: 20, pass: { idle: '3s', max: '10m' } }],
      more: { store: { kind: 'redis', url: `redis://127.0.0.1:${redis.port}` } },
    };
    gateways = [await GatewayProcess.start(config), await GatewayProcess.start(config)];
    folder = mkdtempSync(join(tmpdir(), 'junban-prometheus-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const targets = gateways.map(({ opsPort }) => `"127.0.0.1:${opsPort}"`).join(', ');
    const own = readFileSync(join(deploy, 'prometheus/prometheus.yml'), 'utf8');
    const text = own
      .replaceAll('5s', '1s')
      .replace('"127.0.0.1:9090"', targets)
      .replace('junban.rules.yml', join(deploy, 'prometheus/junban.rules.yml'));
    writeFileSync(join(folder, 'prometheus.yml'), text);
    const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${port}`];
    prometheus = spawn('prometheus', args, { cwd: folder, stdio: 'ignore' });
    await vi.waitUntil(() => isReady(url), { timeout: 20_000, interval: 100 });
    life = liveOn(gateways, sockets, ended.signal);
  }, 90_000);

  afterAll(async () => {
    ended.abort();
    await life;
    for (const socket of sockets) socket.terminate();
    if (prometheus?.kill('SIGKILL')) await once(prometheus, 'exit');
    for (const gateway of gateways ?? []) await gateway.remove();
    await shop?.stop();
    await redis?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  // One scrape a second instead of one in five: a look back that is as much shorter has data as soon.
  const queries = dashboards.flatMap(({ title, panels }) =>
    panels.flatMap(panel =>
      panel.queries.map(
        ({ expr }) =>
          [title, panel.title, expr.replaceAll('$room', '.*').replaceAll('offset 1m', 'offset 12s')] as const,
      ),
    ),
  );

  test.each(queries)('[OP85] %s: %s has data for %s', async (_, __, expr) => {
    await expect.poll(() => valuesOf(url, expr), { timeout: 40_000, interval: 500 }).not.toEqual([]);
  });

  test('[OP86] two gateways add up, and nobody is counted twice', async () => {
    ended.abort();
    await life;
    const report = await gateways[0]?.operate('GET', room);
    await expect.poll(() => valuesOf(url, 'max by (room) (junban_joins_total)')).toEqual([report?.['handedOut']]);
    await expect.poll(() => valuesOf(url, 'sum(junban_room_caller)')).toEqual([1]);
    await expect.poll(() => valuesOf(url, 'sum(junban_open_sockets)')).toEqual([sockets.length]);
    expect(await valuesOf(url, 'count(up == 1)')).toEqual([2]);
  });

  test('[OP232] all that the gateways ask of the store is timed, by operation', async () => {
    const asked = 'sum by (operation) (junban_store_operation_seconds_count) > 0';
    const url_ = `${url}/api/v1/query?query=${encodeURIComponent(asked)}`;
    const answer = (await (await request(url_)).body.json()) as {
      data: { result: { metric: { operation: string } }[] };
    };
    expect(answer.data.result.map(({ metric }) => metric.operation)).toEqual(
      expect.arrayContaining([
        'lead',
        'load',
        'commit',
        'take-numbers',
        'count-numbers',
        'presence',
        'documents',
        'logs',
      ]),
    );
  });

  test('[OP86] a scrape answers at once', async () => {
    const startedAtMs = performance.now();
    const { body } = await request(`http://127.0.0.1:${gateways[0]?.opsPort}/metrics`);
    await body.dump();
    expect(performance.now() - startedAtMs).toBeLessThan(250);
  });
});

const lifePeriodMs = 300;
const socketsMax = 120;

/** Devices join at both gateways, some are called, go in and look around, over and over until it is enough. */
async function liveOn(gateways: readonly GatewayProcess[], sockets: WebSocket[], ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    for (const gateway of gateways) {
      await visit(gateway);
      await request(`${gateway.url}/_junban/v1/tickets/current?room=${room}`).then(({ body }) => body.dump());
      if (sockets.length < socketsMax) sockets.push(await follow(gateway));
    }
    await delay(lifePeriodMs, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** The first device to come walks in and keeps coming back. */
const cookies = new Map<string, string>();

async function visit({ url }: GatewayProcess): Promise<void> {
  const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate', cookie: cookies.get(url) ?? '' };
  const first = await request(`${url}/`, { headers });
  await first.body.dump();
  const set = [first.headers['set-cookie'] ?? []].flat().map(line => line.split(';')[0]);
  if (set.length > 0 && !cookies.has(url)) cookies.set(url, set.join('; '));
}

async function follow({ url }: GatewayProcess): Promise<WebSocket> {
  const joined = await request(`${url}/_junban/v1/tickets?room=${room}`, { method: 'POST' });
  const { ticket } = (await joined.body.json()) as { readonly ticket: string };
  const socket = new WebSocket(`${url.replace('http', 'ws')}/_junban/v1/socket?room=${room}`, 'junban.v1', {
    headers: { authorization: `Bearer ${ticket}`, origin: url },
  });
  await once(socket, 'open');
  return socket;
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/-/ready`);
    await body.dump();
    return statusCode === 200;
  } catch {
    // It does not listen yet.
    return false;
  }
}

/** The values of a query now, without those that are no numbers. */
async function valuesOf(url: string, expr: string): Promise<readonly number[]> {
  const { body } = await request(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const answer = (await body.json()) as {
    readonly status: string;
    readonly error?: string;
    readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
  };
  if (answer.status !== 'success') throw new Error(`${expr}: ${answer.error}`);
  return answer.data.result.map(({ value: [, value] }) => Number(value)).filter(value => !Number.isNaN(value));
}
