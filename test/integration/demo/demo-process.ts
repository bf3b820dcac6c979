// The demo as people start it, on free ports and a folder of its own: what it says, and how it ends.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { freePort } from '../../support/free-port.ts';

const root = resolve(import.meta.dirname, '../../..');

export interface DemoEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class DemoProcess {
  readonly port: number;
  readonly opsPort: number;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  static async start(dataPath: string, more: readonly string[] = []): Promise<DemoProcess> {
    return DemoProcess.startAt(await freePort(), await freePort(), dataPath, more);
  }

  static startAt(port: number, opsPort: number, dataPath: string, more: readonly string[] = []): DemoProcess {
    return new DemoProcess(port, opsPort, dataPath, more);
  }

  private constructor(port: number, opsPort: number, dataPath: string, more: readonly string[]) {
    this.port = port;
    this.opsPort = opsPort;
    const ports = ['--port', String(port), '--ops-port', String(opsPort)];
    const args = ['src/main.ts', 'demo', ...ports, '--data', dataPath, '--fans', '20', ...more];
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.#closed = once(this.#child, 'close');
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Settles with what it printed once the last line of its greeting is there. */
  async greeting(): Promise<string> {
    const told = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.#stdout.includes('--fresh')) told.resolve();
    };
    look();
    this.#child.stdout?.on('data', look);
    await Promise.race([told.promise, this.#closed]);
    if (this.#child.exitCode !== null) throw new Error(`the demo ended: ${this.#stderr}`);
    return this.#stdout;
  }

  /** Process ids of the shop and the fans. */
  childIds(): readonly number[] {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name) && parentOf(name) === this.#child.pid)
      .map(Number);
  }

  /** Ctrl-C. */
  interrupt(): Promise<DemoEnd> {
    this.#child.kill('SIGINT');
    return this.ended();
  }

  async ended(): Promise<DemoEnd> {
    await this.#closed;
    return { code: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Undefined once the process is gone, or is dead and waits for somebody to take note. */
function parentOf(name: string): number | undefined {
  try {
    const parent = Number(/\) [^Z] (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'latin1'))?.[1] ?? Number.NaN);
    return Number.isNaN(parent) ? undefined : parent;
  } catch {
    // It ended between the listing and the reading.
    return undefined;
  }
}

export const isAlive = (pid: number): boolean => parentOf(String(pid)) !== undefined;
