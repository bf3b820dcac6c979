// The embedded store's end of the disk thread: requests become promises, failures become StoreErrors.

import { MessageChannel, Worker } from 'node:worker_threads';
import { StoreError } from '../store-error.ts';
import type { DiskMessage, DiskOpening, DiskReply, DiskRequest, DiskResult } from './disk-protocol.ts';

type Waiting = { readonly resolve: (result: DiskResult) => void; readonly reject: (error: StoreError) => void };

/** Requests that may wait for the disk; beyond it a request fails at once instead of filling the memory. */
const requestsMax = 10_000;

export class Disk {
  readonly #worker: Worker;
  readonly #port: MessageChannel['port1'];
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  /** Why the last write failed; null after one that worked. */
  trouble: string | null = null;

  /** Rejects with `in-use` if another process has the folder. */
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
      worker.once('error', reject);
    });
    if (opening.kind === 'refused') {
      await worker.terminate();
      throw new StoreError(opening.code, opening.message);
    }
    return new Disk(worker, port1);
  }

  private constructor(worker: Worker, port: MessageChannel['port1']) {
    this.#worker = worker;
    this.#port = port;
    port.on('message', (reply: DiskReply) => this.#onReply(reply));
    worker.on('error', error => this.#failAll(`the disk thread ended: ${error.message}`));
    worker.on('exit', () => this.#failAll('the disk thread has ended'));
  }

  request(request: DiskRequest): Promise<DiskResult> {
    if (this.#waiting.size >= requestsMax) {
      return Promise.reject(new StoreError('unavailable', `${requestsMax} requests already wait for the disk`));
    }
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ id, request } satisfies DiskMessage);
    });
  }

  /** Ends the thread after everything asked before is on disk. */
  async close(reserved: readonly (readonly [string, number])[]): Promise<void> {
    const hasEnded = new Promise(resolve => this.#worker.once('exit', resolve));
    await this.request({ kind: 'close', reserved });
    await hasEnded;
    this.#port.close();
  }

  #onReply(reply: DiskReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.kind === 'done') {
      this.trouble = null;
      waiting?.resolve(reply.result);
    } else {
      this.trouble = `the disk refuses writes: ${reply.message}`;
      waiting?.reject(new StoreError('unavailable', this.trouble));
    }
  }

  #failAll(message: string): void {
    if (this.#waiting.size > 0) this.trouble = message;
    for (const { reject } of this.#waiting.values()) reject(new StoreError('unavailable', message));
    this.#waiting.clear();
  }
}
