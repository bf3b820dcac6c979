// What the parts of the store's contract suite share: the rig that an adapter provides, and the one gateway in it.

import type { Lead, QueueStore } from '../../src/store/queue-store.ts';

/** One set of stored data, and processes that come and go on it. */
export type StoreRig = {
  /** A new process on the data; before that, earlier ones were closed or crashed. */
  open(): Promise<QueueStore>;
  /** Closes `store` in order and opens the data again. */
  reopen(store: QueueStore): Promise<QueueStore>;
  /** The process of `store` dies at this instant, giving nothing back; another opens what it left. */
  crash(store: QueueStore): Promise<QueueStore>;
  /** How many numbers may be left over after a rush, because they were taken ahead for who did not come; else none. */
  readonly leftOverMax?: number;
  /** Lets go of everything. */
  end(): Promise<void>;
};

export type OpenRig = () => Promise<{ readonly rig: StoreRig; readonly store: QueueStore }>;

export const room = 'sale';
const me = 'gateway-1';

export async function leadOf(store: QueueStore): Promise<Lead> {
  const lead = await store.lead(room, me);
  if (lead === null) throw new Error('the only gateway did not get the lead');
  return lead;
}
