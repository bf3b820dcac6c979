// Several gateway processes on one port of one machine, over a store that they share: starts them, starts one again that
// dies, stops them in order. What each of them does is serve-part.ts's.

import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Settings } from './config/settings.ts';
import { lookAtStore } from './open-store.ts';
import { type PartEnd, type PartOrder, PartProcess } from './part-process.ts';
import type { Log } from './process-log.ts';

export type RunningProcesses = {
  /** All drain at once; settles when they are gone. */
  stop(): Promise<void>;
};

const partFile = fileURLToPath(new URL('./serve-part.ts', import.meta.url));
/** A process that dies again and again is started ever later. */
const restartAfterMsMin = 250;
const restartAfterMsMax = 5_000;
/** A process that ran so long did not die of its start. */
const settledMs = 10_000;
export const alivePeriodMs = 1_000;
/** A part that says nothing for so long hangs, and keeps its share of the connections. */
const silentMsMax = 5_000;
/** Longer than a process takes to drain; then it is killed. */
const stopMsMax = 12_000;

/** Why so many processes cannot be run on this configuration; null when they can. */
export function refusalOfProcesses({ store, listen, ops }: Settings, count: number): string | null {
  if (store.kind === 'embedded') {
    return '--processes needs a store that processes share: set store.kind to redis, the embedded one has one gateway';
  }
  if (listen.port === 0) return `--processes ${count} needs a port in "listen": 0 would be another one for each`;
  const last = ops.listen.port + count - 1;
  if (ops.listen.port === 0) return null;
  if (listen.port >= ops.listen.port && listen.port <= last) {
    return `--processes ${count} takes the ops ports ${ops.listen.port} to ${last}, and ${listen.port} is "listen"`;
  }
  return last > 65_535 ? `--processes ${count} takes the ops ports up to ${last}: set ops.listen lower` : null;
}

/** Resolves when all of them listen. */
export async function serveProcesses(of: {
  readonly configPath: string;
  readonly settings: Settings;
  readonly count: number;
  readonly log: Log;
}): Promise<RunningProcesses> {
  const { listen } = of.settings;
  // Among themselves they share the port; whoever else has it is an error.
  await claimPort(listen.host, listen.port);
  // What is wrong with the store is said once, not by each of them.
  await lookAtStore(of.settings);
  const parts = Array.from({ length: of.count }, (_, index) => new Part(of, index));
  const stop = async () => {
    await Promise.all(parts.map(part => part.stop()));
  };
  const failed = Promise.race(parts.map(part => part.failed));
  try {
    await Promise.race([Promise.all(parts.map(part => part.listening)), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

class Part {
  readonly listening: Promise<void>;
  readonly failed: Promise<never>;
  readonly #order: PartOrder;
  readonly #log: Log;
  #tellListening: () => void = () => undefined;
  #tellFailed: (error: unknown) => void = () => undefined;
  #process: PartProcess | null = null;
  #hasListened = false;
  #isStopping = false;
  #restartAfterMs = restartAfterMsMin;
  #restart: NodeJS.Timeout | null = null;

  constructor(
    { configPath, settings, log }: { readonly configPath: string; readonly settings: Settings; readonly log: Log },
    index: number,
  ) {
    const { port } = settings.ops.listen;
    this.#order = { configPath, opsPort: port === 0 ? 0 : port + index };
    this.#log = log;
    this.listening = new Promise(resolve => {
      this.#tellListening = resolve;
    });
    this.failed = new Promise((_, reject) => {
      this.#tellFailed = reject;
    });
    // A failure after the start is told by whoever still waits for it; nobody has to.
    this.failed.catch(() => undefined);
    this.#start();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const part = this.#process;
    if (part === null) return;
    part.kill('SIGTERM');
    const late = setTimeout(() => part.kill('SIGKILL'), stopMsMax);
    await part.ended;
    clearTimeout(late);
  }

  #start(): void {
    const startedAtMs = performance.now();
    const silence = new Silence(() => this.#killSilent(part));
    const onMessage = () => {
      this.#hasListened = true;
      this.#tellListening();
      silence.heard();
    };
    const part = new PartProcess({ file: partFile, order: this.#order, onMessage });
    this.#process = part;
    void part.ended.then(end => {
      silence.stop();
      this.#process = null;
      if (this.#isStopping) return;
      // It said why on stderr.
      const how = end.trouble === null ? `ended at its start (${end.code})` : `could not be started: ${end.trouble}`;
      if (!this.#hasListened) return this.#tellFailed(new PartError(`a gateway process ${how}`));
      this.#startAgain(performance.now() - startedAtMs, end);
    });
  }

  #killSilent(part: PartProcess): void {
    if (this.#isStopping) return;
    this.#log.error({ opsPort: this.#order.opsPort, silentMsMax }, 'a gateway process hangs: it is killed');
    part.kill('SIGKILL');
  }

  #startAgain(ranMs: number, end: PartEnd): void {
    if (ranMs >= settledMs) this.#restartAfterMs = restartAfterMsMin;
    const afterMs = this.#restartAfterMs;
    this.#restartAfterMs = Math.min(2 * afterMs, restartAfterMsMax);
    const facts = { ...end, opsPort: this.#order.opsPort, afterMs };
    if (end.code === 0) this.#log.info(facts, 'a gateway process was told to end: it is started again');
    else this.#log.error(facts, 'a gateway process ended by itself: it is started again');
    this.#restart = setTimeout(() => this.#start(), afterMs);
  }
}

/** Begins with the first word that is heard, and is told once. */
class Silence {
  readonly #onSilent: () => void;
  #timer: NodeJS.Timeout | null = null;
  #periodsLeft = 0;

  constructor(onSilent: () => void) {
    this.#onSilent = onSilent;
  }

  heard(): void {
    this.#periodsLeft = silentMsMax / alivePeriodMs;
    // Periods and not time: while this process is suspended nobody is silent.
    this.#timer ??= setInterval(() => {
      this.#periodsLeft -= 1;
      if (this.#periodsLeft >= 0) return;
      this.stop();
      this.#onSilent();
    }, alivePeriodMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** A process of ours could not be run; its own line says why. */
export class PartError extends Error {
  readonly code = 'part-ended';
}

const refusals: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the name is not known',
};

function claimPort(host: string, port: number): Promise<void> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { code = '' } = error;
      const why = refusals[code] ?? error.message;
      reject(Object.assign(new Error(`listen ${host}:${port}: ${why}`), { code: 'EADDRINUSE' }));
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
