// A gateway of this checkout as a process of its own, on a configuration and a folder that live only as long as it does.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface GatewayProcess {
  readonly url: string;
  readonly opsUrl: string;
  /** SIGTERM, and SIGKILL when that takes longer than it may; settles with the exit code (null: killed). */
  stop(): Promise<number | null>;
}

export interface GatewayRoom {
  readonly id: string;
  readonly shopUrl: string;
  readonly pacePerMinute: number;
  readonly activeCap: number;
  /** Further keys of the room. */
  readonly more?: Readonly<Record<string, unknown>>;
}

const root = resolve(import.meta.dirname, '../..');
const readyMsMax = 20_000;
const stopMsMax = 12_000;

/** Rejects when the gateway exits before it is ready, with the end of what it said. */
export async function startGateway(room: GatewayRoom): Promise<GatewayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'junban-load-'));
  const [port, opsPort] = [await freePort(), await freePort()];
  const configPath = join(folder, 'junban.yaml');
  await writeFile(configPath, configOf(room, port, opsPort, join(folder, 'data')));
  const args = ['--disable-warning=ExperimentalWarning', 'src/main.ts', 'serve', '--config', configPath];
  const gateway = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const hear = (chunk: Buffer): void => {
    said = (said + chunk.toString('utf8')).slice(-2_000);
  };
  gateway.stdout.on('data', hear);
  gateway.stderr.on('data', hear);
  const stop = async (): Promise<number | null> => {
    const code = await endProcess(gateway, stopMsMax);
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  const opsUrl = `http://127.0.0.1:${opsPort}`;
  if (!(await isReady(gateway, opsUrl))) {
    await stop();
    throw new Error(`the gateway did not become ready: ${said.trim() || 'it said nothing'}`);
  }
  return { url: `http://127.0.0.1:${port}`, opsUrl, stop };
}

/** Asks a process to end and makes it end after a while; settles with its exit code. */
export async function endProcess(child: ChildProcess, afterMs: number): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return child.exitCode;
  const exited = new Promise<number | null>(settle => child.once('exit', code => settle(code)));
  const kill = setTimeout(() => child.kill('SIGKILL'), afterMs);
  child.kill('SIGTERM');
  const code = await exited;
  clearTimeout(kill);
  return code;
}

function configOf(room: GatewayRoom, port: number, opsPort: number, storePath: string): string {
  const more = { match: { bypass: ['/assets/'] }, ...room.more };
  const others = Object.entries(more).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}\n`);
  return `listen: 127.0.0.1:${port}
ops: { listen: 127.0.0.1:${opsPort} }
store: { kind: embedded, path: ${JSON.stringify(storePath)} }
rooms:
  - id: ${room.id}
    shop: ${room.shopUrl}
    pacePerMinute: ${room.pacePerMinute}
    activeCap: ${room.activeCap}
    claimWindow: 30s
    graceTime: 5s
${others.join('')}`;
}

async function isReady(gateway: ChildProcess, opsUrl: string): Promise<boolean> {
  const untilMs = Date.now() + readyMsMax;
  while (Date.now() < untilMs && gateway.exitCode === null && gateway.signalCode === null) {
    // Refused until it listens: asked again.
    const isOk = await fetch(`${opsUrl}/readyz`).then(
      answer => answer.ok,
      () => false,
    );
    if (isOk) return true;
    await sleep(100);
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((settle, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', settle);
  });
  const address = server.address();
  await new Promise(settle => server.close(settle));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
