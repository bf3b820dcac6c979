// The tests' side of crowd-process.ts: starts a crowd, waits for what it has reached, and reckons over what it saw.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type CrowdOrder = {
  readonly url: string;
  readonly room: string;
  readonly devices: number;
  /** How long a device stays inside; null: for ever. */
  readonly stayMs: number | null;
  /** Every how-manieth device does not claim; 0: all claim. */
  readonly absentEvery: number;
};

/** One device. Instants are the gateway's (`asOf` of the first status that said so), but for `leavesAtMs`. */
export type CrowdMember = {
  readonly number: number;
  readonly calledAtMs: number | null;
  readonly claimByMs: number | null;
  readonly admittedAtMs: number | null;
  readonly missedAtMs: number | null;
  /** When it asked to leave: until then it was inside for certain. */
  readonly leavesAtMs: number | null;
  readonly passIds: string[];
  /** The statuses of the answers to its claims. */
  readonly claims: number[];
  /** The answers that barred it from claiming, status and body; a page would have gone no further. */
  readonly refusals: string[];
};

export type CrowdTally = {
  readonly joined: number;
  readonly following: number;
  readonly called: number;
  readonly inside: number;
  readonly admitted: number;
  readonly gone: number;
};

export type CrowdReport = { readonly kind: 'report'; readonly members: readonly CrowdMember[] };

const processFile = fileURLToPath(new URL('./crowd-process.ts', import.meta.url));

export class Crowd {
  tally: CrowdTally = { joined: 0, following: 0, called: 0, inside: 0, admitted: 0, gone: 0 };
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();

  constructor(order: CrowdOrder) {
    this.#child = fork(processFile, { execArgv: ['--disable-warning=ExperimentalWarning'] });
    this.#child.on('message', (message: ({ kind: 'tally' } & CrowdTally) | CrowdReport) => {
      if (message.kind !== 'tally') return;
      this.tally = message;
      for (const listener of this.#listeners) listener();
    });
    this.#child.send(order);
  }

  async until(fits: (tally: CrowdTally) => boolean, withinMs: number): Promise<void> {
    let listener: () => void = () => undefined;
    let late: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        listener = () => {
          if (fits(this.tally)) resolve();
        };
        this.#listeners.add(listener);
        const fail = () => reject(new Error(`not reached within ${withinMs} ms: ${JSON.stringify(this.tally)}`));
        late = setTimeout(fail, withinMs);
      });
    } finally {
      clearTimeout(late);
      this.#listeners.delete(listener);
    }
  }

  /** Ends the crowd; what became of its devices, in the order of their arrival. */
  async end(): Promise<readonly CrowdMember[]> {
    const exited = once(this.#child, 'exit');
    const reported = new Promise<CrowdReport>(resolve => {
      this.#child.on('message', (message: CrowdReport | { kind: 'tally' }) => {
        if (message.kind === 'report') resolve(message);
      });
    });
    this.#child.send('report');
    const { members } = await reported;
    await exited;
    return [...members].sort((left, right) => left.number - right.number);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** The most of some instants that fall into any window of that length. */
export function mostWithin(instants: readonly number[], windowMs: number): number {
  const sorted = [...instants].sort((left, right) => left - right);
  let most = 0;
  let first = 0;
  for (const [index, atMs] of sorted.entries()) {
    while ((sorted[first] ?? atMs) <= atMs - windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/** An admission is seen when its status is pushed, up to this long after it was committed. */
const pushedWithinMs = 50;

/** What the promise allows as a crowd sees it: 1 % over the pace; the simulations hold the very instants to it. */
export function mostSeenInTenSeconds(pacePerMinute: number): number {
  return (pacePerMinute / 60_000) * (10_000 * 1.01 + pushedWithinMs) + 1;
}

/** The most of some spans that hold at one instant; `untilMs` null: it never ends. */
export function mostAtOnce(spans: readonly { readonly fromMs: number; readonly untilMs: number | null }[]): number {
  const steps = spans.flatMap(({ fromMs, untilMs }) => [
    { atMs: fromMs, step: 1 },
    { atMs: untilMs ?? Number.POSITIVE_INFINITY, step: -1 },
  ]);
  // What ends at an instant ends before what begins at it.
  steps.sort((left, right) => left.atMs - right.atMs || left.step - right.step);
  let now = 0;
  let most = 0;
  for (const { step } of steps) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}
