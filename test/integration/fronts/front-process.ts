// Starts a real nginx or HAProxy with a configuration of deploy/fronts/ on a free port, and ends it. A program that is
// missing is a failure, because what is not tested may not be promised.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';

export type Front = { readonly port: number; readonly pid: number; isRunning(): boolean; stop(): Promise<void> };

export type FrontOptions = {
  readonly gatewayPort: number;
  readonly shopPort?: number;
  /** As if TLS had been ended before it. */
  readonly isSecure?: boolean;
};

const readyMsMax = 10_000;
const fronts = resolve(import.meta.dirname, '../../../deploy/fronts');

export function startNginx(file: 'nginx.conf' | 'nginx-auth.conf', options: FrontOptions): Promise<Front> {
  return start('nginx', async (folder, port) => {
    const server = replaceAll(readFileSync(join(fronts, file), 'utf8'), [
      ['server 127.0.0.1:8080;', `server 127.0.0.1:${options.gatewayPort};`],
      ['server 127.0.0.1:3000;', `server 127.0.0.1:${options.shopPort ?? 1};`],
      ['listen 80;', `listen 127.0.0.1:${port};`],
      ...(options.isSecure === true ? ([['X-Forwarded-Proto $scheme', 'X-Forwarded-Proto https']] as const) : []),
    ]);
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      name => `${name}_temp_path ${folder}/${name};`,
    );
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    const path = join(folder, 'nginx.conf');
    writeFileSync(
      path,
      `${user} daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr warn;
       events { worker_connections 4096; } http { access_log off; ${temp.join(' ')}\n${server}}`,
    );
    return ['/usr/sbin/nginx', '-p', folder, '-c', path, '-e', 'stderr'];
  });
}

export function startHaproxy(options: FrontOptions): Promise<Front> {
  return start('haproxy', async (folder, port) => {
    const text = replaceAll(readFileSync(join(fronts, 'haproxy.cfg'), 'utf8'), [
      ['server gateway 127.0.0.1:8080', `server gateway 127.0.0.1:${options.gatewayPort}`],
      ['bind :80', `bind 127.0.0.1:${port}`],
      // A test machine may not open that many files.
      ['maxconn 40000', 'maxconn 1000'],
      ...(options.isSecure === true ? ([['X-Forwarded-Proto http if', 'X-Forwarded-Proto https if']] as const) : []),
    ]);
    const path = join(folder, 'haproxy.cfg');
    writeFileSync(path, text);
    return ['/usr/sbin/haproxy', '-db', '-f', path];
  });
}

async function start(
  name: string,
  prepare: (folder: string, port: number) => Promise<readonly [string, ...string[]]>,
): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), `junban-${name}-`));
  const port = await freePort();
  const [program, ...args] = await prepare(folder, port);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  child.on('error', error => {
    said += `${name} could not be started, install Debian's package "${name}": ${error.message}`;
  });
  const closed = once(child, 'close').catch(() => undefined);
  const isRunning = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const untilMs = Date.now() + readyMsMax;
  // A failed start is told one turn later.
  await delay(0);
  while (isRunning() && Date.now() < untilMs) {
    if (await isListening(port)) {
      return {
        port,
        pid: child.pid ?? 0,
        isRunning,
        async stop() {
          child.kill('SIGTERM');
          await closed;
          rmSync(folder, { recursive: true, force: true });
        },
      };
    }
    await delay(20);
  }
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`${name} did not become ready: ${said}`);
}

function replaceAll(text: string, pairs: readonly (readonly [before: string, after: string])[]): string {
  return pairs.reduce((now, [before, after]) => {
    if (!now.includes(before) && before !== 'server 127.0.0.1:3000;') throw new Error(`the file lacks: ${before}`);
    return now.replaceAll(before, after);
  }, text);
}

function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
