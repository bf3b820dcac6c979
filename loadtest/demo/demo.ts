// The demo: the gateway in this process, the shop and the fans in one of their own each, as they would be in life. All
// of it ends together.

import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DemoCommand } from '../../src/config/command-line.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { Settings } from '../../src/config/settings.ts';
import { createLog } from '../../src/ops/log.ts';
import { type RunningGateway, serve } from '../../src/serve.ts';
import { EmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { isStoreError, StoreError } from '../../src/store/store-error.ts';
import type { FansMessage, FansReport } from './fans-process.ts';
import type { ShopReport } from './shop-process.ts';

const defaults = { port: 8080, opsPort: 9090, fans: 300, dataPath: 'junban-data/demo' };
const room = 'demo';
const pacePerMinute = 120;
const activeCap = 60;
const reportPeriodMs = 5_000;
const stopMsMax = 900;
/** From the launch to the start of the sale: the fans arrive, the countdown runs, and places are drawn. */
const lobbyMs = 25_000;

/** Runs until Ctrl-C; gives the exit code. */
export async function runDemo(command: DemoCommand): Promise<0 | 1> {
  const dataPath = resolve(command.dataPath ?? defaults.dataPath);
  if (command.fresh) await forgetLine(dataPath);
  await mkdir(dataPath, { recursive: true, mode: 0o700 });
  const token = await opsToken(join(dataPath, 'ops.token'));
  const startsAtMs = await startOfSale(join(dataPath, 'starts-at'));
  const shop = await startShop();
  let gateway: RunningGateway;
  try {
    gateway = await serve(
      settingsFor(command, { dataPath, token, startsAtMs, shopUrl: shop.report.url }),
      createLog('warn'),
    );
  } catch (error) {
    shop.child.kill('SIGKILL');
    throw error;
  }
  const url = `http://127.0.0.1:${gateway.port}`;
  const fansCount = command.fans ?? defaults.fans;
  const fans = startFans({ gatewayUrl: url, room, count: fansCount });
  const ended = untilAnyEnds([shop.child, fans.child]);
  tell({ url, gateway, token, fansCount, shop: shop.report, startsAtMs });
  const stopReporting = reportEvery(gateway, fans);
  const cause = await ended;
  stopReporting();
  for (const child of [fans.child, shop.child]) child.kill('SIGKILL');
  // What could not be said in time to simulated fans need not be said; what is on disk is there already.
  await Promise.race([gateway.stop(), new Promise(settle => setTimeout(settle, stopMsMax).unref())]);
  if (cause === 'signal')
    process.stdout.write('\nThe demo has ended. Start it again and the same line goes on; --fresh forgets it.\n');
  else process.stderr.write(`\njunban: ${cause}\n`);
  process.exit(cause === 'signal' ? 0 : 1);
}

/** All that a demo leaves in its data folder. */
const ownFiles = /^(?:junban\.sqlite(?:-wal|-shm|-journal)?|keys|ops\.token|starts-at)$/;

/**
 * A line that another demo is holding stays as it is, and this one does not start. Neither does it where the folder is
 * no demo's: nothing of others is removed.
 */
async function forgetLine(dataPath: string): Promise<void> {
  const names = await readdir(dataPath).catch(() => []);
  const foreign = names.find(name => !ownFiles.test(name));
  if (foreign !== undefined) {
    const message = `--fresh: ${dataPath} holds ${foreign}, which is not the demo's; nothing was removed`;
    throw new StoreError('unreadable', message);
  }
  try {
    const store = await EmbeddedStore.open(dataPath, { nowMs: () => Date.now() });
    await store.close();
  } catch (error) {
    // What cannot be read is forgotten like everything else.
    if (isStoreError(error, 'in-use')) throw error;
  }
  for (const name of names) await rm(join(dataPath, name), { recursive: true, force: true });
}

interface Stage {
  readonly dataPath: string;
  readonly token: string;
  readonly startsAtMs: number;
  readonly shopUrl: string;
}

function settingsFor(command: DemoCommand, { dataPath, token, startsAtMs, shopUrl }: Stage): Settings {
  const text = JSON.stringify({
    listen: `127.0.0.1:${command.port ?? defaults.port}`,
    ops: { listen: `127.0.0.1:${command.opsPort ?? defaults.opsPort}` },
    store: { kind: 'embedded', path: dataPath },
    rooms: [
      {
        id: room,
        shop: shopUrl,
        opensAt: new Date(startsAtMs - lobbyMs).toISOString(),
        startsAt: new Date(startsAtMs).toISOString(),
        look: { name: { en: 'Summer Festival', ja: '夏フェス' } },
        pacePerMinute,
        activeCap,
        claimWindow: '1m',
        graceTime: '30s',
        pass: { idle: '2m', max: '10m' },
        match: { bypass: ['/assets/'] },
        autopilot: { errorSignatures: [{ body: 'M941' }] },
      },
    ],
  });
  const loaded = loadSettings({ path: join(dataPath, 'demo.json'), text, env: { JUNBAN_OPS_TOKEN: token } });
  if (loaded.kind === 'ok') return loaded.settings;
  throw new Error(`the demo's own configuration is wrong: ${JSON.stringify(loaded.problems)}`);
}

/** Set at the first launch and kept: a demo that is started again goes on with the line that was drawn. */
async function startOfSale(path: string): Promise<number> {
  const kept = Number(await readFile(path, 'utf8').catch(() => 'none'));
  if (Number.isSafeInteger(kept)) return kept;
  const startsAtMs = Date.now() + lobbyMs;
  await writeFile(path, String(startsAtMs));
  return startsAtMs;
}

/** Made once and kept, so that a restarted demo has the same. */
async function opsToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    // The first start has no token yet.
    const token = randomBytes(24).toString('base64url');
    await writeFile(path, `${token}\n`, { mode: 0o600 });
    return token;
  }
}

function startChild(file: string): ChildProcess {
  return fork(new URL(file, import.meta.url), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
}

async function startShop(): Promise<{ readonly child: ChildProcess; readonly report: ShopReport }> {
  const child = startChild('./shop-process.ts');
  const report = await new Promise<ShopReport>((settle, reject) => {
    child.once('message', message => settle(message as ShopReport));
    child.once('exit', code => reject(new Error(`the demo shop ended with ${code} before it had begun`)));
  });
  return { child, report };
}

function startFans(message: FansMessage): { readonly child: ChildProcess; readonly latest: () => FansReport | null } {
  const child = startChild('./fans-process.ts');
  let latest: FansReport | null = null;
  child.on('message', report => {
    latest = report as FansReport;
  });
  child.send(message);
  return { child, latest: () => latest };
}

/** Settles with 'signal', or with what ended that should not have. */
function untilAnyEnds([shop, fans]: readonly [ChildProcess, ChildProcess]): Promise<string> {
  return new Promise(settle => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => settle('signal'));
    shop.once('exit', code => settle(`the demo shop ended by itself (exit code ${code})`));
    fans.once('exit', code => settle(`the simulated fans ended by themselves (exit code ${code})`));
  });
}

interface Greeting {
  readonly url: string;
  readonly gateway: RunningGateway;
  readonly token: string;
  readonly fansCount: number;
  readonly shop: ShopReport;
  readonly startsAtMs: number;
}

function tell({ url, gateway, token, fansCount, shop, startsAtMs }: Greeting): void {
  const opsUrl = `http://127.0.0.1:${gateway.opsPort}`;
  const untilStartSeconds = Math.ceil((startsAtMs - Date.now()) / 1_000);
  const sale =
    untilStartSeconds > 0 ? `The sale starts in ${untilStartSeconds} s: come to the lobby now.` : 'The sale is on.';
  process.stdout.write(`
  Junban demo: a gateway, a ticket shop behind it, and ${fansCount} simulated fans.

  Be a fan      ${url}/
                ${sale} Places are drawn at the start,
                and "Check the draw" checks yours. Watch the number fall, be called, enter the shop.
                Reload, open a second tab, close the lid: the place stays.
  Be an operator  ${opsUrl}/
                Token: ${token}
                curl -H "Authorization: Bearer ${token}" ${opsUrl}/api/v1/rooms/${room}
                curl -X PUT -H "Authorization: Bearer ${token}" -d '{"perMinute": 300}' ${opsUrl}/api/v1/rooms/${room}/pace
                Metrics: ${opsUrl}/metrics
  The shop      breaks with [M941] above its knee; move the knee and watch:
                curl -X POST -d '{"requestsPerSecond": 5}' ${shop.controlUrl}/_lab/knee

  Ctrl-C ends all of it; started again, the same line goes on (--fresh forgets it).

`);
}

function reportEvery(gateway: RunningGateway, fans: { readonly latest: () => FansReport | null }): () => void {
  const timer = setInterval(async () => {
    const line = await gateway.report(room);
    const bought = fans.latest()?.bought ?? 0;
    if (line === null) return;
    const text =
      line.phase === 'lobby'
        ? `in the lobby ${line.present} · the draw comes at the start`
        : `in line ${line.waiting} · called ${line.called} · in the shop ${line.active} · orders ${bought}`;
    process.stdout.write(process.stdout.isTTY ? `\r  ${text.padEnd(72)}` : `  ${text}\n`);
  }, reportPeriodMs);
  return () => clearInterval(timer);
}
