// Real redis-server processes for tests: on free ports, in folders of their own, ended by their id.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { RedisSettings } from '../../src/store/redis/redis-settings.ts';
import { freePort } from './free-port.ts';

const startMsMax = 10_000;

/** Options as on the command line of redis-server: a word and its values. */
export type RedisOptionsGiven = Readonly<Record<string, string>>;

const defaults: RedisOptionsGiven = {
  bind: '127.0.0.1',
  appendonly: 'yes',
  appendfsync: 'everysec',
  save: '',
  loglevel: 'warning',
  'enable-debug-command': 'yes',
};

export class RedisProcess {
  readonly port: number;
  readonly folder: string;
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;

  static async start(options: RedisOptionsGiven = {}, mode: readonly string[] = []): Promise<RedisProcess> {
    const server = new RedisProcess(await freePort(), options, mode);
    await server.start();
    return server;
  }

  private constructor(port: number, options: RedisOptionsGiven, mode: readonly string[]) {
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), 'junban-redis-'));
    // A Sentinel has a configuration file of its own, which comes first, and few of the options.
    const given = mode.length > 0 ? options : { ...defaults, ...options };
    const words = Object.entries({ ...given, port: String(port), dir: this.folder });
    this.#args = [
      ...mode,
      ...words.flatMap(([word, value]) => [`--${word}`, ...(value === '' ? [''] : value.split(' '))]),
    ];
  }

  get settings(): RedisSettings {
    return singleSettings(this.port);
  }

  /** Starts it, for the first time or again on what it left. */
  async start(): Promise<void> {
    this.#child = spawn('redis-server', this.#args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', data => (output += String(data)));
    const client = new Redis({ port: this.port, lazyConnect: true, retryStrategy: () => 20, enableReadyCheck: false });
    client.on('error', () => undefined);
    const child = this.#child;
    try {
      for (const startedAtMs = Date.now(); ; await delay(20)) {
        if (child.exitCode !== null) throw new Error(`redis-server ended: ${output}`);
        if (Date.now() - startedAtMs > startMsMax) throw new Error(`redis-server is not up: ${output}`);
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
    const client = new Redis({ port: this.port });
    client.on('error', () => undefined);
    try {
      return await client.call(words[0], ...words.slice(1));
    } finally {
      client.disconnect();
    }
  }

  /** The server answers nobody for so long. Resolves when it does again. */
  async hang(ms: number): Promise<void> {
    await this.command('DEBUG', 'SLEEP', String(ms / 1_000));
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
    ...{ username: null, password: null, database: 0, tls: false, keyPrefix: 'junban' },
  };
}
