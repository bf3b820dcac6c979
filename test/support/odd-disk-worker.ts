// The disk thread of the embedded store, as it is, but it hangs or dies when a test says so over a channel named after the
// folder, or its syncs do. While it hangs it does nothing at all, as a thread in a system call to a disk that does not answer.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { BroadcastChannel, workerData } from 'node:worker_threads';

/**
 * `until`: hangs until its first word is no longer 0, now or in each sync that is waited for from now on. The first word of
 * `hangs` is set when one does, that of `followed` when one was asked for that nobody waits for, that of `heard` when the
 * order holds.
 */
export type DiskOrder =
  | { readonly kind: 'hang'; readonly until: Int32Array }
  | { readonly kind: 'die' }
  | {
      readonly kind: 'hang-in-sync';
      readonly until: Int32Array;
      readonly hangs: Int32Array;
      readonly followed: Int32Array;
      readonly heard: Int32Array;
    }
  | { readonly kind: 'fail-in-sync'; readonly heard: Int32Array };

const orders = new BroadcastChannel((workerData as { readonly path: string }).path);
orders.unref();
const [sync, syncBeside] = [fs.fdatasyncSync, fs.fdatasync];
orders.onmessage = event => {
  const { data: order } = event as { readonly data: DiskOrder };
  switch (order.kind) {
    case 'die':
      throw new Error('out of order');
    case 'hang':
      return void Atomics.wait(order.until, 0, 0);
    case 'hang-in-sync':
      fs.fdatasyncSync = log => {
        Atomics.store(order.hangs, 0, 1);
        Atomics.wait(order.until, 0, 0);
        sync(log);
      };
      replaceSyncBeside((log, done) => {
        Atomics.store(order.followed, 0, 1);
        syncBeside(log, done);
      });
      break;
    case 'fail-in-sync':
      fs.fdatasyncSync = () => {
        throw eio();
      };
      replaceSyncBeside((_, done) => done(eio()));
  }
  syncBuiltinESMExports();
  Atomics.store(order.heard, 0, 1);
};

const eio = () => new Error('EIO: i/o error, fdatasync');

function replaceSyncBeside(act: (log: number, done: fs.NoParamCallback) => void): void {
  fs.fdatasync = Object.assign(act, { __promisify__: syncBeside.__promisify__ });
}

await import('../../src/store/embedded/disk-worker.ts');
