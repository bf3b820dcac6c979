// Real redis-server processes for tests: on free ports, in folders of their own, ended by their id.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { RedisSettings } from '../../src/store/redis/redis-settings.ts';
import { freePort } from './free-port.ts';

const startMsMax = 10_000;
/** Another server of the same kind may be tried: `TEST_REDIS_SERVER=valkey-server npm test contract`. */
const program = process.env['TEST_REDIS_SERVER'] ?? 'redis-server';

/** Options as on the command line of redis-server: a word and its values. */
export type RedisOptionsGiven = Readonly<Record<string, string>>;

const defaults: RedisOptionsGiven = {
  bind: '127.0.0.1',
  appendonly: 'yes',
  appendfsync: 'everysec',
  save: '',
  loglevel: 'warning',
  // A replica is not kept waiting for others that might come.
  'repl-diskless-sync-delay': '0',
  'enable-debug-command': 'yes',
};

export class RedisProcess {
  readonly port: number;
  /** Where nodes of a Cluster talk to each other; 0 for other servers. */
  readonly busPort: number;
  readonly folder: string;
  /** As whom commands are given here. */
  credentials: { readonly username?: string; readonly password?: string } = {};
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;

  static async start(options: RedisOptionsGiven = {}): Promise<RedisProcess> {
    const port = await freePort();
    const busPort = options['cluster-enabled'] === 'yes' ? await freePort() : 0;
    const folder = mkdtempSync(join(tmpdir(), 'junban-redis-'));
    const cluster = busPort === 0 ? {} : { 'cluster-port': String(busPort) };
    const words = Object.entries({ ...defaults, ...options, ...cluster, port: String(port), dir: folder });
    const args = words.flatMap(([word, value]) => [`--${word}`, ...(value === '' ? [''] : value.split(' '))]);
    const server = new RedisProcess(port, busPort, folder, args);
    await server.start();
    return server;
  }

  /** A Sentinel that decides alone and soon. A replica that lost its master for longer than ten times the first figure is none. */
  static async startSentinel(name: string, masterPort: number): Promise<RedisProcess> {
    const lines = [
      ...['bind 127.0.0.1', `sentinel monitor ${name} 127.0.0.1 ${masterPort} 1`],
      ...[`sentinel down-after-milliseconds ${name} 2000`, `sentinel failover-timeout ${name} 3000`],
    ];
    return await RedisProcess.startSentinelWith(lines);
  }

  /** The same with a configuration file of these lines, and port and folder of its own. */
  static async startSentinelWith(
    lines: readonly string[],
    credentials: RedisProcess['credentials'] = {},
  ): Promise<RedisProcess> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'junban-sentinel-'));
    const file = join(folder, 'sentinel.conf');
    writeFileSync(file, `${[`port ${port}`, `dir ${folder}`, ...lines].join('\n')}\n`);
    const sentinel = new RedisProcess(port, 0, folder, [file, '--sentinel']);
    sentinel.credentials = credentials;
    await sentinel.start();
    // On a busy machine it would take its own lateness for a fault of the clock, and then decide nothing for 30 s.
    const patience = ['tilt-trigger', '60000', 'info-period', '1000', 'min-link-reconnect-period', '2000'];
    await sentinel.command('SENTINEL', 'DEBUG', ...patience);
    return sentinel;
  }

  private constructor(port: number, busPort: number, folder: string, args: readonly string[]) {
    this.port = port;
    this.busPort = busPort;
    this.folder = folder;
    this.#args = args;
  }

  get settings(): RedisSettings {
    return singleSettings(this.port);
  }

  /** Starts it, for the first time or again on what it left. */
  async start(): Promise<void> {
    this.#child = spawn(program, this.#args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', data => (output += String(data)));
    const client = new Redis({ port: this.port, lazyConnect: true, retryStrategy: () => 20, enableReadyCheck: false });
    client.on('error', () => undefined);
    const child = this.#child;
    try {
      for (const startedAtMs = Date.now(); ; await delay(20)) {
        if (child.exitCode !== null) throw new Error(`${program} ended: ${output}`);
        if (Date.now() - startedAtMs > startMsMax) throw new Error(`${program} is not up: ${output}`);
        const answer = await client.ping().catch((error: Error) => error.message);
        if (answer === 'PONG' || answer.includes('NOAUTH') || answer.includes('NOPERM')) return;
      }
    } finally {
      client.disconnect();
    }
  }

  /** SIGKILL: what the kernel has not been given is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM, as an operator stops it. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** One command on a connection of its own. */
  async command(...words: readonly [string, ...string[]]): Promise<unknown> {
    const client = new Redis({ port: this.port, ...this.credentials });
    client.on('error', () => undefined);
    try {
      return await client.call(words[0], ...words.slice(1));
    } finally {
      client.disconnect();
    }
  }

  /** What was written here until now has arrived there. (WAIT tells only of writes on its own connection.) */
  async replicatedTo(replica: RedisProcess): Promise<void> {
    const offset = async (server: RedisProcess, name: string) => {
      const text = String(await server.command('INFO', 'replication'));
      return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    };
    const wanted = await offset(this, 'master_repl_offset');
    for (const startedAtMs = Date.now(); (await offset(replica, 'slave_repl_offset')) < wanted; await delay(20)) {
      if (Date.now() - startedAtMs > startMsMax) throw new Error('the replica does not catch up');
    }
  }

  /** The server answers nobody for so long. Resolves when it does again. */
  async hang(ms: number): Promise<void> {
    await this.command('DEBUG', 'SLEEP', String(ms / 1_000));
  }

  /** SIGSTOP: it does nothing until it thaws; its connections stay. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Ends it for good and removes what it left. */
  async remove(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

export function singleSettings(port: number): RedisSettings {
  return {
    servers: { kind: 'single', server: { host: '127.0.0.1', port } },
    ...{ username: null, password: null, database: 0, tls: false, caPath: null, keyPrefix: 'junban' },
  };
}
