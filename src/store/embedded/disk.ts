// The embedded store's end of the disk thread: requests become promises, failures become StoreErrors, and a probe a
// second tells whether the disk takes writes. What is asked is left to the store.

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { StoreError } from '../store-error.ts';
import type { DiskAnswer, DiskAnswers, DiskMessage, DiskOpening, DiskReply, DiskRequest } from './disk-protocol.ts';

type Waiting = {
  readonly askedAtMs: number;
  readonly resolve: (answer: DiskAnswer) => void;
  readonly reject: (error: StoreError) => void;
};

/** Requests that may wait for the disk; beyond it a request fails at once instead of filling the memory. */
const requestsMax = 10_000;
const probePeriodMs = 1_000;
/** The disk counts as not answering when a request waits longer. */
const troubleAfterMs = 1_500;
/** A request that waits longer is answered as "outcome not known". */
const answerWithinMs = 10_000;

export class Disk {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  readonly #probing: NodeJS.Timeout;
  #nextId = 1;
  #trouble: string | null = null;
  #ended: string | null = null;

  /** Rejects with StoreError `in-use` if another process has the folder, `unreadable` if it is not for us. */
  static async open(path: string): Promise<Disk> {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(new URL('./disk-worker.ts', import.meta.url), {
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
    if (opening.kind === 'open') return new Disk(worker, port1);
    port1.close();
    await worker.terminate();
    throw new StoreError(opening.code, opening.message);
  }

  private constructor(worker: Worker, port: MessagePort) {
    this.#worker = worker;
    this.#port = port;
    port.on('message', (reply: DiskReply) => this.#onReply(reply));
    worker.on('error', error => this.#end(`the disk thread ended: ${error.message}`));
    worker.on('exit', () => this.#end('the disk thread has ended'));
    this.#probing = setInterval(() => this.#probe(), probePeriodMs).unref();
  }

  /** Why the disk takes no writes; null while it does. Set by any failure, taken back by a probe that worked. */
  get trouble(): string | null {
    return this.#ended ?? this.#trouble;
  }

  request<Request extends DiskRequest>(request: Request): Promise<DiskAnswers[Request['kind']]> {
    if (this.#ended !== null) return Promise.reject(new StoreError('unavailable', this.#ended));
    if (this.#waiting.size >= requestsMax) {
      return Promise.reject(new StoreError('unavailable', `${requestsMax} requests already wait for the disk`));
    }
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      // The protocol pairs each kind of request with its answer.
      const decode = (answer: DiskAnswer) => resolve(answer as DiskAnswers[Request['kind']]);
      this.#waiting.set(id, { askedAtMs: performance.now(), resolve: decode, reject });
      this.#port.postMessage({ id, request } satisfies DiskMessage);
    });
  }

  /** Ends the thread after everything asked before is on disk; at the latest when the disk fails to answer in time. */
  async close(unused: Extract<DiskRequest, { kind: 'close' }>['unused']): Promise<void> {
    if (this.#ended !== null) return;
    const closed = this.request({ kind: 'close', unused });
    const hasExited = new Promise(resolve => this.#worker.once('exit', resolve));
    this.#ended = 'the store is closed';
    try {
      await closed;
      await hasExited;
    } catch {
      // A disk that takes no writes keeps the unused numbers reserved: they are skipped, and nothing else is lost.
      await this.#worker.terminate();
    }
    clearInterval(this.#probing);
    this.#port.close();
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
    const oldest = this.#waiting.values().next().value;
    if (oldest !== undefined && performance.now() - oldest.askedAtMs > troubleAfterMs) {
      this.#trouble = `the disk has not answered for ${Math.round(performance.now() - oldest.askedAtMs)} ms`;
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
      if (nowMs - askedAtMs < answerWithinMs) break;
      this.#waiting.delete(id);
      reject(this.#fail(`the disk did not answer within ${answerWithinMs} ms`, 'unavailable'));
    }
  }

  #fail(message: string, code: 'unavailable' | 'unreadable'): StoreError {
    this.#trouble = message;
    return new StoreError(code, message);
  }

  #end(message: string): void {
    this.#ended ??= message;
    clearInterval(this.#probing);
    for (const { reject } of this.#waiting.values()) reject(new StoreError('unavailable', message));
    this.#waiting.clear();
  }
}
