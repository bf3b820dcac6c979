// Joins that come at a fixed rate, and what the process of a gateway holds in memory meanwhile.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export type JoinStormOrder = {
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly perSecond: number;
  /** Beyond so many connections what would be sent is counted as unsent. */
  readonly connectionsMax: number;
};

export type JoinStormTally = {
  readonly sent: number;
  readonly joined: number;
  /** Answered with 503. */
  readonly refused: number;
  readonly other: number;
  /** Lost with their connections. */
  readonly broken: number;
  readonly unsent: number;
  readonly connections: number;
  /** Of the joins since the mark. */
  readonly firstJoinedAtMs: number | null;
  /** Statuses that are neither. */
  readonly odd: readonly number[];
};

export class JoinStorm {
  readonly #child: ChildProcess;
  #tally: JoinStormTally | null = null;

  constructor(order: JoinStormOrder) {
    this.#child = fork(new URL('./join-storm-process.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#child.on('message', tally => {
      this.#tally = tally as JoinStormTally;
    });
    this.#child.send(order);
  }

  get tally(): JoinStormTally {
    return (
      this.#tally ?? {
        ...{ sent: 0, joined: 0, refused: 0, other: 0, broken: 0, unsent: 0, connections: 0 },
        ...{ firstJoinedAtMs: null, odd: [] },
      }
    );
  }

  /** From now on the first join that succeeds is looked for anew. */
  mark(): void {
    this.#child.send('mark');
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

export type MemoryCourse = {
  /** Bytes more than before, at most. */
  readonly growthBytes: number;
  /** Over the second half of the time, by least squares. */
  readonly slopeBytesPerSecond: number;
};

/** Watches what a process holds in memory for so long. */
export async function watchMemory(
  of: { readonly residentBytes: number },
  beforeBytes: number,
  ms: number,
): Promise<MemoryCourse> {
  const points: { readonly second: number; readonly bytes: number }[] = [];
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < ms) {
    points.push({ second: (performance.now() - startedAtMs) / 1_000, bytes: of.residentBytes });
    await delay(100);
  }
  const late = points.slice(Math.floor(points.length / 2));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [second, bytes] = [mean(late.map(point => point.second)), mean(late.map(point => point.bytes))];
  const covariance = mean(late.map(point => (point.second - second) * (point.bytes - bytes)));
  const variance = mean(late.map(point => (point.second - second) ** 2));
  return {
    growthBytes: Math.max(...points.map(point => point.bytes)) - beforeBytes,
    slopeBytesPerSecond: covariance / variance,
  };
}
