// A store whose operations are timed and whose failures are counted. It changes nothing else. Numbers are taken on the hot
// path, many at once: of these one call at a time is measured, and none where the store answers at once.
import type { QueueStore } from '../store/queue-store.ts';
import { LatencyTally } from './operation-metrics.ts';
import type { Tracing } from './tracing.ts';

const measured = ['lead', 'load', 'commit', 'compact', 'take-numbers'] as const;
export type StoreOperation = (typeof measured)[number];
export type StoreTally = Readonly<Record<StoreOperation, { readonly latency: LatencyTally; errors: number }>>;

const boundsMs = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000];

export function newStoreTally(): StoreTally {
  const tally = () => ({ latency: new LatencyTally(boundsMs), errors: 0 });
  return { lead: tally(), load: tally(), commit: tally(), compact: tally(), 'take-numbers': tally() };
}

/** Times the operations of this very store from now on, and traces what a turn decided. */
export function measureStore<Store extends QueueStore>(
  store: Store,
  tally: StoreTally,
  tracing: Tracing | null,
): Store {
  const timed = async <T>(name: StoreOperation, work: Promise<T>): Promise<T> => {
    const startedAtMs = performance.now();
    try {
      return await work;
    } catch (error) {
      tally[name].errors += 1;
      throw error;
    } finally {
      tally[name].latency.add(performance.now() - startedAtMs);
    }
  };
  const spanOf = (room: string, changes: number) =>
    tracing?.begin('commit', { 'junban.room': room, 'junban.changes': changes }) ?? null;
  const { lead, load, commit, compact, takeNumbers } = bound(store);
  store.lead = (...given) => timed('lead', lead(...given));
  store.load = (...given) => timed('load', load(...given));
  store.commit = async (...given) => {
    const [room, , , changes] = given;
    const span = spanOf(room, changes.length);
    const work = timed('commit', commit(...given));
    return span === null ? work : span.around(work, ({ kind }) => kind);
  };
  store.compact = (...given) => timed('compact', compact(...given));
  let isMeasuring = false;
  store.takeNumbers = (...given) => {
    const taken = takeNumbers(...given);
    if (isMeasuring || typeof taken === 'number') return taken;
    isMeasuring = true;
    return timed('take-numbers', taken).finally(() => {
      isMeasuring = false;
    });
  };
  return store;
}

function bound(store: QueueStore): Pick<QueueStore, 'lead' | 'load' | 'commit' | 'compact' | 'takeNumbers'> {
  return {
    lead: store.lead.bind(store),
    load: store.load.bind(store),
    commit: store.commit.bind(store),
    compact: store.compact.bind(store),
    takeNumbers: store.takeNumbers.bind(store),
  };
}
