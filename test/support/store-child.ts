// A process on an embedded store that takes numbers and commits until it is killed, and prints each answer it got as one
// JSON line. Its changes count up and its snapshots hold all of them, so that what is loaded shows what is missing.

import type { RoomChange } from '../../src/queue/room-change.ts';
import { EmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { QueueStore, StoredRoom } from '../../src/store/queue-store.ts';
import { isStoreError } from '../../src/store/store-error.ts';
import { called } from './store-changes.ts';

export type ChildLine =
  | { readonly kind: 'opened'; readonly places: readonly number[] }
  | { readonly kind: 'taken'; readonly first: number; readonly count: number }
  | { readonly kind: 'committed'; readonly version: number };

const room = 'sale';
const compactEvery = 40;

/** Writes to a pipe are synchronous: what was printed has left the process. */
function print(line: ChildLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function placesOf({ snapshot, changes }: StoredRoom): number[] {
  const early = snapshot === null ? [] : (JSON.parse(new TextDecoder().decode(snapshot.bytes)) as number[]);
  return [...early, ...changes.flatMap((change: RoomChange) => (change.kind === 'called' ? change.places : []))];
}

async function takeForEver(store: QueueStore): Promise<never> {
  for (let turn = 0; ; turn++) {
    const count = 1 + ((turn * 7_919) % 60);
    print({ kind: 'taken', first: await store.takeNumbers(room, count), count });
    if (turn % 20 === 0) await new Promise(resolve => setImmediate(resolve));
  }
}

async function commitForEver(store: QueueStore, epoch: number, places: number[]): Promise<never> {
  for (;;) {
    const added = Array.from({ length: 1 + (places.length % 3) }, (_, index) => places.length + index);
    const { kind } = await store.commit(room, epoch, places.length, added.map(called));
    if (kind !== 'committed') throw new Error('the only process was fenced');
    places.push(...added);
    print({ kind: 'committed', version: places.length });
    if (places.length % compactEvery < 3) {
      await store.compact(room, epoch, places.length, new TextEncoder().encode(JSON.stringify(places)));
    }
  }
}

try {
  const store = await EmbeddedStore.open(process.argv[2] ?? '', { nowMs: () => Date.now() });
  const lead = await store.lead(room);
  const places = placesOf(await store.load(room));
  print({ kind: 'opened', places });
  await Promise.all([takeForEver(store), commitForEver(store, lead.epoch, places)]);
} catch (error) {
  if (!isStoreError(error)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exit(1);
}
