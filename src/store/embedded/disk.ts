// The embedded store's end of the disk thread: requests become promises, failures become StoreErrors, and a probe a
// second tells whether the disk takes writes, and starts the thread again if it died. What is asked is left to the store.

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { StoreError } from '../store-error.ts';
import type { DiskAnswer, DiskAnswers, DiskMessage, DiskOpening, DiskReply, DiskRequest } from './disk-protocol.ts';

type Waiting = {
  readonly askedAtMs: number;
  readonly resolve: (answer: DiskAnswer) => void;
  readonly reject: (error: StoreError) => void;
};

type DiskThread = { readonly worker: Worker; readonly port: MessagePort };

export type DiskOptions = {
  /** How often the disk is tried, and a thread that died is started again. */
  readonly probePeriodMs: number;
  /** The disk counts as not answering when a request waits longer. */
  readonly troubleAfterMs: number;
  /** A request that waits longer is answered as "outcome not known". */
  readonly answerWithinMs: number;
  /** What the thread runs. */
  readonly script: URL;
};

const defaultOptions: DiskOptions = {
  probePeriodMs: 1_000,
  troubleAfterMs: 1_500,
  answerWithinMs: 10_000,
  script: new URL('./disk-worker.ts', import.meta.url),
};

/** Requests that may wait for the disk; beyond it a request fails at once instead of filling the memory. */
const requestsMax = 10_000;

export class Disk {
  readonly #options: DiskOptions;
  readonly #start: () => Promise<DiskThread>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #probing: NodeJS.Timeout;
  /** Null from the end of a thread until another one has the folder. */
  #thread: DiskThread | null = null;
  #isStarting = false;
  #nextId = 1;
  #trouble: string | null = null;
  #ended: string | null = null;

  /** Rejects with StoreError `in-use` if another process has the folder, `unreadable` if it is not for us. */
  static async open(path: string, given: Partial<DiskOptions> = {}): Promise<Disk> {
    const options = { ...defaultOptions, ...given };
    const start = () => startThread(path, options.script);
    return new Disk(options, start, await start());
  }

  private constructor(options: DiskOptions, start: () => Promise<DiskThread>, thread: DiskThread) {
    this.#options = options;
    this.#start = start;
    this.#use(thread);
    this.#probing = setInterval(() => this.#probe(), options.probePeriodMs).unref();
  }

  /** Why the disk takes no writes; null while it does. Set by any failure, taken back by a probe that worked. */
  get trouble(): string | null {
    return this.#ended ?? this.#trouble;
  }

  request<Request extends DiskRequest>(request: Request): Promise<DiskAnswers[Request['kind']]> {
    const thread = this.#thread;
    if (this.#ended !== null || thread === null) {
      return Promise.reject(new StoreError('unavailable', this.trouble ?? 'the disk thread starts'));
    }
    if (this.#waiting.size >= requestsMax) {
      return Promise.reject(new StoreError('unavailable', `${requestsMax} requests already wait for the disk`));
    }
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      // The protocol pairs each kind of request with its answer.
      const decode = (answer: DiskAnswer) => resolve(answer as DiskAnswers[Request['kind']]);
      this.#waiting.set(id, { askedAtMs: performance.now(), resolve: decode, reject });
      thread.port.postMessage({ id, request } satisfies DiskMessage);
    });
  }

  /** Ends the thread after everything asked before is on disk; at the latest when the disk fails to answer in time. */
  async close(unused: Extract<DiskRequest, { kind: 'close' }>['unused']): Promise<void> {
    if (this.#ended !== null) return;
    const thread = this.#thread;
    const closed = this.request({ kind: 'close', unused });
    this.#ended = 'the store is closed';
    try {
      const hasExited = new Promise(resolve => thread?.worker.once('exit', resolve));
      await closed;
      await hasExited;
    } catch {
      // A disk that takes no writes keeps the unused numbers reserved: they are skipped, and nothing else is lost.
      await thread?.worker.terminate();
    }
    clearInterval(this.#probing);
  }

  #use(thread: DiskThread): void {
    this.#thread = thread;
    thread.port.on('message', (reply: DiskReply) => this.#onReply(reply));
    thread.worker.on('error', error => this.#onThreadEnd(thread, `the disk thread ended: ${error.message}`));
    thread.worker.on('exit', () => this.#onThreadEnd(thread, 'the disk thread has ended'));
  }

  /** Nobody knows what became of requests under way. The next probe starts another thread. // ST16 */
  #onThreadEnd(thread: DiskThread, message: string): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    thread.port.close();
    for (const { reject } of this.#waiting.values()) reject(this.#fail(message, 'unavailable'));
    this.#waiting.clear();
    this.#trouble = message;
  }

  #restart(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    this.#start()
      .then(
        async thread => {
          if (this.#ended === null) this.#use(thread);
          else await thread.worker.terminate();
        },
        error => {
          this.#trouble = error instanceof Error ? error.message : String(error);
        },
      )
      .finally(() => {
        this.#isStarting = false;
      });
  }

  #onReply(reply: DiskReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.kind === 'done') waiting?.resolve(reply.answer);
    else waiting?.reject(this.#fail(`the disk refuses: ${reply.message}`, reply.code));
  }

  #probe(): void {
    this.#rejectOverdue(performance.now());
    if (this.#ended !== null) return;
    if (this.#thread === null) return this.#restart();
    const oldest = this.#waiting.values().next().value;
    const waitedMs = oldest === undefined ? 0 : performance.now() - oldest.askedAtMs;
    if (waitedMs > this.#options.troubleAfterMs) {
      this.#trouble = `the disk has not answered for ${Math.round(waitedMs)} ms`;
      return;
    }
    this.request({ kind: 'probe', atMs: Date.now() }).then(
      () => {
        this.#trouble = null;
      },
      // Whatever fails has told `trouble` already.
      () => undefined,
    );
  }

  #rejectOverdue(nowMs: number): void {
    for (const [id, { askedAtMs, reject }] of this.#waiting) {
      if (nowMs - askedAtMs < this.#options.answerWithinMs) break;
      this.#waiting.delete(id);
      reject(this.#fail(`the disk did not answer within ${this.#options.answerWithinMs} ms`, 'unavailable'));
    }
  }

  #fail(message: string, code: 'unavailable' | 'unreadable'): StoreError {
    this.#trouble = message;
    return new StoreError(code, message);
  }
}

/** Rejects with the StoreError that tells why the folder cannot be had. */
async function startThread(path: string, script: URL): Promise<DiskThread> {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(script, {
    workerData: { path, port: port2 },
    transferList: [port2],
    // node:sqlite announces itself as experimental on every start; that is decided, not news.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const opening = await new Promise<DiskOpening>((resolve, reject) => {
    port1.once('message', resolve);
    worker.once('error', cause => reject(new StoreError('unavailable', 'the disk thread cannot start', { cause })));
    worker.once('exit', () => {
      // A thread that refuses ends at once; what it said may still lie in the port.
      const said = receiveMessageOnPort(port1);
      if (said !== undefined) resolve(said.message as DiskOpening);
      reject(new StoreError('unavailable', 'the disk thread ended before it had the folder'));
    });
  });
  if (opening.kind === 'open') return { worker, port: port1 };
  port1.close();
  await worker.terminate();
  throw new StoreError(opening.code, opening.message);
}
