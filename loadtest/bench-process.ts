// Processes under measurement: what they used of CPU and memory as the kernel counts it, a bare uWebSockets.js server as
// the floor, and wrk as the client.
import { App, us_socket_local_port } from 'uWebSockets.js';
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const ticksPerSecond = 100;

/** CPU time of a process, all its threads, user and system. The kernel counts it in steps of 10 ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}

export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

export type WrkResult = { readonly requests: number; readonly perSecond: number; readonly not2xx: number };

/** One line and exit code 3 when wrk is missing. */
export async function requireWrk(): Promise<void> {
  const found = await promisify(execFile)('wrk', ['-v']).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  if (found) return;
  console.error('This benchmark needs wrk (Debian: apt-get install wrk).');
  process.exit(3);
}

/** One thread of wrk; `options` are further ones of its own. */
export async function runWrk(url: string, seconds: number, options: readonly string[]): Promise<WrkResult> {
  const { stdout } = await promisify(execFile)('wrk', ['-t1', `-d${seconds}s`, ...options, url]);
  if (/Socket errors: connect [1-9]/.test(stdout)) throw new Error(`wrk could not connect to ${url}:\n${stdout}`);
  return {
    requests: Number(/(\d+) requests in/.exec(stdout)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    not2xx: Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0),
  };
}

export type BenchChild = { readonly child: ChildProcess; readonly port: number; readonly pid: number };

/** Forks a script with a role; it must send its port (or any number) when it is ready. */
export async function forkRole(script: string, role: string, args: readonly string[] = []): Promise<BenchChild> {
  const child = fork(script, [`--role=${role}`, ...args]);
  const [port] = await once(child, 'message');
  return { child, port, pid: child.pid ?? 0 };
}

export async function endRole({ child }: BenchChild): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** The floor of everything over HTTP: any request is answered with two words. */
export async function serveHello(): Promise<number> {
  return listen(App().any('/*', res => void res.end('hello world')));
}

export function listen(app: ReturnType<typeof App>): Promise<number> {
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, socket => {
      if (socket === false) reject(new Error('no port'));
      else resolve(us_socket_local_port(socket));
    });
  });
}
