// A real gateway process of this checkout on free ports, with a configuration and data of its own in a folder that goes
// when the test does. Can be killed, ended, and started again on the same data. Ends only what it started.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { freePort } from './free-port.ts';

/** Keys of the configuration file, as design and schema have them. */
export type RoomConfig = Readonly<Record<string, unknown>> & { readonly id: string; readonly shop: string };

export type GatewayConfig = {
  readonly rooms: readonly RoomConfig[];
  /** Further keys of the file. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Environment variables beside those of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further words of the command line. */
  readonly args?: readonly string[];
};

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

const root = resolve(import.meta.dirname, '../..');
const opsToken = 'a-token-of-the-tests';
const readyMsMax = 20_000;
/** Longer than a gateway may take; then it is killed. */
const endMsMax = 15_000;

/** Runs the command line of this checkout once, to its end. */
export async function runJunban(args: readonly string[]): Promise<Ended> {
  return new Junban(args, {}).ended();
}

class Junban {
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main.ts', ...args], {
      cwd: root,
      env: { ...process.env, JUNBAN_OPS_TOKEN: opsToken, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.#closed = once(this.child, 'close');
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get said(): string {
    return `${this.#stdout}${this.#stderr}`;
  }

  async ended(): Promise<Ended> {
    await this.#closed;
    return { code: this.child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }
}

export class GatewayProcess {
  readonly port: number;
  readonly opsPort: number;
  readonly folder: string;
  readonly configPath: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #args: readonly string[];
  #junban: Junban;

  static async start(config: GatewayConfig): Promise<GatewayProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'junban-gateway-'));
    const [port, opsPort] = [await freePort(), await freePort()];
    const configPath = join(folder, 'junban.yaml');
    const file = {
      listen: `127.0.0.1:${port}`,
      ops: { listen: `127.0.0.1:${opsPort}` },
      store: { kind: 'embedded', path: join(folder, 'data') },
      ...config.more,
      rooms: config.rooms,
    };
    // YAML takes JSON as it is.
    writeFileSync(configPath, JSON.stringify(file));
    const gateway = new GatewayProcess({ port, opsPort, folder, configPath }, config);
    await gateway.#untilReady();
    return gateway;
  }

  private constructor(
    at: { port: number; opsPort: number; folder: string; configPath: string },
    { env = {}, args = [] }: GatewayConfig,
  ) {
    this.#env = env;
    this.#args = ['serve', '--config', at.configPath, ...args];
    this.port = at.port;
    this.opsPort = at.opsPort;
    this.folder = at.folder;
    this.configPath = at.configPath;
    this.#junban = new Junban(this.#args, this.#env);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#junban.child.pid ?? 0;
  }

  /** Everything it printed since it was started last. */
  get said(): string {
    return this.#junban.said;
  }

  /** `kill -9`; settles when the process is gone. */
  async kill(): Promise<void> {
    this.#junban.child.kill('SIGKILL');
    await this.#junban.ended();
  }

  /** SIGSTOP: it does nothing until it is resumed; its connections stay. */
  freeze(): void {
    this.#junban.child.kill('SIGSTOP');
  }

  resume(): void {
    this.#junban.child.kill('SIGCONT');
  }

  /** The status of its readiness probe. */
  async readiness(): Promise<number> {
    const answer = await request(`http://127.0.0.1:${this.opsPort}/readyz`);
    await answer.body.dump();
    return answer.statusCode;
  }

  /** What it holds in memory. */
  get residentBytes(): number {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'latin1'))?.[1]) * 1_024;
  }

  /** The processes that it started. */
  get children(): readonly number[] {
    return readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  }

  /** What it tells Prometheus. */
  async metrics(): Promise<string> {
    const answer = await request(`http://127.0.0.1:${this.opsPort}/metrics`, { headersTimeout: 2_000 });
    return answer.body.text();
  }

  /** SIGTERM; settles when the process is gone. Its code is null if it took so long that it had to be killed. */
  async terminate(): Promise<Ended> {
    const late = setTimeout(() => this.#junban.child.kill('SIGKILL'), endMsMax);
    this.#junban.child.kill('SIGTERM');
    const ended = await this.#junban.ended();
    clearTimeout(late);
    return ended;
  }

  /** Starts it again on the same ports and the same data. */
  async restart(): Promise<void> {
    this.#junban = new Junban(this.#args, this.#env);
    await this.#untilReady();
  }

  /** An operator's request; rejects unless it is done. */
  async operate(method: 'GET' | 'PUT' | 'POST', path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await request(`http://127.0.0.1:${this.opsPort}/api/v1/rooms/${path}`, {
      method,
      headers: { authorization: `Bearer ${opsToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Kills what is left and removes the folder. */
  async remove(): Promise<void> {
    if (this.#junban.isRunning) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #untilReady(): Promise<void> {
    const untilMs = Date.now() + readyMsMax;
    while (Date.now() < untilMs && this.#junban.isRunning) {
      const addresses = [`${this.url}/_junban/v1/jwks.json`, `http://127.0.0.1:${this.opsPort}/readyz`];
      const ready = await Promise.all(addresses.map(answers));
      if (!ready.includes(false)) return;
      await delay(25);
    }
    const { said } = this;
    await this.kill();
    throw new Error(`the gateway did not become ready: ${said || 'it said nothing'}`);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { headersTimeout: 2_000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    // It does not listen yet.
    return false;
  }
}
