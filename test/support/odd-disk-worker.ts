// The disk thread of the embedded store, as it is, but it hangs or dies when a test says so over a channel named after the
// folder. While it hangs it does nothing at all, as a thread in a system call to a disk that does not answer.

import { BroadcastChannel, workerData } from 'node:worker_threads';
import '../../src/store/embedded/disk-worker.ts';

/** `until`: hangs until its first word is no longer 0. */
export type DiskOrder = { readonly kind: 'hang'; readonly until: Int32Array } | { readonly kind: 'die' };

const orders = new BroadcastChannel((workerData as { readonly path: string }).path);
orders.unref();
orders.onmessage = event => {
  const { data: order } = event as { readonly data: DiskOrder };
  if (order.kind === 'die') throw new Error('out of order');
  Atomics.wait(order.until, 0, 0);
};
